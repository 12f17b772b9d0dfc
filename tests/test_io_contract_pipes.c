/* The promise: pipes wait as sockets do under every io backend, in whatever mode they come; and
 * nothing that happens meanwhile is more than its error: no signal cuts a wait short, a peer that
 * has gone does not kill the writer, and after an error that is over, waiting goes on. */
#include "support/contract.h"
#include "support/loopback.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t signals_seen;

static void count_signal(int number)
{
    (void)number;
    signals_seen++;
}

/* Without SA_RESTART, so that system calls are interrupted. */
static void watch_signal(int number, struct sigaction *before)
{
    struct sigaction action = {.sa_handler = count_signal};

    signals_seen = 0;
    sigaction(number, &action, before);
}

static void expect_broken_pipe(struct contract *t, int fd, uint64_t deadline_ns)
{
    struct sigaction before;
    ssize_t n = 1;

    watch_signal(SIGPIPE, &before);
    /* A real peer's refusal takes a while to come back. */
    for (int i = 0; n > 0 && i < 2000; i++) {
        n = io_write(t->io, fd, "x", 1, deadline_ns);
        if (n > 0)
            io_sleep(t->io, NS_PER_MS);
    }
    if (n == -ECONNRESET)
        n = io_write(t->io, fd, "x", 1, deadline_ns);
    sigaction(SIGPIPE, &before, NULL);
    EXPECT_EQ(t, n, -EPIPE);
    EXPECT_EQ(t, signals_seen, 0);
}

static void write_to_a_closed_peer_fails(struct contract *t)
{
    for (int with_deadline = 0; with_deadline < 2; with_deadline++) {
        int fd = contract_connect(t, PEER_CLOSING);
        char byte;

        EXPECT(t, fd >= 0);
        EXPECT_EQ(t, io_write(t->io, fd, "x", 1, NO_DEADLINE), 1);
        EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, contract_patience(t)), 1);
        EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, contract_patience(t)), 0);
        expect_broken_pipe(t, fd, with_deadline ? contract_patience(t) : NO_DEADLINE);
        EXPECT_EQ(t, io_close(t->io, fd), 0);
    }
}

static void write_to_a_pipe_nobody_reads_fails(struct contract *t)
{
    for (int with_deadline = 0; with_deadline < 2; with_deadline++) {
        int fds[2];

        EXPECT_EQ(t, pipe2(fds, O_CLOEXEC), 0);
        EXPECT_EQ(t, io_close(t->io, fds[0]), 0);
        expect_broken_pipe(t, fds[1], with_deadline ? contract_patience(t) : NO_DEADLINE);
        EXPECT_EQ(t, io_close(t->io, fds[1]), 0);
    }
}

static void pipes_work_like_sockets(struct contract *t)
{
    uint64_t deadline_ns;
    char got[8];
    ssize_t n;
    int fds[2];

    EXPECT_EQ(t, pipe2(fds, O_CLOEXEC), 0);
    deadline_ns = io_now(t->io) + NS_PER_MS;
    EXPECT_EQ(t, io_read(t->io, fds[0], got, 8, deadline_ns), -ETIMEDOUT);
    EXPECT(t, io_now(t->io) >= deadline_ns);
    EXPECT_EQ(t, io_write(t->io, fds[1], "pipe", 4, NO_DEADLINE), 4);
    EXPECT_EQ(t, io_read(t->io, fds[0], got, 8, NO_DEADLINE), 4);
    EXPECT(t, memcmp(got, "pipe", 4) == 0);
    memset(t->bulk[0], 'p', CONTRACT_BULK);
    do { /* fill it up: a write with a deadline must not hang for want of room */
        deadline_ns = io_now(t->io) + 5 * NS_PER_MS;
        n = io_write(t->io, fds[1], t->bulk[0], CONTRACT_BULK, deadline_ns);
    } while (n > 0);
    EXPECT_EQ(t, n, -ETIMEDOUT);
    EXPECT(t, io_now(t->io) >= deadline_ns);
    EXPECT_EQ(t, io_close(t->io, fds[1]), 0);
    while ((n = io_read(t->io, fds[0], t->bulk[1], CONTRACT_BULK, contract_patience(t))) > 0)
        ;
    EXPECT_EQ(t, n, 0);
    EXPECT_EQ(t, io_close(t->io, fds[0]), 0);
}

struct pipe_writer {
    int fd;
};

static void *write_later(void *arg)
{
    struct pipe_writer *w = arg;
    struct timespec pause = clock_timespec(PEERS_LATE_NS);

    nanosleep(&pause, NULL);
    return write(w->fd, "later", 5) == 5 ? w : NULL;
}

/* Descriptors may come from elsewhere in either mode; a read waits in both. */
static void blocking_mode_does_not_matter(struct contract *t)
{
    const int modes[] = {0, O_NONBLOCK};

    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        static struct pipe_writer writer; /* a thread reads it */
        pthread_t thread;
        void *written;
        char got[8];
        ssize_t n;
        int fds[2];

        EXPECT_EQ(t, pipe2(fds, O_CLOEXEC | modes[i]), 0);
        writer.fd = fds[1];
        EXPECT_EQ(t, pthread_create(&thread, NULL, write_later, &writer), 0);
        n = io_read(t->io, fds[0], got, sizeof got, NO_DEADLINE);
        pthread_join(thread, &written);
        EXPECT(t, written != NULL);
        EXPECT_EQ(t, n, 5);
        EXPECT_EQ(t, io_close(t->io, fds[0]), 0);
        EXPECT_EQ(t, io_close(t->io, fds[1]), 0);
    }
}

