/* The promise: io_fake does to a job exactly what a test asks for. Bytes and callers arrive at
 * their time, the clock moves by waits alone, and misuse shows; so that what a test sees is what
 * the job did. Faults and short transfers: test_io_fake_faults.c. */
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

#define PORT 80
#define MS   NS_PER_MS

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

static void test_clock_moves_by_waits_alone(void **state)
{
    struct io *io = *state;
    int fd = connected(io);
    char byte;

    assert_true(io_now(io) == NS_PER_S);
    assert_int_equal(io_write(io, fd, "x", 1, NO_DEADLINE), 1);
    assert_int_equal(io_fake_peer_send(io, fd, 30 * MS, "y", 1), 0);
    assert_true(io_now(io) == NS_PER_S);
    assert_int_equal(io_read(io, fd, &byte, 1, NO_DEADLINE), 1);
    assert_true(io_now(io) == NS_PER_S + 30 * MS);
    assert_int_equal(io_sleep(io, 5), 0);
    assert_true(io_now(io) == NS_PER_S + 30 * MS + 5);
    assert_int_equal(io_sleep_until(io, NS_PER_S), 0);
    assert_true(io_now(io) == NS_PER_S + 30 * MS + 5);
    io_fake_advance(io, 7);
    assert_true(io_now(io) == NS_PER_S + 30 * MS + 12);
}

static void test_a_wait_nothing_ends_is_reported(void **state)
{
    struct io *io = *state;
    int fd = connected(io), silent = io_socket(io, AF_INET, SOCK_STREAM, 0);
    int listener = io_fake_listener(io, 0, NULL, NULL);
    char byte;

    assert_int_equal(io_read(io, fd, &byte, 1, NO_DEADLINE), -EDEADLK);
    assert_int_equal(io_sleep_until(io, NO_DEADLINE), -EDEADLK);
    assert_int_equal(io_fake_ignore(io, PORT + 1), 0);
    assert_int_equal(loopback_connect(io, silent, PORT + 1, NO_DEADLINE), -EDEADLK);
    assert_true(io_accept(io, listener, NO_DEADLINE) >= 0);
    assert_int_equal(io_accept(io, listener, NO_DEADLINE), -EDEADLK);
    assert_true(io_now(io) == NS_PER_S);
}

static void test_timeouts_move_the_clock_to_the_deadline(void **state)
{
    struct io *io = *state;
    int fd = connected(io), silent = io_socket(io, AF_INET, SOCK_STREAM, 0);
    int listener = io_fake_listener(io, 100 * MS, NULL, NULL);
    uint64_t t_ns = io_now(io);
    char byte;

    assert_int_equal(io_fake_peer_send(io, fd, 100 * MS, "z", 1), 0);
    assert_int_equal(io_read(io, fd, &byte, 1, t_ns + 10 * MS), -ETIMEDOUT);
    assert_true(io_now(io) == t_ns + 10 * MS);
    assert_int_equal(io_accept(io, listener, t_ns + 20 * MS), -ETIMEDOUT);
    assert_true(io_now(io) == t_ns + 20 * MS);
    assert_int_equal(io_fake_ignore(io, PORT + 1), 0);
    assert_int_equal(loopback_connect(io, silent, PORT + 1, t_ns + 30 * MS), -ETIMEDOUT);
    assert_true(io_now(io) == t_ns + 30 * MS);
    /* What arrives exactly at the deadline is in time. */
    assert_int_equal(io_read(io, fd, &byte, 1, t_ns + 100 * MS), 1);
    assert_true(io_now(io) == t_ns + 100 * MS);
}

static void test_bytes_stay_in_order(void **state)
{
    struct io *io = *state;
    int fd = connected(io);
    uint64_t t_ns = io_now(io);
    char got[8] = "";

    assert_int_equal(io_fake_peer_send(io, fd, 10 * MS, "ab", 2), 0);
    assert_int_equal(io_fake_peer_send(io, fd, 0, "cd", 2), 0); /* not before "ab" */
    assert_int_equal(io_fake_peer_send(io, fd, 20 * MS, "ef", 2), 0);
    assert_int_equal(io_fake_peer_send(io, fd, 0, NULL, 0), 0); /* nor the end before "ef" */
    assert_int_equal(io_fake_peer_send(io, fd, 40 * MS, "g", 1), -EPIPE);
    assert_int_equal(io_read(io, fd, got, 8, NO_DEADLINE), 4);
    assert_true(io_now(io) == t_ns + 10 * MS);
    assert_int_equal(io_write(io, fd, "x", 1, NO_DEADLINE), 1); /* the end is not there yet */
    assert_int_equal(io_read(io, fd, got + 4, 4, NO_DEADLINE), 2);
    assert_true(io_now(io) == t_ns + 20 * MS);
    assert_string_equal(got, "abcdef");
    assert_int_equal(io_read(io, fd, got, 8, NO_DEADLINE), 0);
    assert_true(io_now(io) == t_ns + 20 * MS);
    assert_int_equal(io_read(io, fd, got, 8, NO_DEADLINE), 0);
    assert_int_equal(io_write(io, fd, "x", 1, NO_DEADLINE), -EPIPE);
}

