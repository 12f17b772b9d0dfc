/* Done callbacks of futures: a file of its own, since most programs await instead. */
#include "async/loop_internal.h"

static void call(struct ready *ready)
{
    struct done_callback *c = container_of(ready, struct done_callback, ready);

    c->future->retrieved = true;
    c->fn(c->future, c->arg);
}

static void schedule(struct future_watcher *watcher, struct future *f)
{
    struct done_callback *c = container_of(watcher, struct done_callback, watcher);

    (void)f;
    ready_push(&loop_running()->ready, &c->ready);
}

void future_add_done_callback(struct future *f, struct done_callback *callback,
                              void (*fn)(struct future *f, void *arg), void *arg)
{
    *callback = (struct done_callback){
        .watcher.tell = schedule,
        .ready.run = call,
        .future = f,
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
