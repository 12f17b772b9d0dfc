#include "support/test_async_loop.h"

#include "support/test_async_parking.h"

#include <errno.h>
#include <stdio.h>

int test_async_unexpected(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    return -EBADE;
}

int test_async_run(coro_fn *fn, void *arg)
{
    struct loop_options options = test_async_options();
    struct loop *loop;
    int r = loop_create(&options, &loop);

    if (r < 0)
        return r;
    r = loop_run(loop, coro_create(fn, arg));
    loop_destroy(loop);
    return r;
}
