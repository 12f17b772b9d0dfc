#include "async/task_group.h"

#include "async/future_internal.h"
#include "async/loop_internal.h"

#include <errno.h>
#include <stdlib.h>

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
}

static void cancel_members(struct task_group *g)
{
    g->canceled = true;
    for (struct list *node = g->members.next; node != &g->members; node = node->next)
        task_cancel(container_of(node, struct member, link)->task);
}

static void member_done(struct future_watcher *watcher, struct future *f)
{
    struct task_group *g = container_of(watcher, struct member, watcher)->group;

    f->retrieved = true;
    if (f->result >= 0 || f->result == -ECANCELED || g->canceled)
        return;
    g->error = f->result;
    cancel_members(g);
}

int task_group_create(struct task_group *g, struct coro *coro)
{
    struct member *m = coro ? malloc(sizeof *m) : NULL;
    int err = m == NULL ? -ENOMEM : g->canceled ? -ECANCELED : 0;

    if (err == 0) {
        *m = (struct member){.watcher.tell = member_done, .group = g};
        m->task = task_create(coro);
        coro = NULL;
        err = m->task == NULL ? -ENOMEM : 0;
    }
    if (err < 0) {
        if (coro != NULL)
            coro_destroy(coro);
        free(m);
        return err;
    }
    list_append(&m->task->future.watchers, &m->watcher.link);
    list_append(&g->members, &m->link);
    return 0;
}

/* Wait for the oldest member, and forget it. 0, or an error when the caller cannot wait. */
static int take_first(struct task_group *g)
{
    struct member *m = container_of(g->members.next, struct member, link);
    struct future *f = &m->task->future;

    if (g->canceled) {
        future_outwait(f);
    } else if (!f->done) {
        int err = future_await_shielded(f, NO_DEADLINE);

        if (task_current()->wait_canceled || !f->done)
            return err; /* the caller was canceled, not the member */
    }
    list_remove(&m->link);
    task_release(m->task);
    free(m);
    return 0;
}

int task_group_wait(struct task_group *g)
{
    int canceled = 0;

    while (!list_empty(&g->members)) {
        int err = take_first(g);

        if (err < 0) {
            canceled = err;
            cancel_members(g);
        }
    }
    return canceled < 0 ? canceled : g->error;
}

void task_group_cancel(struct task_group *g)
{
    cancel_members(g);
    while (!list_empty(&g->members))
        take_first(g);
}
