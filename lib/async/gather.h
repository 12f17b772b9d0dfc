/* Waiting for several things at once (asyncio: gather, wait, wait_for, shield). From tasks only, on
 * the loop's thread.
 *
 * Awaitables are coroutines, tasks, futures or objects of your own. Each that is not a future
 * becomes a task. Coroutine objects are consumed in any case, also on errors. Tasks and futures
 * stay the caller's, and must not be released while the call waits for them.
 *
 * All of them return -ENOMEM when out of memory and for a NULL awaitable, -EALREADY for a coroutine
 * that was awaited before, and -EDEADLK when a task would wait for itself. */
#ifndef TVA_ASYNC_GATHER_H
#define TVA_ASYNC_GATHER_H

#include "async/task.h"

#include <stddef.h>
#include <stdint.h>

/* Run all of them at the same time and wait for all (asyncio: gather(..., return_exceptions=True)).
 * results[n] gets each result in order; it may be NULL. 0, or the first error in order. When the
 * caller is canceled, the tasks among them are canceled, as often as the caller is, and the call
 * returns -ECANCELED once they have ended; a plain future that goes on has the result -EINPROGRESS.
 */
int task_gather(struct awaitable *const *awaitables, size_t n, int *results);

/* The same, but return the first error as soon as it happens (asyncio: gather(...) by default); a
 * canceled part is an error too. The others go on, unless the caller cancels them: their result is
 * -EINPROGRESS, and a later error of theirs gives no warning. */
int task_gather_or_error(struct awaitable *const *awaitables, size_t n, int *results);

enum task_wait_for_what { TASK_WAIT_ALL, TASK_WAIT_FIRST, TASK_WAIT_FIRST_ERROR };

/* Wait until all of the tasks are done, or the first of them, or the first error (asyncio.wait with
 * ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION; the last also ends when all are done, and a
 * cancellation is not an error for it). Nothing is canceled, not even when the caller is.
 * task_done() tells which are done, task_result() how. Does not yield when the condition holds
 * already, as with no tasks at all. 0, or -ETIMEDOUT or -ECANCELED. */
int task_wait(struct task *const *tasks, size_t n, enum task_wait_for_what what,
              uint64_t deadline_ns);

/* Wait for one awaitable, at most timeout_ns (asyncio.wait_for). After that the awaitable is
 * canceled, and the call waits for its end: -ETIMEDOUT, or its result or error if it ended with one
 * all the same. With timeout_ns 0 a coroutine never starts. When the caller is canceled, so is the
 * awaitable, and the call waits for its end: -ECANCELED, or its result or error if it ended with
 * one all the same. If it had ended before the cancellation, the call returns its result, so that
 * this is not lost, and the cancellation is kept for the caller's next wait. A plain future cannot
 * be canceled: it goes on. */
int task_wait_for(struct awaitable *awaitable, uint64_t timeout_ns);

/* Wait for an awaitable that goes on when the caller is canceled (asyncio.shield): its result, or
 * -ECANCELED. What it works with must then outlive the call. */
int task_shield(struct awaitable *awaitable);

#endif
