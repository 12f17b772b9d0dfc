/* For this folder: what futures offer to those that build on them. */
#ifndef TVA_ASYNC_FUTURE_INTERNAL_H
#define TVA_ASYNC_FUTURE_INTERNAL_H

#include "async/future.h"

/* True for futures and tasks. */
bool future_is(const struct awaitable *a);

/* future_await_until(), but a cancellation of the waiting task stops at it: it is not passed on. */
int future_await_shielded(struct future *f, uint64_t deadline_ns);

/* Wait until it is done, whatever happens: what it works on may lie on the caller's stack. A
 * cancellation that comes meanwhile is kept for the next wait. */
void future_outwait(struct future *f);

#endif
