/* The promise: time, deadlines and bad descriptors mean the same under every io backend. No sleep
 * ends early, no wait ends before its deadline or hangs beyond it, what starts too late does
 * nothing, and a descriptor that timed out is still usable. */
#include "support/contract.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define SPAN_NS (5 * NS_PER_MS)

static void sleep_is_never_early(struct contract *t)
{
    const uint64_t spans_ns[] = {1, 999, 50000, 999999, NS_PER_MS, 1000001, 1500000, 2999999};

    for (int round = 0; round < 25; round++)
        for (size_t i = 0; i < COUNT_OF(spans_ns); i++) {
            uint64_t deadline_ns = io_now(t->io) + spans_ns[i];

            EXPECT_EQ(t, io_sleep_until(t->io, deadline_ns), 0);
            EXPECT(t, io_now(t->io) >= deadline_ns);
        }
}

static void sleep_of_a_span_takes_it(struct contract *t)
{
    uint64_t start_ns = io_now(t->io);

    EXPECT_EQ(t, io_sleep(t->io, SPAN_NS), 0);
    EXPECT(t, io_now(t->io) - start_ns >= SPAN_NS);
}

static void sleep_until_the_past_returns(struct contract *t)
{
    EXPECT_EQ(t, io_sleep_until(t->io, 0), 0);
    EXPECT_EQ(t, io_sleep_until(t->io, io_now(t->io) - 1), 0);
    EXPECT_EQ(t, io_sleep(t->io, 0), 0);
}

static void closed_descriptors_are_refused(struct contract *t)
{
    struct sockaddr_in address = contract_address(t, PEER_ECHO);
    char path[128], byte = 'x';
    int fds[3];

    fds[0] = io_open(t->io, contract_path(t, "file", path, sizeof path), O_RDWR | O_CREAT, 0600,
                     NO_DEADLINE);
    fds[1] = contract_connect(t, PEER_ECHO);
    fds[2] = -1;
    EXPECT(t, fds[0] >= 0 && fds[1] >= 0);
    /* Used once, so that whatever a backend keeps about a descriptor has been made. */
    EXPECT_EQ(t, io_write(t->io, fds[1], &byte, 1, NO_DEADLINE), 1);
    EXPECT_EQ(t, io_read(t->io, fds[1], &byte, 1, contract_patience(t)), 1);
    EXPECT_EQ(t, io_close(t->io, fds[0]), 0);
    EXPECT_EQ(t, io_close(t->io, fds[1]), 0);
    for (size_t i = 0; i < 3; i++)
        for (int with_deadline = 0; with_deadline < 2; with_deadline++) {
            uint64_t d = with_deadline ? contract_patience(t) : NO_DEADLINE;

            EXPECT_EQ(t, io_read(t->io, fds[i], &byte, 1, d), -EBADF);
            EXPECT_EQ(t, io_write(t->io, fds[i], &byte, 1, d), -EBADF);
            EXPECT_EQ(t, io_pread(t->io, fds[i], &byte, 1, 0, d), -EBADF);
            EXPECT_EQ(t, io_pwrite(t->io, fds[i], &byte, 1, 0, d), -EBADF);
            EXPECT_EQ(t, io_fsync(t->io, fds[i], d), -EBADF);
            EXPECT_EQ(t, io_accept(t->io, fds[i], d), -EBADF);
            EXPECT_EQ(t, io_connect(t->io, fds[i], (struct sockaddr *)&address, sizeof address, d),
                      -EBADF);
            EXPECT_EQ(t, io_close(t->io, fds[i]), -EBADF);
        }
}

