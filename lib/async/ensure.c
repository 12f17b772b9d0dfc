#include "async/ensure.h"

#include "async/coro_internal.h"
#include "async/future_internal.h"
#include "async/loop_internal.h"
#include "async/wait.h"

#include <errno.h>
#include <stdlib.h>

static int await_arg(void *arg)
{
    return await_on(arg);
}

int ensure_future(struct awaitable *a, struct future **out, struct task **made)
{
    struct coro *coro = coro_from_awaitable(a);

    *out = NULL;
    *made = NULL;
    if (a == NULL)
        return -ENOMEM;
    if (future_is(a)) {
        *out = container_of(a, struct future, awaitable);
        return 0;
    }
    if (coro != NULL && coro->awaited) {
        if (!coro->owned)
            coro_destroy(coro);
        return -EALREADY;
    }
    *made = task_create(coro ? coro : coro_create(await_arg, a));
    if (*made == NULL)
        return -ENOMEM;
    *out = &(*made)->future;
    return 0;
}

void ensure_discard(struct awaitable *const *awaitables, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct coro *coro = coro_from_awaitable(awaitables[i]);

        if (coro != NULL && !coro->owned)
            coro_destroy(coro);
    }
}

int ensure_futures(struct awaitable *const *awaitables, size_t n, struct future **futures,
                   struct task **made)
{
    for (size_t i = 0; i < n; i++) {
        int err = ensure_future(awaitables[i], &futures[i], &made[i]);

        if (err == 0 && futures[i] == &task_current()->future)
            err = -EDEADLK;
        if (err < 0) {
            ensure_discard(awaitables + i + 1, n - i - 1);
            return err;
        }
    }
    return 0;
}

/* One wait for several futures; it lives on the waiting task's stack. */
struct joint_wait {
    struct task *waiter;
    size_t pending;
    int first_error; /* the first to happen; 0 while there is none */
    bool any;        /* is done */
    bool cancel_is_error;
    enum task_wait_for_what what;
};

struct joint_watcher {
    struct future_watcher watcher;
    struct joint_wait *joint;
};

/* Take note of one that is done. */
static void count_done(struct joint_wait *joint, const struct future *f)
{
    joint->pending--;
    joint->any = true;
    if (f->result < 0 && joint->first_error == 0 &&
        (f->result != -ECANCELED || joint->cancel_is_error))
        joint->first_error = f->result;
}

static bool is_over(const struct joint_wait *joint)
{
    return joint->pending == 0 || (joint->what == TASK_WAIT_FIRST && joint->any) ||
           (joint->what == TASK_WAIT_FIRST_ERROR && joint->first_error < 0);
}

static void one_done(struct future_watcher *watcher, struct future *f)
{
    struct joint_wait *joint = container_of(watcher, struct joint_watcher, watcher)->joint;

    count_done(joint, f);
    if (is_over(joint))
        wait_wake(joint->waiter, 0);
}

int ensure_wait(struct future *const *futures, size_t n, enum task_wait_for_what what,
                uint64_t deadline_ns, int *first_error)
{
    struct joint_wait joint = {.waiter = task_current(),
                               .pending = n,
                               .what = what,
                               .cancel_is_error = first_error != NULL};
    struct joint_watcher *watchers = calloc(n + 1, sizeof *watchers);
    int err = 0;

    if (watchers == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        watchers[i] = (struct joint_watcher){.watcher.tell = one_done, .joint = &joint};
        if (futures[i]->done)
            count_done(&joint, futures[i]);
        else
            list_append(&futures[i]->watchers, &watchers[i].watcher.link);
    }
    if (!is_over(&joint))
        err = wait_suspend(deadline_ns);
    for (size_t i = 0; i < n; i++)
        if (list_linked(&watchers[i].watcher.link))
            list_remove(&watchers[i].watcher.link);
    free(watchers);
    if (first_error != NULL)
        *first_error = joint.first_error;
    return err;
}

static struct task *other_task(struct future *f, struct task *caller)
{
    return f == NULL || !f->is_task || f == &caller->future ? NULL
                                                            : container_of(f, struct task, future);
}

bool ensure_ended(struct future *const *futures, size_t n)
{
    struct task *caller = task_current();
    bool cancel = true, canceled = false;

    for (size_t i = 0; i < n;) {
        struct task *t = other_task(futures[i], caller);

        if (t == NULL || t->future.done) {
            i++;
            continue;
        }
        for (size_t j = i; cancel && j < n; j++)
            if (other_task(futures[j], caller) != NULL)
                task_cancel_from(caller, other_task(futures[j], caller));
        future_await_shielded(&t->future, NO_DEADLINE);
        cancel = caller->wait_canceled;
        canceled = canceled || cancel;
    }
    return canceled;
}
