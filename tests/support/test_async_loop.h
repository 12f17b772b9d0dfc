/* For tests of what runs inside a loop. */
#ifndef TVA_TEST_ASYNC_LOOP_H
#define TVA_TEST_ASYNC_LOOP_H

#include "async/loop.h"

/* In a coroutine or a function it calls: end it with an error unless `cond` holds. cmocka's own
 * assertions jump away, which must not happen on a task's stack. */
#define EXPECT(cond)                                                                               \
    do {                                                                                           \
        if (!(cond))                                                                               \
            return test_async_unexpected(__FILE__, __LINE__, #cond);                               \
    } while (0)

/* Says on stderr what did not hold and where; returns a negative errno. */
int test_async_unexpected(const char *file, int line, const char *what);

/* Run fn(arg) as the main task of a new loop, and destroy the loop. Its result. */
int test_async_run(coro_fn *fn, void *arg);

#endif