static void late_stream_operations_do_nothing(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    char got[8] = "";

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_write(t->io, fd, "ab", 2, NO_DEADLINE), 2);
    EXPECT_EQ(t, io_read_full(t->io, fd, got, 1, contract_patience(t)), 1);
    EXPECT_EQ(t, io_write(t->io, fd, "no", 2, io_now(t->io)), -ETIMEDOUT);
    EXPECT_EQ(t, io_write(t->io, fd, "no", 2, 0), -ETIMEDOUT);
    /* A byte is there to be read: being too late counts more. */
    EXPECT_EQ(t, io_read(t->io, fd, got, 1, io_now(t->io)), -ETIMEDOUT);
    EXPECT_EQ(t, io_read(t->io, fd, got, 1, 0), -ETIMEDOUT);
    EXPECT_EQ(t, io_write(t->io, fd, "c", 1, NO_DEADLINE), 1);
    EXPECT_EQ(t, io_read_full(t->io, fd, got + 1, 2, contract_patience(t)), 2);
    EXPECT(t, strcmp(got, "abc") == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void late_connect_and_accept_do_nothing(struct contract *t)
{
    struct sockaddr_in address = contract_address(t, PEER_ECHO);
    int fd = io_socket(t->io, AF_INET, SOCK_STREAM, 0);
    int listener = contract_listen(t, 0), connection;

    EXPECT(t, fd >= 0 && listener >= 0);
    EXPECT_EQ(t, io_connect(t->io, fd, (struct sockaddr *)&address, sizeof address, 0), -ETIMEDOUT);
    EXPECT(t, io_write(t->io, fd, "x", 1, contract_patience(t)) < 0); /* it is not connected */
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    contract_call(t);
    EXPECT_EQ(t, io_sleep(t->io, SPAN_NS), 0);
    EXPECT_EQ(t, io_accept(t->io, listener, io_now(t->io)), -ETIMEDOUT);
    connection = io_accept(t->io, listener, contract_patience(t));
    EXPECT(t, connection >= 0);
    EXPECT_EQ(t, io_close(t->io, connection), 0);
    EXPECT_EQ(t, io_close(t->io, listener), 0);
}

static void late_file_operations_do_nothing(struct contract *t)
{
    char path[128], got[4] = "....";
    uint64_t now_ns;
    int fd;

    contract_path(t, "late", path, sizeof path);
    now_ns = io_now(t->io);
    EXPECT_EQ(t, io_open(t->io, path, O_RDWR | O_CREAT, 0600, now_ns), -ETIMEDOUT);
    EXPECT_EQ(t, io_open(t->io, path, O_RDWR, 0, NO_DEADLINE), -ENOENT);
    fd = io_open(t->io, path, O_RDWR | O_CREAT, 0600, contract_patience(t));
    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_pwrite_full(t->io, fd, "abc", 3, 0, contract_patience(t)), 3);
    EXPECT_EQ(t, io_pwrite(t->io, fd, "XYZ", 3, 1, now_ns), -ETIMEDOUT);
    EXPECT_EQ(t, io_pread(t->io, fd, got, 3, 0, now_ns), -ETIMEDOUT);
    EXPECT_EQ(t, io_fsync(t->io, fd, now_ns), -ETIMEDOUT);
    EXPECT(t, memcmp(got, "....", 4) == 0);
    EXPECT_EQ(t, io_pread_full(t->io, fd, got, 4, 0, NO_DEADLINE), 3);
    EXPECT(t, memcmp(got, "abc.", 4) == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void read_times_out_and_goes_on(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    char byte = 0;

    EXPECT(t, fd >= 0);
    for (int i = 0; i < 3; i++) {
        uint64_t deadline_ns = io_now(t->io) + SPAN_NS;

        EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, deadline_ns), -ETIMEDOUT);
        EXPECT(t, io_now(t->io) >= deadline_ns);
        EXPECT_EQ(t, io_write(t->io, fd, "y", 1, contract_patience(t)), 1);
        EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, contract_patience(t)), 1);
        EXPECT_EQ(t, byte, 'y');
    }
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void accept_times_out_and_goes_on(struct contract *t)
{
    /* So late that the fake caller, who is on the way already, misses the deadline too. */
    int listener = contract_listen(t, 2 * SPAN_NS), fd;
    uint64_t deadline_ns = io_now(t->io) + SPAN_NS;

    EXPECT(t, listener >= 0);
    EXPECT_EQ(t, io_accept(t->io, listener, deadline_ns), -ETIMEDOUT);
    EXPECT(t, io_now(t->io) >= deadline_ns);
    contract_call(t);
    fd = io_accept(t->io, listener, contract_patience(t));
    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    EXPECT_EQ(t, io_close(t->io, listener), 0);
}

static void connect_times_out(struct contract *t)
{
    struct sockaddr_in address = contract_address(t, PEER_UNANSWERED);
    int fd = io_socket(t->io, AF_INET, SOCK_STREAM, 0);
    uint64_t deadline_ns = io_now(t->io) + SPAN_NS;

    EXPECT(t, fd >= 0 && address.sin_port != 0);
    EXPECT_EQ(t, io_connect(t->io, fd, (struct sockaddr *)&address, sizeof address, deadline_ns),
              -ETIMEDOUT);
    EXPECT(t, io_now(t->io) >= deadline_ns);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

/* The peer never reads: when the kernel's buffers are full the next write has to wait. A write that
 * took more than had room would hang in the kernel and never see its deadline. */
static void write_times_out(struct contract *t)
{
    int fd = contract_connect(t, PEER_SILENT);
    uint64_t deadline_ns = 0;
    ssize_t n = 1;

    EXPECT(t, fd >= 0);
    memset(t->bulk[0], 'w', CONTRACT_BULK);
    for (size_t total = 0; n > 0 && total < 64 * CONTRACT_BULK; total += (size_t)n) {
        deadline_ns = io_now(t->io) + 4 * SPAN_NS;
        n = io_write(t->io, fd, t->bulk[0], CONTRACT_BULK, deadline_ns);
        if (n < 0)
            break;
    }
    EXPECT_EQ(t, n, -ETIMEDOUT);
    EXPECT(t, io_now(t->io) >= deadline_ns);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void full_transfers_time_out_in_the_middle(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    uint64_t deadline_ns;
    char got[8];

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_write(t->io, fd, "half", 4, NO_DEADLINE), 4);
    deadline_ns = io_now(t->io) + 4 * SPAN_NS;
    EXPECT_EQ(t, io_read_full(t->io, fd, got, 8, deadline_ns), -ETIMEDOUT);
    EXPECT(t, io_now(t->io) >= deadline_ns);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

int main(void)
{
    const struct contract_case cases[] = {
        {"sleep is never early", sleep_is_never_early, false},
        {"sleep of a span takes it", sleep_of_a_span_takes_it, false},
        {"sleep until the past returns", sleep_until_the_past_returns, false},
        {"closed descriptors are refused", closed_descriptors_are_refused, false},
        {"late stream operations do nothing", late_stream_operations_do_nothing, false},
        {"late connect and accept do nothing", late_connect_and_accept_do_nothing, false},
        {"late file operations do nothing", late_file_operations_do_nothing, false},
        {"read times out and goes on", read_times_out_and_goes_on, false},
        {"accept times out and goes on", accept_times_out_and_goes_on, false},
        {"connect times out", connect_times_out, false},
        {"write times out", write_times_out, true},
        {"full transfers time out in the middle", full_transfers_time_out_in_the_middle, false},
    };

    return contract_run("io contract: time, deadlines, descriptors", cases, COUNT_OF(cases));
}
