/* Tasks that wait for the same thing, in the order they came: what futures, events, semaphores and
 * queues are made of. For lib/async. On the loop's thread. */
#ifndef TVA_ASYNC_WAIT_LIST_H
#define TVA_ASYNC_WAIT_LIST_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

/* Suspend the current task at the end of the list. Returns 0 when woken, -ETIMEDOUT or -ECANCELED;
 * it is off the list then. *woken (may be NULL) tells whether it was woken, which can be true for
 * -ECANCELED too: when the cancellation came before its next step. What the wake stood for must be
 * passed on then. */
int wait_list_suspend(struct list *waiters, uint64_t deadline_ns, bool *woken);

/* Wake the first, or all. False when nobody waits. */
bool wait_list_wake_first(struct list *waiters);
void wait_list_wake_all(struct list *waiters);

#endif
