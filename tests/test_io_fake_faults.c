/* The promise: io_fake fails the calls that a test names, and only those, and moves as few bytes as
 * a test says; and the full transfers built on struct io cope with both. */
#include "support/io_fake.h"
#include "support/loopback.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PORT      80
#define HTTP_PORT 7001
#define HTTP_URL  "http://127.0.0.1:7001/"

static int make_io(void **state)
{
    *state = io_fake_create();
    return *state == NULL ? -1 : 0;
}

static int destroy_io(void **state)
{
    io_destroy(*state);
    return 0;
}

/* A descriptor connected to a peer that does nothing. */
static int connected(struct io *io)
{
    int fd = io_socket(io, AF_INET, SOCK_STREAM, 0);

    io_fake_listen(io, PORT, NULL, NULL);
    assert_true(fd >= 0);
    assert_int_equal(loopback_connect(io, fd, PORT, NO_DEADLINE), 0);
    return fd;
}

static void test_the_nth_call_fails_once(void **state)
{
    struct io *io = *state;
    int fd = io_open(io, "file", O_RDWR | O_CREAT, 0600, NO_DEADLINE);
    char got[4] = "....";

    assert_true(fd >= 0);
    assert_int_equal(io_pwrite(io, fd, "abcd", 4, 0, NO_DEADLINE), 4);
    io_fake_fail(io, IO_OP_PWRITE, 2, -ENOSPC);
    io_fake_fail(io, IO_OP_PWRITE, 3, -EIO);
    io_fake_fail(io, IO_OP_PREAD, 1, -EIO);
    assert_int_equal(io_pread(io, fd, got, 4, 0, NO_DEADLINE), -EIO);
    assert_int_equal(io_pwrite(io, fd, "A", 1, 0, NO_DEADLINE), 1);
    assert_int_equal(io_pwrite(io, fd, "B", 1, 1, NO_DEADLINE), -ENOSPC);
    assert_int_equal(io_pwrite(io, fd, "C", 1, 2, NO_DEADLINE), -EIO);
    assert_int_equal(io_pwrite(io, fd, "D", 1, 3, NO_DEADLINE), 1);
    assert_int_equal(io_pread(io, fd, got, 4, 0, NO_DEADLINE), 4);
    assert_memory_equal(got, "AbcD", 4); /* the calls that failed did nothing */
    assert_int_equal(io_fake_calls(io, IO_OP_PWRITE), 5);
    assert_int_equal(io_fake_calls(io, IO_OP_PREAD), 2);
    assert_int_equal(io_fake_calls(io, IO_OP_FSYNC), 0);
}

/* However many there were: one that is over makes room. */
static void test_faults_do_not_run_out(void **state)
{
    struct io *io = *state;

    for (int i = 0; i < 100; i++) {
        io_fake_fail(io, IO_OP_SLEEP, 1, -ECANCELED);
        assert_int_equal(io_sleep(io, 1), -ECANCELED);
        assert_int_equal(io_sleep(io, 1), 0);
    }
}

/* One call of each operation, in the order of enum io_op. */
static int call(struct io *io, enum io_op op, int stream, int listener, int file)
{
    char byte = 'b';

    switch (op) {
    case IO_OP_SLEEP:
        return io_sleep(io, 1);
    case IO_OP_OPEN:
        return io_open(io, "other", O_RDWR | O_CREAT, 0600, NO_DEADLINE);
    case IO_OP_SOCKET:
        return io_socket(io, AF_INET, SOCK_STREAM, 0);
    case IO_OP_CONNECT:
        return loopback_connect(io, stream, PORT, NO_DEADLINE);
    case IO_OP_ACCEPT:
        return io_accept(io, listener, NO_DEADLINE);
    case IO_OP_READ:
        return (int)io_read(io, stream, &byte, 1, NO_DEADLINE);
    case IO_OP_WRITE:
        return (int)io_write(io, stream, &byte, 1, NO_DEADLINE);
    case IO_OP_PREAD:
        return (int)io_pread(io, file, &byte, 1, 0, NO_DEADLINE);
    case IO_OP_PWRITE:
        return (int)io_pwrite(io, file, &byte, 1, 0, NO_DEADLINE);
    case IO_OP_FSYNC:
        return io_fsync(io, file, NO_DEADLINE);
    case IO_OP_WAIT_FD:
        return io_wait_fd(io, stream, POLLOUT, NO_DEADLINE);
    case IO_OP_CLOSE:
        return io_close(io, stream);
    case IO_OP_HTTP:
        return io_http_get(io, &(struct io_http_request){.url = HTTP_URL},
                           &(struct io_http_response){0}, NO_DEADLINE);
    case IO_OP_COUNT:
        break;
    }
    return -ENOSYS;
}

