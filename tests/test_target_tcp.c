/* The promise: a connection of the target needs new memory for a larger exchange alone, so that it
 * measures no page faults of its own. */
#include "target/target_tcp.h"

#include "async/task.h"
#include "io/io_async.h"
#include "support/test_async_loop.h"

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* The linker lets the target's calls end here. */
static unsigned allocations;

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
    allocations++;
    return __real_realloc(memory, size);
}

#define BYTES (64u << 10)

struct scene {
    struct io *io;
    int fds[2];
    uint64_t requests;
    char buf[BYTES];
};

static int serve(void *arg)
{
    struct scene *s = arg;
    struct target_hold hold = {0};
    char first[TARGET_TCP_FIRST];

    EXPECT(io_read(s->io, s->fds[1], first, sizeof first, NO_DEADLINE) == sizeof first);
    target_tcp_serve(&hold, s->io, s->fds[1], 10 * NS_PER_S, first, sizeof first, &s->requests);
    return 0;
}

static int exchange(struct scene *s, uint32_t bytes)
{
    struct tcp_request_header header = {
        .magic = htobe32(TCP_WIRE_MAGIC),
        .request_bytes = htobe32(TCP_WIRE_BYTES_MIN),
        .reply_bytes = htobe32(bytes),
    };

    EXPECT(io_write_full(s->io, s->fds[0], &header, sizeof header, NO_DEADLINE) == sizeof header);
    EXPECT(io_read_full(s->io, s->fds[0], s->buf, bytes, NO_DEADLINE) == bytes);
    return 0;
}

static int exchange_often(void *arg)
{
    struct scene *s = arg;
    struct task *server;
    unsigned before;

    s->io = io_async_create(loop_running());
    EXPECT(s->io != NULL);
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s->fds) == 0);
    server = task_create(coro_create(serve, s));
    EXPECT(exchange(s, BYTES) == 0);
    before = allocations;
    for (uint32_t i = 1; i < 100; i++)
        EXPECT(exchange(s, i % 2 ? BYTES : TCP_WIRE_BYTES_MIN) == 0);
    EXPECT(before > 0 && allocations == before);
    EXPECT(io_close(s->io, s->fds[0]) == 0);
    EXPECT(task_await(server) == 0 && s->requests == 100);
    EXPECT(io_close(s->io, s->fds[1]) == 0);
    task_release(server);
    io_destroy(s->io);
    return 0;
}

static void test_a_connection_keeps_its_buffer(void **state)
{
    static struct scene s;

    (void)state;
    assert_int_equal(test_async_run(exchange_often, &s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_connection_keeps_its_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
