#include "async/task_group.h"

#include "async/loop_internal.h"
#include "async/wait.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>

/* One unfinished task; freed when that ends. */
struct member {
    struct list link; /* in the group's members */
    struct future_watcher watcher;
    struct task *task;
    struct task_group *group;
};

void task_group_init(struct task_group *g)
{
    *g = (struct task_group){0};
    list_init(&g->members);
    list_init(&g->waiters);
}

/* `caller` is the task that leaves the scope; NULL when a member's end is the reason. */
static void cancel_members(struct task_group *g, struct task *caller)
{
    g->canceled = true;
    for (struct list *node = g->members.next; node != &g->members; node = node->next) {
        struct task *t = container_of(node, struct member, link)->task;

        if (caller != NULL)
            task_cancel_from(caller, t);
        else
            task_cancel(t);
    }
}

static void member_done(struct future_watcher *watcher, struct future *f)
{
    struct member *m = container_of(watcher, struct member, watcher);
    struct task_group *g = m->group;

    f->retrieved = true;
    m->task->flags
        .holds--; /* not task_release(): the loop's step that has ended the task frees it */
    list_remove(&m->link);
    free(m);
    if (f->result < 0 && f->result != -ECANCELED && !g->canceled) {
        g->error = f->result;
        cancel_members(g, NULL);
    }
    if (list_empty(&g->members))
        wait_list_wake_all(&g->waiters);
}

/* The scope of the group will wait for its members. */
static int secure_waits(void)
{
    return task_running() != NULL ? task_secure_waits(task_running()) : 0;
}

int task_group_create(struct task_group *g, struct coro *coro)
{
    /* -ENOMEM: what may still go wrong */
    int err = coro != NULL && coro->awaited ? -EALREADY : g->canceled ? -ECANCELED : -ENOMEM;
    bool possible = err == -ENOMEM && coro != NULL && secure_waits() == 0;
    struct member *m = possible ? malloc(sizeof *m) : NULL;

    if (m == NULL) {
        if (coro != NULL && !coro->owned)
            coro_destroy(coro);
        return err;
    }
    *m = (struct member){.watcher.tell = member_done, .group = g, .task = task_create(coro)};
    if (m->task == NULL) {
        free(m);
        return -ENOMEM;
    }
    list_append(&m->task->future.watchers, &m->watcher.link);
    list_append(&g->members, &m->link);
    return 0;
}

static bool is_member(const struct task_group *g, const struct task *t)
{
    for (struct list *node = g->members.next; node != &g->members; node = node->next)
        if (container_of(node, struct member, link)->task == t)
            return true;
    return false;
}

/* Wait until the group is empty. True when the caller was canceled meanwhile. One that cannot be
 * parked waits all the same, and keeps its home (home.h). */
static bool outwait_members(struct task_group *g)
{
    struct task *caller = task_running();
    bool canceled = false;

    while (!list_empty(&g->members)) {
        if (wait_list_suspend(&g->waiters, NO_DEADLINE, NULL) == -ENOMEM) {
            list_append(&g->waiters, &caller->watcher.link);
            wait_suspend_uncancelable();
        }
        if (caller->flags.wait_canceled) {
            canceled = true;
            cancel_members(g, caller);
        }
    }
    return canceled;
}

int task_group_wait(struct task_group *g)
{
    bool canceled;
    int error;

    if (task_running() == NULL && !list_empty(&g->members))
        return wait_refuse();
    if (is_member(g, task_running()))
        return -EDEADLK;
    canceled = outwait_members(g);
    error = g->error;
    if (error < 0 && canceled)
        task_cancel(task_running());
    task_group_init(g);
    return error < 0 ? error : canceled ? -ECANCELED : 0;
}

void task_group_cancel(struct task_group *g)
{
    struct task *caller = task_running();

    cancel_members(g, caller);
    if (caller == NULL && !list_empty(&g->members))
        wait_refuse();
    if (caller == NULL || is_member(g, caller))
        return;
    if (outwait_members(g))
        task_cancel(caller);
    task_group_init(g);
}