/* An error that is reported and over, as of a datagram that nobody received, leaves the descriptor
 * waiting for the next datagram as before. */
static void waiting_goes_on_after_an_error(struct contract *t)
{
    struct sockaddr_in address = loopback_address(0);
    socklen_t size = sizeof address;
    int fd = io_socket(t->io, AF_INET, SOCK_DGRAM, 0);
    int far = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    static struct pipe_writer writer; /* a thread reads it */
    pthread_t thread;
    char got[8];
    ssize_t n;

    EXPECT(t, fd >= 0 && far >= 0);
    EXPECT_EQ(t, bind(far, (struct sockaddr *)&address, size), 0);
    EXPECT_EQ(t, getsockname(far, (struct sockaddr *)&address, &size), 0);
    EXPECT_EQ(t, io_connect(t->io, fd, (struct sockaddr *)&address, size, NO_DEADLINE), 0);
    close(far);
    writer.fd = fd; /* sent from elsewhere, so that the read is waiting when the error comes */
    EXPECT_EQ(t, pthread_create(&thread, NULL, write_later, &writer), 0);
    n = io_read(t->io, fd, got, sizeof got, contract_patience(t));
    pthread_join(thread, NULL);
    EXPECT_EQ(t, n, -ECONNREFUSED);

    far = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(t, bind(far, (struct sockaddr *)&address, size), 0);
    EXPECT_EQ(t, getsockname(fd, (struct sockaddr *)&address, &size), 0);
    EXPECT_EQ(t, connect(far, (struct sockaddr *)&address, size), 0);
    writer.fd = far;
    EXPECT_EQ(t, pthread_create(&thread, NULL, write_later, &writer), 0);
    n = io_read(t->io, fd, got, sizeof got, contract_patience(t));
    pthread_join(thread, NULL);
    EXPECT_EQ(t, n, 5);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    EXPECT_EQ(t, close(far), 0);
}

#define INTERRUPTIONS 40

static void *interrupt(void *arg)
{
    const pthread_t *thread = arg;
    struct timespec pause = clock_timespec(2 * NS_PER_MS);

    for (int i = 0; i < INTERRUPTIONS; i++) {
        nanosleep(&pause, NULL);
        pthread_kill(*thread, SIGUSR1);
    }
    return NULL;
}

/* Waits of at least PEERS_LATE_NS each, in every operation that can be interrupted. */
static void wait_in_every_way(struct contract *t)
{
    int listener = contract_listen(t, PEERS_LATE_NS), fd;
    uint64_t deadline_ns = io_now(t->io) + 10 * NS_PER_MS;
    char got[4];

    EXPECT(t, listener >= 0);
    EXPECT_EQ(t, io_sleep_until(t->io, deadline_ns), 0);
    EXPECT(t, io_now(t->io) >= deadline_ns);
    for (int with_deadline = 0; with_deadline < 2; with_deadline++) {
        uint64_t patience_ns = with_deadline ? contract_patience(t) : NO_DEADLINE;

        fd = contract_connect(t, PEER_LATE);
        EXPECT(t, fd >= 0);
        EXPECT_EQ(t, io_write(t->io, fd, "late", 4, patience_ns), 4);
        EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLIN, patience_ns), POLLIN);
        EXPECT_EQ(t, io_read_full(t->io, fd, got, 4, patience_ns), 4);
        EXPECT_EQ(t, io_write(t->io, fd, "late", 4, patience_ns), 4);
        EXPECT_EQ(t, io_read_full(t->io, fd, got, 4, patience_ns), 4);
        EXPECT_EQ(t, io_close(t->io, fd), 0);
        contract_call(t);
        fd = io_accept(t->io, listener, patience_ns);
        EXPECT(t, fd >= 0);
        EXPECT_EQ(t, io_close(t->io, fd), 0);
    }
    EXPECT_EQ(t, io_close(t->io, listener), 0);
}

static void signals_do_not_cut_waits_short(struct contract *t)
{
    static pthread_t self; /* a thread reads it */
    struct sigaction before;
    pthread_t thread;

    self = pthread_self();
    watch_signal(SIGUSR1, &before);
    if (pthread_create(&thread, NULL, interrupt, &self) == 0) {
        wait_in_every_way(t);
        pthread_join(thread, NULL);
    }
    sigaction(SIGUSR1, &before, NULL);
    if (t->failure[0] == '\0')
        EXPECT(t, signals_seen > 0);
}

int main(void)
{
    const struct contract_case cases[] = {
        {"write to a closed peer fails", write_to_a_closed_peer_fails, false},
        {"write to a pipe nobody reads fails", write_to_a_pipe_nobody_reads_fails, true},
        {"pipes work like sockets", pipes_work_like_sockets, true},
        {"blocking mode does not matter", blocking_mode_does_not_matter, true},
        {"waiting goes on after an error", waiting_goes_on_after_an_error, true},
        {"signals do not cut waits short", signals_do_not_cut_waits_short, true},
    };

    return contract_run("io contract: pipes, signals, lost peers", cases, COUNT_OF(cases));
}
