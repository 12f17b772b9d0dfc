/* The inside of a coroutine object, for task.c. */
#ifndef TVA_ASYNC_CORO_INTERNAL_H
#define TVA_ASYNC_CORO_INTERNAL_H

#include "async/coro.h"

#include <stdbool.h>

struct coro {
    struct awaitable awaitable;
    coro_fn *fn;
    void *arg;
    const char *name;
    bool awaited; /* fn was called, or will be by a task; never goes back to false */
    bool owned;   /* by a task, which frees it */
};

#endif
