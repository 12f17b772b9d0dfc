#include "async/future.h"

#include "async/loop_internal.h"
#include "async/wait.h"

#include <errno.h>

int future_await_op(struct awaitable *a)
{
    return future_await(container_of(a, struct future, awaitable));
}

void future_init(struct future *f)
{
    future_set_up(f, false);
}

void future_tell(struct future *f)
{
    struct list *node;

    while ((node = list_take_first(&f->watchers)) != NULL) {
        struct future_watcher *watcher = container_of(node, struct future_watcher, link);

        watcher->tell(watcher, f);
    }
}

int future_set_result(struct future *f, int result)
{
    return result < 0 ? -EINVAL : future_finish(f, result);
}

int future_set_error(struct future *f, int error)
{
    return error >= 0 ? -EINVAL : future_finish(f, error);
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

/* ---- A task that waits ---- */

static void wake_watching_task(struct future_watcher *watcher, struct future *f)
{
    f->retrieved = true;
    wait_wake(container_of(watcher, struct task, watcher), f->result);
}

static void watch(struct future *f, struct task *t)
{
    t->watcher.tell = wake_watching_task;
    list_append(&f->watchers, &t->watcher.link);
}

/* After a wait that something else ended: a future that is done later must not wake the task. */
static void unwatch(struct task *t)
{
    if (list_linked(&t->watcher.link))
        list_remove(&t->watcher.link);
}

/* Wait for a future. A cancellation of the waiting task goes on to `awaited`, if that is not NULL.
 */
static int await_passing(struct future *f, uint64_t deadline_ns, struct task *awaited)
{
    struct task *t = task_running();
    int result;

    if (f->done)
        return future_result(f);
    if (t == NULL)
        return wait_refuse();
    if (&t->future == f)
        return -EDEADLK;
    watch(f, t);
    t->awaited = awaited;
    if (awaited != NULL && t->flags.cancel_requested) { /* the request came before this wait */
        t->flags.cancel_requested = false;
        task_cancel(t);
    }
    result = wait_suspend(deadline_ns);
    t->awaited = NULL;
    unwatch(t);
    return result;
}

int future_await_shielded(struct future *f, uint64_t deadline_ns)
{
    return await_passing(f, deadline_ns, NULL);
}

int future_await_until(struct future *f, uint64_t deadline_ns)
{
    return await_passing(f, deadline_ns, f->is_task ? container_of(f, struct task, future) : NULL);
}

int future_await(struct future *f)
{
    return future_await_until(f, NO_DEADLINE);
}

/* ---- Done callbacks ---- */

/* A callback that is due holds its task, also after the creator has released that. */
static struct task *held_task(struct done_callback *c)
{
    return c->future->is_task ? container_of(c->future, struct task, future) : NULL;
}

static void call(struct ready *ready)
{
    struct done_callback *c = container_of(ready, struct done_callback, ready);
    struct task *held = held_task(c);

    c->future->retrieved = true;
    c->fn(c->future, c->arg);
    task_release(held);
}

void done_callback_drop(struct ready *ready)
{
    task_release(held_task(container_of(ready, struct done_callback, ready)));
}

static void schedule(struct future_watcher *watcher, struct future *f)
{
    struct done_callback *c = container_of(watcher, struct done_callback, watcher);

    if (f->is_task)
        task_hold(held_task(c));
    ready_push(&c->loop->ready, &c->ready);
}

void future_add_done_callback(struct future *f, struct done_callback *callback,
                              void (*fn)(struct future *f, void *arg), void *arg)
{
    *callback = (struct done_callback){
        .watcher.tell = schedule,
        .ready.run = call,
        .future = f,
        .loop = loop_running(),
        .fn = fn,
        .arg = arg,
    };
    if (f->done)
        schedule(&callback->watcher, f);
    else
        list_append(&f->watchers, &callback->watcher.link);
}

bool future_remove_done_callback(struct done_callback *callback)
{
    if (!list_linked(&callback->watcher.link))
        return false;
    list_remove(&callback->watcher.link);
    return true;
}