struct seen {
    char data[32];
    size_t len;
    int fd;
};

static void remember(struct io *io, int fd, const void *data, size_t len, void *arg)
{
    struct seen *seen = arg;

    (void)io;
    seen->fd = fd;
    memcpy(seen->data + seen->len, data, len);
    seen->len += len;
}

static void test_peers_see_what_the_job_wrote(void **state)
{
    struct io *io = *state;
    struct seen called = {.len = 0}, caller = {.len = 0};
    int fd = io_socket(io, AF_INET, SOCK_STREAM, 0);
    int listener = io_fake_listener(io, 3 * MS, remember, &caller), accepted;

    assert_int_equal(io_fake_listen(io, PORT, remember, &called), 0);
    assert_int_equal(loopback_connect(io, fd, PORT, NO_DEADLINE), 0);
    accepted = io_accept(io, listener, NO_DEADLINE);
    assert_true(io_now(io) == NS_PER_S + 3 * MS);
    assert_int_equal(io_write(io, fd, "one", 3, NO_DEADLINE), 3);
    assert_int_equal(io_write(io, fd, "two", 3, 0), -ETIMEDOUT);
    assert_int_equal(io_write(io, accepted, "three", 5, NO_DEADLINE), 5);
    assert_int_equal(called.fd, fd);
    assert_string_equal(called.data, "one");
    assert_int_equal(caller.fd, accepted);
    assert_string_equal(caller.data, "three");
}

static void test_misuse_shows(void **state)
{
    struct io *io = *state;
    int file = io_open(io, "file", O_RDWR | O_CREAT, 0600, NO_DEADLINE);
    int fd = io_socket(io, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in elsewhere = loopback_address(PORT);
    char byte = 0;

    assert_int_equal(io_read(io, file, &byte, 1, NO_DEADLINE), -EINVAL);
    assert_int_equal(io_write(io, file, &byte, 1, NO_DEADLINE), -EINVAL);
    assert_int_equal(io_read(io, fd, &byte, 1, NO_DEADLINE), -ENOTCONN);
    assert_int_equal(loopback_connect(io, fd, PORT, NO_DEADLINE), -ECONNREFUSED);
    assert_int_equal(io_fake_listen(io, PORT, NULL, NULL), 0);
    assert_int_equal(io_fake_listen(io, PORT, NULL, NULL), -EADDRINUSE);
    elsewhere.sin_addr.s_addr = htonl(0x0a000001);
    assert_int_equal(
        io_connect(io, fd, (struct sockaddr *)&elsewhere, sizeof elsewhere, NO_DEADLINE),
        -ECONNREFUSED);
    assert_int_equal(loopback_connect(io, fd, PORT, NO_DEADLINE), 0);
    assert_int_equal(loopback_connect(io, fd, PORT, NO_DEADLINE), -EISCONN);
    assert_int_equal(io_pread(io, fd, &byte, 1, 0, NO_DEADLINE), -ESPIPE);
}

static void test_descriptors_are_counted_and_never_reused(void **state)
{
    struct io *io = *state;
    int first = io_socket(io, AF_INET, SOCK_STREAM, 0), second;

    assert_int_equal(io_fake_open_count(io), 1);
    assert_int_equal(io_close(io, first), 0);
    assert_int_equal(io_fake_open_count(io), 0);
    second = io_socket(io, AF_INET, SOCK_STREAM, 0);
    assert_true(second >= 0 && second != first);
    assert_int_equal(io_close(io, first), -EBADF);
    assert_int_equal(io_fake_peer_send(io, first, 0, "x", 1), -EBADF);
    assert_int_equal(io_fake_open_count(io), 1);
}

static void test_files_without_a_name_are_apart(void **state)
{
    struct io *io = *state;
    int a = io_open(io, "/tmp", O_RDWR | O_TMPFILE, 0600, NO_DEADLINE);
    int b = io_open(io, "/tmp", O_RDWR | O_TMPFILE, 0600, NO_DEADLINE);
    char byte;

    assert_true(a >= 0 && b >= 0);
    assert_int_equal(io_pwrite(io, a, "a", 1, 0, NO_DEADLINE), 1);
    assert_int_equal(io_pread(io, b, &byte, 1, 0, NO_DEADLINE), 0);
    assert_int_equal(io_open(io, "/tmp", O_RDONLY, 0, NO_DEADLINE), -ENOENT);
}

#define WITH_IO(test) cmocka_unit_test_setup_teardown(test, make_io, destroy_io)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_IO(test_clock_moves_by_waits_alone),
        WITH_IO(test_a_wait_nothing_ends_is_reported),
        WITH_IO(test_timeouts_move_the_clock_to_the_deadline),
        WITH_IO(test_bytes_stay_in_order),
        WITH_IO(test_peers_see_what_the_job_wrote),
        WITH_IO(test_misuse_shows),
        WITH_IO(test_descriptors_are_counted_and_never_reused),
        WITH_IO(test_files_without_a_name_are_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
