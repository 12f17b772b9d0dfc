#include "async/future.h"

#include "async/future_internal.h"
#include "async/loop_internal.h"
#include "async/wait.h"

#include <errno.h>

static int future_await_op(struct awaitable *a)
{
    return future_await(container_of(a, struct future, awaitable));
}

void future_init(struct future *f)
{
    *f = (struct future){.awaitable.await = future_await_op};
    list_init(&f->watchers);
}

static int finish(struct future *f, int result)
{
    struct list *node;

    if (f->done)
        return -EALREADY;
    f->done = true;
    f->result = result;
    while ((node = list_take_first(&f->watchers)) != NULL) {
        struct future_watcher *watcher = container_of(node, struct future_watcher, link);

        watcher->tell(watcher, f);
    }
    return 0;
}

int future_set_result(struct future *f, int result)
{
    return result < 0 ? -EINVAL : finish(f, result);
}

int future_set_error(struct future *f, int error)
{
    return error >= 0 ? -EINVAL : finish(f, error);
}

bool future_done(const struct future *f)
{
    return f->done;
}

int future_result(struct future *f)
{
    if (!f->done)
        return -EINPROGRESS;
    f->retrieved = true;
    return f->result;
}

void future_watch(struct future *f, struct future_watcher *watcher)
{
    f->retrieved = true;
    list_append(&f->watchers, &watcher->link);
}

bool future_is(const struct awaitable *a)
{
    return a->await == future_await_op;
}

static void wake_watching_task(struct future_watcher *watcher, struct future *f)
{
    f->retrieved = true;
    wait_wake(container_of(watcher, struct task, watcher), f->result);
}

/* Wait for a future that is not done. `awaited`: what a cancellation of this task is passed on to.
 */
static int watch(struct future *f, uint64_t deadline_ns, struct task *awaited)
{
    struct task *t = task_current();
    int result;

    t->watcher.tell = wake_watching_task;
    list_append(&f->watchers, &t->watcher.link);
    t->awaited = awaited;
    if (awaited != NULL && t->cancel_requested) { /* it came before this wait */
        t->cancel_requested = false;
        task_cancel(t);
    }
    result = wait_suspend(deadline_ns);
    t->awaited = NULL;
    if (list_linked(&t->watcher.link)) /* nothing came of it: it must not wake us later */
        list_remove(&t->watcher.link);
    return result;
}

int future_await_shielded(struct future *f, uint64_t deadline_ns)
{
    if (f->done)
        return future_result(f);
    if (&task_current()->future == f)
        return -EDEADLK;
    return watch(f, deadline_ns, NULL);
}

void future_outwait(struct future *f)
{
    struct task *t = task_current();

    while (!f->done) {
        t->watcher.tell = wake_watching_task;
        list_append(&f->watchers, &t->watcher.link);
        wait_suspend_uncancelable();
        if (list_linked(&t->watcher.link)) /* woken for something else */
            list_remove(&t->watcher.link);
    }
}

int future_await_until(struct future *f, uint64_t deadline_ns)
{
    if (f->done)
        return future_result(f);
    if (&task_current()->future == f)
        return -EDEADLK;
    return watch(f, deadline_ns, f->is_task ? container_of(f, struct task, future) : NULL);
}

int future_await(struct future *f)
{
    return future_await_until(f, NO_DEADLINE);
}
