/* The one way a task waits: everything that suspends a task is built on these two calls.
 *
 * Protocol: the source of the event remembers task_current(), calls wait_suspend(), and when that
 * returns makes sure that it will not call wait_wake() for this wait any more. */
#ifndef TVA_ASYNC_WAIT_H
#define TVA_ASYNC_WAIT_H

#include "async/task.h"

/* Suspend the current task until it is woken. Returns the value given to wait_wake(), or -ETIMEDOUT
 * when deadline_ns passes first, or -ECANCELED when the task is canceled before it goes on (also
 * after a wake). NO_DEADLINE waits for ever. */
int wait_suspend(uint64_t deadline_ns);

/* The same for a wait that must not be cut short, since something else still uses the caller's
 * memory: a cancellation that comes meanwhile is kept for the next wait. */
int wait_suspend_uncancelable(void);

/* Make a suspended task ready; its wait returns `value`. Only the first wake counts: waking a task
 * that is not suspended, or is ready already, does nothing. On the loop's thread. */
void wait_wake(struct task *t, int value);

#endif
