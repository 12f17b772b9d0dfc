/* The promise: connections behave the same under every io backend. Reads give what is there, when
 * it is there, in order; writes wait for room; the end of a stream is 0; a refusal says so. */
#include "support/contract.h"

#include <errno.h>
#include <string.h>

static void echo_round_trip(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    char got[32];

    EXPECT(t, fd >= 0);
    for (int i = 0; i < 100; i++) {
        EXPECT_EQ(t, io_write_full(t->io, fd, "twelve bytes", 12, NO_DEADLINE), 12);
        EXPECT_EQ(t, io_read_full(t->io, fd, got, 12, contract_patience(t)), 12);
        EXPECT(t, memcmp(got, "twelve bytes", 12) == 0);
    }
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void read_waits_for_late_bytes(struct contract *t)
{
    char got[8];

    for (int with_deadline = 0; with_deadline < 2; with_deadline++) {
        int fd = contract_connect(t, PEER_LATE);
        uint64_t start_ns = io_now(t->io);

        EXPECT(t, fd >= 0);
        EXPECT_EQ(t, io_write(t->io, fd, "late", 4, NO_DEADLINE), 4);
        EXPECT_EQ(
            t,
            io_read(t->io, fd, got, sizeof got, with_deadline ? contract_patience(t) : NO_DEADLINE),
            4);
        EXPECT(t, io_now(t->io) - start_ns >= PEERS_LATE_NS);
        EXPECT(t, memcmp(got, "late", 4) == 0);
        EXPECT_EQ(t, io_close(t->io, fd), 0);
    }
}

static void read_gives_what_is_there(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    char got[64] = "";
    ssize_t n;

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_write(t->io, fd, "abcdef", 6, NO_DEADLINE), 6);
    n = io_read(t->io, fd, got, sizeof got, contract_patience(t));
    EXPECT(t, n >= 1 && n <= 6);
    EXPECT_EQ(t, io_read_full(t->io, fd, got + n, (size_t)(6 - n), contract_patience(t)), 6 - n);
    EXPECT(t, strcmp(got, "abcdef") == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void small_reads_leave_the_rest(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    char got[8] = "";

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_write(t->io, fd, "abcd", 4, NO_DEADLINE), 4);
    for (int i = 0; i < 4; i++)
        EXPECT_EQ(t, io_read(t->io, fd, got + i, 1, contract_patience(t)), 1);
    EXPECT(t, strcmp(got, "abcd") == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void end_of_stream_is_zero(struct contract *t)
{
    int fd = contract_connect(t, PEER_CLOSING);
    char got[32];

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_write(t->io, fd, "bye", 3, NO_DEADLINE), 3);
    EXPECT_EQ(t, io_read_full(t->io, fd, got, sizeof got, contract_patience(t)), 3);
    EXPECT_EQ(t, io_read(t->io, fd, got, sizeof got, contract_patience(t)), 0);
    EXPECT_EQ(t, io_read(t->io, fd, got, sizeof got, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_read_full(t->io, fd, got, sizeof got, NO_DEADLINE), 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

/* Far more than the kernel's buffers: the writes have to wait for room. */
static void large_transfer_arrives_whole(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    size_t len = CONTRACT_BULK;

    EXPECT(t, fd >= 0);
    for (size_t i = 0; i < len; i++)
        t->bulk[0][i] = (char)(i * 2654435761U >> 24);
    EXPECT_EQ(t, io_write_full(t->io, fd, t->bulk[0], len, NO_DEADLINE), len);
    EXPECT_EQ(t, io_read_full(t->io, fd, t->bulk[1], len, contract_patience(t)), len);
    EXPECT(t, memcmp(t->bulk[0], t->bulk[1], len) == 0);
    EXPECT_EQ(t, io_write_full(t->io, fd, t->bulk[1], len, contract_patience(t)), len);
    EXPECT_EQ(t, io_read_full(t->io, fd, t->bulk[0], len, NO_DEADLINE), len);
    EXPECT(t, memcmp(t->bulk[0], t->bulk[1], len) == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void two_connections_do_not_mix(struct contract *t)
{
    int a = contract_connect(t, PEER_ECHO), b = contract_connect(t, PEER_LATE);
    char got_a[4], got_b[4];

    EXPECT(t, a >= 0 && b >= 0 && a != b);
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(t, io_write(t->io, b, "bbbb", 4, NO_DEADLINE), 4);
        EXPECT_EQ(t, io_write(t->io, a, "aaaa", 4, NO_DEADLINE), 4);
        EXPECT_EQ(t, io_read_full(t->io, a, got_a, 4, contract_patience(t)), 4);
        EXPECT_EQ(t, io_read_full(t->io, b, got_b, 4, contract_patience(t)), 4);
        EXPECT(t, memcmp(got_a, "aaaa", 4) == 0 && memcmp(got_b, "bbbb", 4) == 0);
    }
    EXPECT_EQ(t, io_close(t->io, a), 0);
    EXPECT_EQ(t, io_close(t->io, b), 0);
}

static void descriptors_come_and_go(struct contract *t)
{
    char got[2];

    for (int i = 0; i < 20; i++) {
        int fd = contract_connect(t, PEER_ECHO);

        EXPECT(t, fd >= 0);
        EXPECT_EQ(t, io_write(t->io, fd, "hi", 2, NO_DEADLINE), 2);
        EXPECT_EQ(t, io_read_full(t->io, fd, got, 2, contract_patience(t)), 2);
        EXPECT_EQ(t, io_close(t->io, fd), 0);
    }
}

static void refused_connect_says_so(struct contract *t)
{
    struct sockaddr_in address = contract_address(t, PEER_REFUSED);

    EXPECT(t, address.sin_port != 0);
    for (int with_deadline = 0; with_deadline < 2; with_deadline++) {
        int fd = io_socket(t->io, AF_INET, SOCK_STREAM, 0);

        EXPECT(t, fd >= 0);
        EXPECT_EQ(t,
                  io_connect(t->io, fd, (struct sockaddr *)&address, sizeof address,
                             with_deadline ? contract_patience(t) : NO_DEADLINE),
                  -ECONNREFUSED);
        EXPECT_EQ(t, io_close(t->io, fd), 0);
    }
}

static void connect_without_deadline(struct contract *t)
{
    struct sockaddr_in address = contract_address(t, PEER_ECHO);
    int fd = io_socket(t->io, AF_INET, SOCK_STREAM, 0);
    char byte = 0;

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_connect(t->io, fd, (struct sockaddr *)&address, sizeof address, NO_DEADLINE),
              0);
    EXPECT_EQ(t, io_write(t->io, fd, "c", 1, NO_DEADLINE), 1);
    EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, contract_patience(t)), 1);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void accept_waits_for_a_late_caller(struct contract *t)
{
    int listener = contract_listen(t, PEERS_LATE_NS), fd;
    uint64_t start_ns = io_now(t->io);
    char got[4];

    EXPECT(t, listener >= 0);
    contract_call(t);
    fd = io_accept(t->io, listener, NO_DEADLINE);
    EXPECT(t, fd >= 0);
    EXPECT(t, io_now(t->io) - start_ns >= PEERS_LATE_NS);
    EXPECT_EQ(t, io_write_full(t->io, fd, "ping", 4, NO_DEADLINE), 4);
    EXPECT_EQ(t, io_read_full(t->io, fd, got, 4, contract_patience(t)), 4);
    EXPECT(t, memcmp(got, "ping", 4) == 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    EXPECT_EQ(t, io_close(t->io, listener), 0);
}

/* The kernel sends a SYN again after 1 s. */
static void what_tcp_sends_again_is_counted_at_the_end(struct contract *t)
{
    static uint64_t resent; /* the io writes to it later than this case, if that fails */
    struct sockaddr_in address = contract_address(t, PEER_UNANSWERED);
    int fd = contract_connect(t, PEER_ECHO);
    char byte = 0;

    resent = 0;
    t->io->resent = &resent;
    EXPECT(t, fd >= 0 && address.sin_port != 0);
    EXPECT_EQ(t, io_write(t->io, fd, "c", 1, NO_DEADLINE), 1);
    EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, contract_patience(t)), 1);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    EXPECT_EQ(t, resent, 0);
    fd = io_socket(t->io, AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(t,
              io_connect(t->io, fd, (struct sockaddr *)&address, sizeof address,
                         io_now(t->io) + 3 * NS_PER_S / 2),
              -ETIMEDOUT);
    EXPECT_EQ(t, resent, 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    EXPECT(t, resent > 0);
}

int main(void)
{
    const struct contract_case cases[] = {
        {"echo round trip", echo_round_trip, false},
        {"read waits for late bytes", read_waits_for_late_bytes, false},
        {"read gives what is there", read_gives_what_is_there, false},
        {"small reads leave the rest", small_reads_leave_the_rest, false},
        {"end of stream is zero", end_of_stream_is_zero, false},
        {"large transfer arrives whole", large_transfer_arrives_whole, false},
        {"two connections do not mix", two_connections_do_not_mix, false},
        {"descriptors come and go", descriptors_come_and_go, false},
        {"refused connect says so", refused_connect_says_so, false},
        {"connect without deadline", connect_without_deadline, false},
        {"accept waits for a late caller", accept_waits_for_a_late_caller, false},
        {"what TCP sends again is counted at the end", what_tcp_sends_again_is_counted_at_the_end,
         true},
    };

    return contract_run("io contract: connections", cases, COUNT_OF(cases));
}
