/* The promise: on a loop, a descriptor that a task waits for is not closed under it, and has no
 * second waiter for the same event. */
#include "io/io_async.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

struct scene {
    struct io *io;
    int fds[2];
    ssize_t read;
};

static int read_one(void *arg)
{
    struct scene *s = arg;
    char byte;

    s->read = io_read(s->io, s->fds[0], &byte, 1, NO_DEADLINE);
    return 0;
}

static int close_under_a_reader(void *arg)
{
    struct scene *s = arg;
    struct task *reader;
    char byte = 'x';

    s->io = io_async_create(loop_running());
    EXPECT(s->io != NULL && pipe(s->fds) == 0);
    reader = task_create(coro_create(read_one, s));
    EXPECT(reader != NULL && task_yield() == 0);
    EXPECT(io_close(s->io, s->fds[0]) == -EBUSY);
    EXPECT(io_read(s->io, s->fds[0], &byte, 1, NO_DEADLINE) == -EBUSY);
    EXPECT(io_write(s->io, s->fds[1], &byte, 1, NO_DEADLINE) == 1);
    EXPECT(task_await(reader) == 0 && s->read == 1);
    EXPECT(io_close(s->io, s->fds[0]) == 0);
    EXPECT(io_close(s->io, s->fds[0]) == -EBADF);
    EXPECT(io_close(s->io, s->fds[1]) == 0);
    task_release(reader);
    io_destroy(s->io);
    return 0;
}

static void test_a_descriptor_is_not_closed_under_a_task_that_waits_for_it(void **state)
{
    struct scene s = {.io = NULL};

    (void)state;
    assert_int_equal(test_async_run(close_under_a_reader, &s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_descriptor_is_not_closed_under_a_task_that_waits_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
