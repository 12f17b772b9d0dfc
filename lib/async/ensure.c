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

struct future *ensure_future(struct awaitable *a, struct task **made)
{
    struct coro *coro = coro_from_awaitable(a);

    *made = NULL;
    if (future_is(a))
        return container_of(a, struct future, awaitable);
    *made = task_create(coro ? coro : coro_create(await_arg, a));
    return *made ? &(*made)->future : NULL;
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
        futures[i] = ensure_future(awaitables[i], &made[i]);
        if (futures[i] == NULL) {
            ensure_discard(awaitables + i + 1, n - i - 1);
            return -ENOMEM;
        }
    }
    return 0;
}

/* One wait for several futures; it lives on the waiting task's stack. */
struct joint_wait {
    struct task *waiter;
    size_t pending;
    enum task_wait_for_what what;
};

struct joint_watcher {
    struct future_watcher watcher;
    struct joint_wait *joint;
};

static bool is_over(const struct joint_wait *joint, int result)
{
    return joint->pending == 0 || joint->what == TASK_WAIT_FIRST ||
           (joint->what == TASK_WAIT_FIRST_ERROR && result < 0);
}

static void one_done(struct future_watcher *watcher, struct future *f)
{
    struct joint_wait *joint = container_of(watcher, struct joint_watcher, watcher)->joint;

    joint->pending--;
    if (is_over(joint, f->result))
        wait_wake(joint->waiter, 0);
}

int ensure_wait(struct future *const *futures, size_t n, enum task_wait_for_what what,
                uint64_t deadline_ns)
{
    struct joint_wait joint = {.waiter = task_current(), .pending = n, .what = what};
    struct joint_watcher *watchers = calloc(n + 1, sizeof *watchers);
    bool over = n == 0;
    int err = 0;

    if (watchers == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        watchers[i] = (struct joint_watcher){.watcher.tell = one_done, .joint = &joint};
        if (!futures[i]->done) {
            list_append(&futures[i]->watchers, &watchers[i].watcher.link);
            continue;
        }
        joint.pending--;
        over = over || is_over(&joint, futures[i]->result);
    }
    if (!over)
        err = wait_suspend(deadline_ns);
    for (size_t i = 0; i < n; i++)
        if (list_linked(&watchers[i].watcher.link))
            list_remove(&watchers[i].watcher.link);
    free(watchers);
    return err;
}
