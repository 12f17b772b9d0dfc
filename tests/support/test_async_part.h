/* Something to be gathered: sleeps, and tells what became of it. */
#ifndef TVA_TEST_ASYNC_PART_H
#define TVA_TEST_ASYNC_PART_H

#include "async/coro.h"

#include <stdbool.h>
#include <stdint.h>

struct test_async_part {
    struct awaitable own; /* first */
    uint64_t sleep_ns;    /* before it returns */
    uint64_t cleanup_ns;  /* slept after a cancellation */
    int result;
    int *running, *most; /* how many at once */
    bool finished, canceled;
};

/* As a coroutine's function, arg being the part, and as its own awaitable's. */
int test_async_part_run(void *arg);
int test_async_part_await(struct awaitable *self);

#endif
