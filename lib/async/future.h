/* Futures: a result that is set once and that any number of tasks may await (asyncio: Future).
 *
 * The structs are public so that they can be embedded and need no allocation; their fields are
 * private. All calls on the thread of the loop that the awaiting tasks run on. */
#ifndef TVA_ASYNC_FUTURE_H
#define TVA_ASYNC_FUTURE_H

#include "async/coro.h"
#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* What the loop runs in its next turn: a task or a callback. Invariant: in the loop's queue at most
 * once. */
struct ready {
    struct ready *next;
    void (*run)(struct ready *ready); /* NULL: a task's that has suspended; all that it takes to
                                       * resume it is a switch */
};

struct future {
    struct awaitable awaitable;
    struct list watchers; /* tasks to resume and callbacks to call, in the order they came */
    int result;           /* >= 0 or a negative errno; meaningful once done */
    bool done;            /* stays true */
    bool retrieved;       /* the result was asked for, or a watcher has it */
    bool is_task;
};

/* tell() is called when a future is done. Embed the struct; it must stay until the call or removal.
 */
struct future_watcher {
    struct list link; /* in the future's watchers until the call */
    void (*tell)(struct future_watcher *watcher, struct future *f);
};

/* A function that is called when a future is done. The storage is the caller's and must stay until
 * the call, or until future_remove_done_callback(). */
struct done_callback {
    struct future_watcher watcher;
    struct ready ready;
    struct future *future;
    struct loop *loop; /* which calls fn */
    void (*fn)(struct future *f, void *arg);
    void *arg;
};

/* Make a pending future in the caller's storage. Nothing to free; no task may wait for it when the
 * storage goes. */
void future_init(struct future *f);

/* Finish it with a result >= 0; every waiting task becomes ready, in order. 0, or -EALREADY when it
 * was done (asyncio: InvalidStateError), or -EINVAL for a negative result. */
int future_set_result(struct future *f, int result);

/* Finish it with an error, a negative errno. 0, or -EALREADY or -EINVAL as above. */
int future_set_error(struct future *f, int error);

/* True once a result or an error was set. */
bool future_done(const struct future *f);

/* The result or error; -EINPROGRESS while pending (asyncio: InvalidStateError). */
int future_result(struct future *f);

/* Wait for it (asyncio: `await f`): its result or error. From a task, which does not yield when `f`
 * is done already. When the waiting task is canceled: -ECANCELED, and a plain future goes on; a
 * task `f` gets the cancellation instead, and this wait returns what `f` ends with (task_shield()
 * prevents that). -EDEADLK when a task awaits itself. */
int future_await(struct future *f);

/* future_await() with a deadline: -ETIMEDOUT when that passes first; the future goes on. */
int future_await_until(struct future *f, uint64_t deadline_ns);

/* Let the running loop call fn(f, arg) in the turn after `f` is done, in its next turn if `f` is
 * done already (asyncio: add_done_callback); in the order in which they were added. It counts as
 * asking for the result. fn may free the callback and the future. A task stays until fn has
 * returned, even a released one. A callback that is due when its loop is destroyed is not called.
 */
void future_add_done_callback(struct future *f, struct done_callback *callback,
                              void (*fn)(struct future *f, void *arg), void *arg);

/* Take it back (asyncio: remove_done_callback). True when fn will not be called; false when the
 * call is due, or over. */
bool future_remove_done_callback(struct done_callback *callback);

/* Let the code that finishes `f`, which must be pending, call watcher->tell(watcher, f): at once,
 * without a turn of the loop, and in no task, though maybe on the stack of one that has ended. It
 * counts as asking for the result. tell() may release the task that f is. */
void future_watch(struct future *f, struct future_watcher *watcher);

#endif
