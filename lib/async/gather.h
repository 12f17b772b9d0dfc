/* Waiting for several things at once (asyncio: gather, wait, wait_for, shield). From tasks only, on
 * the loop's thread.
 *
 * Awaitables may be coroutines, tasks, futures or objects of one's own. What is not a future yet
 * becomes a task; coroutine objects are consumed in any case, also on errors. */
#ifndef TVA_ASYNC_GATHER_H
#define TVA_ASYNC_GATHER_H

#include "async/task.h"

#include <stddef.h>
#include <stdint.h>

/* Run all of them at the same time and wait for all (asyncio: gather(..., return_exceptions=True)).
 * results[n] gets each result in order; it may be NULL. 0, or the first error in order, or -ENOMEM.
 * When the caller is canceled, so are the tasks among them, and the call returns -ECANCELED once
 * they have ended. */
int task_gather(struct awaitable *const *awaitables, size_t n, int *results);

/* The same, but return the first error as soon as it happens (asyncio: gather(...) as it is by
 * default). The others go on, unless the caller cancels them. results may be NULL, and is complete
 * only when 0 is returned. */
int task_gather_or_error(struct awaitable *const *awaitables, size_t n, int *results);

enum task_wait_for_what { TASK_WAIT_ALL, TASK_WAIT_FIRST, TASK_WAIT_FIRST_ERROR };

/* Wait until all of the tasks are done, or the first of them, or the first error (asyncio.wait with
 * ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION; the last also ends when all are done). Nothing
 * is canceled; task_done() tells which are done. 0, or -ETIMEDOUT or -ECANCELED, or -ENOMEM. */
int task_wait(struct task *const *tasks, size_t n, enum task_wait_for_what what,
              uint64_t deadline_ns);

/* Wait for one awaitable, at most timeout_ns (asyncio.wait_for). After that it is canceled, and the
 * call returns -ETIMEDOUT once it has ended; when it ended with a result all the same, that result.
 * A plain future cannot be canceled: it is left alone. */
int task_wait_for(struct awaitable *awaitable, uint64_t timeout_ns);

/* Wait for an awaitable that goes on when the caller is canceled (asyncio.shield). */
int task_shield(struct awaitable *awaitable);

#endif
