/* Futures: a result that is set once and may be awaited by any number of tasks (asyncio: Future).
 *
 * The struct is public so that it can be embedded and needs no allocation; treat the fields as
 * private. All calls on the thread of the loop that the awaiting tasks run on. */
#ifndef TVA_ASYNC_FUTURE_H
#define TVA_ASYNC_FUTURE_H

#include "async/awaitable.h"
#include "base/list.h"

#include <stdbool.h>

struct future {
    struct awaitable awaitable;
    struct list waiters; /* tasks suspended on it, in the order they came */
    int result;          /* meaningful once done; >= 0, or a negative errno */
    bool done;           /* never goes back to false */
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
int future_result(const struct future *f);

/* Wait for it (asyncio: `await f`): its result or error. Does not yield when it is done already.
 * -ECANCELED when the waiting task is canceled meanwhile: the future itself is left alone. */
int future_await(struct future *f);

#endif
