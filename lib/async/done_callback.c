/* Done callbacks of futures: a file of its own, since most programs await instead. */
#include "async/loop_internal.h"

/* A task whose creator has let go of it is kept until its callbacks have been called. */
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
