/* For gather.c: telling futures from other awaitables. */
#ifndef TVA_ASYNC_FUTURE_INTERNAL_H
#define TVA_ASYNC_FUTURE_INTERNAL_H

#include "async/future.h"

/* True for futures and tasks. */
bool future_is(const struct awaitable *a);

#endif