static void answer_nothing(const char *path, struct io_fake_http_answer *out, void *arg)
{
    (void)path;
    (void)out;
    (void)arg;
}

static void test_every_operation_can_be_made_to_fail(void **state)
{
    struct io *io = *state;
    int stream = io_socket(io, AF_INET, SOCK_STREAM, 0);
    int listener = io_fake_listener(io, 0, NULL, NULL);
    int file = io_open(io, "file", O_RDWR | O_CREAT, 0600, NO_DEADLINE);

    assert_int_equal(io_fake_listen(io, PORT, io_fake_echo, NULL), 0);
    assert_int_equal(io_fake_http_listen(io, HTTP_PORT, answer_nothing, NULL), 0);
    for (int op = 0; op < IO_OP_COUNT; op++) {
        unsigned calls = io_fake_calls(io, (enum io_op)op), open = io_fake_open_count(io);

        io_fake_fail(io, (enum io_op)op, 1, -ENOMEM);
        assert_int_equal(call(io, (enum io_op)op, stream, listener, file), -ENOMEM);
        assert_int_equal(io_fake_calls(io, (enum io_op)op), calls + 1);
        assert_int_equal(io_fake_open_count(io), open);
        assert_true(io_now(io) <= NS_PER_S + 1);
        if (op == IO_OP_READ) /* so that there is something to be read */
            assert_int_equal(io_fake_peer_send(io, stream, 0, "r", 1), 0);
        assert_true(call(io, (enum io_op)op, stream, listener, file) >= 0);
        assert_int_equal(io_fake_calls(io, (enum io_op)op), calls + 2);
    }
}

static void test_short_transfers(void **state)
{
    struct io *io = *state;
    int fd = io_socket(io, AF_INET, SOCK_STREAM, 0);
    int file = io_open(io, "file", O_RDWR | O_CREAT, 0600, NO_DEADLINE);
    char got[16] = "";

    assert_int_equal(io_fake_listen(io, PORT, io_fake_echo, NULL), 0);
    assert_int_equal(loopback_connect(io, fd, PORT, NO_DEADLINE), 0);
    io_fake_short(io, IO_OP_READ, 2);
    io_fake_short(io, IO_OP_WRITE, 3);
    io_fake_short(io, IO_OP_PREAD, 4);
    io_fake_short(io, IO_OP_PWRITE, 5);
    assert_int_equal(io_write(io, fd, "abcdefgh", 8, NO_DEADLINE), 3);
    assert_int_equal(io_read(io, fd, got, 8, NO_DEADLINE), 2);
    assert_int_equal(io_read(io, fd, got, 8, NO_DEADLINE), 1);
    assert_int_equal(io_pwrite(io, file, "abcdefgh", 8, 0, NO_DEADLINE), 5);
    assert_int_equal(io_pread(io, file, got, 8, 0, NO_DEADLINE), 4);
    /* The full transfers put the pieces together. */
    assert_int_equal(io_write_full(io, fd, "abcdefgh", 8, NO_DEADLINE), 8);
    assert_int_equal(io_read_full(io, fd, got, 8, NO_DEADLINE), 8);
    assert_string_equal(got, "abcdefgh");
    assert_int_equal(io_pwrite_full(io, file, "ABCDEFGH", 8, 1, NO_DEADLINE), 8);
    memset(got, 0, sizeof got);
    assert_int_equal(io_pread_full(io, file, got, 15, 0, NO_DEADLINE), 9);
    assert_string_equal(got, "aABCDEFGH");
    io_fake_short(io, IO_OP_PREAD, 0);
    assert_int_equal(io_pread(io, file, got, 15, 0, NO_DEADLINE), 9);
}

static void test_full_transfers_stop_at_an_error(void **state)
{
    struct io *io = *state;
    int fd = connected(io);
    char got[8];

    io_fake_short(io, IO_OP_WRITE, 1);
    io_fake_fail(io, IO_OP_WRITE, 3, -ECONNRESET);
    assert_int_equal(io_write_full(io, fd, "abcdef", 6, NO_DEADLINE), -ECONNRESET);
    assert_int_equal(io_fake_calls(io, IO_OP_WRITE), 3);
    assert_int_equal(io_fake_peer_send(io, fd, 0, "ab", 2), 0);
    io_fake_fail(io, IO_OP_READ, 2, -ECONNRESET);
    assert_int_equal(io_read_full(io, fd, got, 8, NO_DEADLINE), -ECONNRESET);
}

#define WITH_IO(test) cmocka_unit_test_setup_teardown(test, make_io, destroy_io)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_IO(test_the_nth_call_fails_once),
        WITH_IO(test_faults_do_not_run_out),
        WITH_IO(test_every_operation_can_be_made_to_fail),
        WITH_IO(test_short_transfers),
        WITH_IO(test_full_transfers_stop_at_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
