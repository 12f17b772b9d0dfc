/* Futures: a result that is set once and may be awaited by any number of tasks (asyncio: Future).
 *
 * The struct is public so that it can be embedded and needs no allocation; treat the fields as
 * private. All calls on the thread of the loop that the awaiting tasks run on. */
#ifndef TVA_ASYNC_FUTURE_H
#define TVA_ASYNC_FUTURE_H

#include "async/awaitable.h"
#include "async/ready.h"
#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

struct future {
    struct awaitable awaitable;
    struct list watchers; /* who is to be told, in the order they came: tasks and callbacks */
    int result;           /* meaningful once done; >= 0, or a negative errno */
    bool done;            /* never goes back to false */
    bool retrieved;       /* somebody has asked for the result, or been told it */
    bool is_task;
};

/* Something to be told when a future is done. Embed it; it must stay until told or removed. */
struct future_watcher {
    struct list link; /* in the future's watchers until told */
    void (*tell)(struct future_watcher *watcher, struct future *f);
};

/* A function to be called when a future is done. The storage is the caller's and must stay until
 * the call, or until future_remove_done_callback(). */
struct done_callback {
    struct future_watcher watcher;
    struct ready ready;
    struct future *future;
    struct loop *loop; /* which calls it */
    void (*fn)(struct future *f, void *arg);
    void *arg;
};

/* Make a pending future in the caller's storage. Nothing to free: it may be dropped once no task
 * waits on it. */
void future_init(struct future *f);

/* Finish it with a result >= 0; every waiting task becomes ready, in order. 0, or -EALREADY when it
 * was done (asyncio: InvalidStateError), -EINVAL for a negative result. */
int future_set_result(struct future *f, int result);

/* Finish it with an error, a negative errno. Errors as above. */
int future_set_error(struct future *f, int error);

/* True once a result or an error was set. */
bool future_done(const struct future *f);

/* The result or error; -EINPROGRESS while pending (asyncio: InvalidStateError). */
int future_result(struct future *f);

/* Wait for it (asyncio: `await f`): its result or error. Does not yield when it is done already.
 * -ECANCELED when the waiting task is canceled meanwhile: a plain future is left alone; when it is
 * a task, the cancellation is passed on to that task, whose result this wait then gives
 * (task_shield() keeps it from that). */
int future_await(struct future *f);

/* Let the running loop call fn(f, arg) soon after f is done, in its next turn if f is done already
 * (asyncio: add_done_callback); callbacks are called in the order they were added. It counts as
 * asking for the result. fn may free the callback and the future; a task stays until fn has
 * returned, also one that was released. A callback still due when its loop is destroyed is not
 * called any more. */
void future_add_done_callback(struct future *f, struct done_callback *callback,
                              void (*fn)(struct future *f, void *arg), void *arg);

/* Take it back (asyncio: remove_done_callback). True when it will not be called; false when the
 * call is due already, and comes, or is over. */
bool future_remove_done_callback(struct done_callback *callback);

/* Let watcher->tell(watcher, f) be called by whoever finishes f, which is not done yet: on the
 * spot, without a turn of the loop, and inside no task. It counts as asking for the result. */
void future_watch(struct future *f, struct future_watcher *watcher);

/* future_await() with a deadline: -ETIMEDOUT when that passes first; the future goes on. */
int future_await_until(struct future *f, uint64_t deadline_ns);

#endif
