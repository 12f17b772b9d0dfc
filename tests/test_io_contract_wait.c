/* The promise: under every io backend a wait for a descriptor ends when the descriptor is ready,
 * broken or late, and says what poll(2) says. The descriptor may be of any kind, in any mode, and
 * closed by others: nothing of it stays behind. */
#include "async/loop.h"
#include "support/contract.h"
#include "support/loopback.h"
#include "support/test_async_parking.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define SPAN_NS (5 * NS_PER_MS)
#define BOTH    (POLLIN | POLLOUT)

static void what_is_ready_is_ready_at_once(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    char byte;

    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLOUT, NO_DEADLINE), POLLOUT);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, BOTH, NO_DEADLINE), POLLOUT);
    EXPECT_EQ(t, io_write(t->io, fd, "x", 1, NO_DEADLINE), 1);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLIN, contract_patience(t)), POLLIN);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, BOTH, NO_DEADLINE), BOTH);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLOUT, NO_DEADLINE), POLLOUT);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, BOTH, io_now(t->io)), -ETIMEDOUT);
    EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, contract_patience(t)), 1);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void what_becomes_ready_ends_the_wait(struct contract *t)
{
    int fd = contract_connect(t, PEER_LATE), listener = contract_listen(t, SPAN_NS);
    uint64_t begin_ns = io_now(t->io);
    char byte;

    EXPECT(t, fd >= 0 && listener >= 0);
    for (int i = 0; i < 2; i++) {
        EXPECT_EQ(t, io_write(t->io, fd, "x", 1, NO_DEADLINE), 1);
        EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLIN, i ? NO_DEADLINE : contract_patience(t)), POLLIN);
        EXPECT(t, io_now(t->io) - begin_ns >= PEERS_LATE_NS);
        EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, contract_patience(t)), 1);
    }
    contract_call(t);
    EXPECT_EQ(t, io_wait_fd(t->io, listener, POLLIN, contract_patience(t)), POLLIN);
    EXPECT_EQ(t, io_close(t->io, io_accept(t->io, listener, contract_patience(t))), 0);
    EXPECT_EQ(t, io_close(t->io, listener), 0);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void a_wait_times_out_and_goes_on(struct contract *t)
{
    int fd = contract_connect(t, PEER_ECHO);
    char byte;

    EXPECT(t, fd >= 0);
    for (int i = 0; i < 3; i++) {
        uint64_t deadline_ns = io_now(t->io) + SPAN_NS;

        EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLIN, deadline_ns), -ETIMEDOUT);
        EXPECT(t, io_now(t->io) >= deadline_ns);
        EXPECT_EQ(t, io_write(t->io, fd, "y", 1, NO_DEADLINE), 1);
        EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLIN, contract_patience(t)), POLLIN);
        EXPECT_EQ(t, io_read(t->io, fd, &byte, 1, contract_patience(t)), 1);
    }
    EXPECT_EQ(t, io_close(t->io, fd), 0);
}

static void files_are_ready_and_nonsense_is_refused(struct contract *t)
{
    const int numbers[] = {-1, INT_MIN, INT_MAX};
    char path[128];
    int fd;

    /* Not through an io that opens files in the memory of a task, whose stack may be parked. */
    contract_path(t, "file", path, sizeof path);
    fd = t->peers != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)
                          : io_open(t->io, path, O_RDWR | O_CREAT, 0600, NO_DEADLINE);
    EXPECT(t, fd >= 0);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLIN, NO_DEADLINE), POLLIN);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, BOTH, NO_DEADLINE), BOTH);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, 0, NO_DEADLINE), -EINVAL);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLIN | POLLPRI, NO_DEADLINE), -EINVAL);
    EXPECT_EQ(t, io_close(t->io, fd), 0);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, POLLIN, NO_DEADLINE), -EBADF);
    EXPECT_EQ(t, io_wait_fd(t->io, fd, BOTH, contract_patience(t)), -EBADF);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        EXPECT_EQ(t, io_wait_fd(t->io, numbers[i], POLLIN, NO_DEADLINE), -EBADF);
}

/* ---- What only a kernel has ---- */

struct later {
    int fd;
    ssize_t (*act)(int fd);
};

static ssize_t write_eight(int fd)
{
    return write(fd, "\1\0\0\0\0\0\0\0", 8) - 8;
}

static ssize_t drain(int fd)
{
    static char bytes[1 << 16];

    while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
    return 0;
}

static ssize_t close_it(int fd)
{
    return close(fd);
}

static void *act_later(void *arg)
{
    const struct later *later = arg;
    struct timespec pause = clock_timespec(2 * SPAN_NS);

    nanosleep(&pause, NULL);
    return later->act(later->fd) < 0 ? NULL : arg;
}

/* What a wait for `events` of fd says while another thread does something to the other end. */
static int wait_while(struct contract *t, int fd, short events, ssize_t (*act)(int), int other)
{
    static struct later later; /* a thread reads it */
    pthread_t thread;
    void *done = NULL;
    int holds;

    later = (struct later){other, act};
    if (pthread_create(&thread, NULL, act_later, &later) != 0)
        return -EAGAIN;
    holds = io_wait_fd(t->io, fd, events, contract_patience(t));
    pthread_join(thread, &done);
    return done != NULL ? holds : -EIO;
}

static void every_kind_in_every_mode(struct contract *t)
{
    for (int mode = 0; mode < 2; mode++) {
        int events = eventfd(0, EFD_CLOEXEC | (mode ? EFD_NONBLOCK : 0));
        char got[8];
        int ends[2];

        EXPECT(t, events >= 0 && pipe2(ends, O_CLOEXEC | (mode ? O_NONBLOCK : 0)) == 0);
        EXPECT_EQ(t, wait_while(t, events, POLLIN, write_eight, events), POLLIN);
        EXPECT_EQ(t, io_wait_fd(t->io, events, BOTH, NO_DEADLINE), BOTH);
        EXPECT_EQ(t, wait_while(t, ends[0], POLLIN, write_eight, ends[1]), POLLIN);
        EXPECT_EQ(t, io_read(t->io, ends[0], got, sizeof got, NO_DEADLINE), 8);
        EXPECT_EQ(t, wait_while(t, ends[0], POLLIN, write_eight, ends[1]), POLLIN);
        EXPECT_EQ(t, io_close(t->io, ends[0]), 0);
        EXPECT_EQ(t, io_close(t->io, ends[1]), 0);
        EXPECT_EQ(t, io_close(t->io, events), 0);
    }
}

static void fill(int fd)
{
    static const char zeros[4096];

    while (send(fd, zeros, sizeof zeros, MSG_DONTWAIT) > 0)
        ;
}

static void either_direction_ends_a_wait_for_both(struct contract *t)
{
    int ends[2];

    EXPECT_EQ(t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    fill(ends[0]);
    EXPECT_EQ(t, io_wait_fd(t->io, ends[0], BOTH, io_now(t->io) + SPAN_NS), -ETIMEDOUT);
    EXPECT_EQ(t, wait_while(t, ends[0], BOTH, write_eight, ends[1]), POLLIN);
    EXPECT_EQ(t, recv(ends[0], t->bulk[1], 8, 0), 8);
    EXPECT(t, wait_while(t, ends[0], BOTH, drain, ends[1]) & POLLOUT);
    close(ends[0]);
    close(ends[1]);
}

/* The peer has nothing more to say, and can still listen. */
static void half_a_hang_up_ends_no_wait_for_room(struct contract *t)
{
    int ends[2];

    EXPECT_EQ(t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    fill(ends[0]);
    EXPECT_EQ(t, shutdown(ends[1], SHUT_WR), 0);
    EXPECT_EQ(t, io_wait_fd(t->io, ends[0], POLLOUT, io_now(t->io) + SPAN_NS), -ETIMEDOUT);
    EXPECT_EQ(t, wait_while(t, ends[0], POLLOUT, drain, ends[1]), POLLOUT);
    EXPECT_EQ(t, io_wait_fd(t->io, ends[0], BOTH, NO_DEADLINE), BOTH);
    close(ends[0]);
    close(ends[1]);
}

static void hang_ups_and_errors_end_a_wait(struct contract *t)
{
    int ends[2];

    for (int early = 0; early < 2; early++) {
        ssize_t (*act)(int) = early ? drain : close_it;

        EXPECT_EQ(t, pipe2(ends, O_CLOEXEC), 0);
        if (early)
            close(ends[1]);
        EXPECT_EQ(t, wait_while(t, ends[0], POLLIN, act, early ? ends[0] : ends[1]), POLLHUP);
        close(ends[0]);

        EXPECT_EQ(t, pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        while (write(ends[1], t->bulk[0], 4096) > 0)
            ;
        if (early)
            close(ends[0]);
        EXPECT(t, wait_while(t, ends[1], POLLOUT, act, early ? ends[1] : ends[0]) & POLLERR);
        close(ends[1]);

        EXPECT_EQ(t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        if (early)
            close(ends[1]);
        EXPECT_EQ(t, wait_while(t, ends[0], POLLIN, act, early ? ends[0] : ends[1]),
                  POLLIN | POLLHUP);
        close(ends[0]);
    }
}

/* Nobody receives the datagram. */
static void a_refused_datagram_is_an_error(struct contract *t)
{
    struct sockaddr_in address = loopback_address(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int far = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    EXPECT(t, fd >= 0 && far >= 0);
    EXPECT_EQ(t, bind(far, (struct sockaddr *)&address, size), 0);
    EXPECT_EQ(t, getsockname(far, (struct sockaddr *)&address, &size), 0);
    EXPECT_EQ(t, connect(fd, (struct sockaddr *)&address, size), 0);
    close(far);
    EXPECT(t, wait_while(t, fd, POLLIN, write_eight, fd) & POLLERR);
    close(fd);
}

/* As libraries do, which open another connection after one that was refused. */
static void others_may_close_a_descriptor_and_its_number_is_used_again(struct contract *t)
{
    int first[2], again[2];

    EXPECT_EQ(t, pipe2(first, O_CLOEXEC), 0);
    for (int i = 0; i < 3; i++) {
        char byte;

        if (i > 0)
            EXPECT_EQ(t, wait_while(t, first[0], POLLIN, write_eight, first[1]), POLLIN);
        EXPECT_EQ(t, read(first[0], t->bulk[0], i > 0 ? 8 : 0), i > 0 ? 8 : 0);
        EXPECT_EQ(t, io_wait_fd(t->io, first[0], POLLIN, io_now(t->io) + 1), -ETIMEDOUT);
        EXPECT_EQ(t, io_wait_fd(t->io, first[0], POLLIN, io_now(t->io) + SPAN_NS), -ETIMEDOUT);
        close(first[0]);
        close(first[1]);
        EXPECT_EQ(t, pipe2(again, O_CLOEXEC), 0);
        EXPECT(t, again[0] == first[0] && again[1] == first[1]);
        /* A blocking one, which a backend that takes it for the old one would block on. */
        EXPECT_EQ(t, io_read(t->io, again[0], &byte, 1, io_now(t->io) + SPAN_NS), -ETIMEDOUT);
        EXPECT_EQ(t, io_close(t->io, again[0]), 0);
        EXPECT_EQ(t, io_close(t->io, again[1]), 0);
        EXPECT_EQ(t, pipe2(first, O_CLOEXEC), 0);
        EXPECT(t, again[0] == first[0]);
    }
    close(first[0]);
    close(first[1]);
}

static void a_descriptor_may_have_a_large_number(struct contract *t)
{
    struct rlimit before, limit;
    int ends[2], large;

    EXPECT_EQ(t, getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = limit.rlim_max < 100000 ? limit.rlim_max : 100000;
    EXPECT_EQ(t, setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(t, pipe2(ends, O_CLOEXEC), 0);
    large = fcntl(ends[0], F_DUPFD_CLOEXEC, (int)limit.rlim_cur - 1);
    EXPECT(t, large > 1000);
    EXPECT_EQ(t, wait_while(t, large, POLLIN, write_eight, ends[1]), POLLIN);
    EXPECT_EQ(t, io_close(t->io, large), 0);
    EXPECT_EQ(t, io_wait_fd(t->io, large, POLLIN, NO_DEADLINE), -EBADF);
    close(ends[0]);
    close(ends[1]);
    setrlimit(RLIMIT_NOFILE, &before);
}

/* ---- Several waiters: tasks of one loop, or threads ---- */

static struct waiter {
    struct io *io;
    int fd, result;
    short events;
} waiters[3]; /* others look at them while they wait */

static int wait_in_task(void *arg)
{
    struct waiter *w = arg;

    w->result = io_wait_fd(w->io, w->fd, w->events, NO_DEADLINE);
    return 0;
}

static void *wait_in_thread(void *arg)
{
    wait_in_task(arg);
    return NULL;
}

/* Is there a loop, and may its tasks wait by this io? */
static bool has_tasks(const struct contract *t)
{
    return task_current() != NULL && !(t->io->ops->lends && test_async_options().park_all);
}

/* A reader and a writer wait for themselves, and each is woken for its own event. A third waiter is
 * refused. A descriptor that tasks wait for cannot be closed. */
static void tasks_wait_one_in_each_direction(struct contract *t)
{
    struct task *tasks[2];
    int ends[2];

    if (!has_tasks(t))
        return;
    EXPECT_EQ(t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    fill(ends[0]);
    for (int i = 0; i < 2; i++) {
        waiters[i] = (struct waiter){t->io, ends[0], 0, i ? POLLOUT : POLLIN};
        tasks[i] = task_create(coro_create(wait_in_task, &waiters[i]));
        EXPECT(t, tasks[i] != NULL);
    }
    EXPECT_EQ(t, task_yield(), 0);
    EXPECT_EQ(t, io_wait_fd(t->io, ends[0], POLLIN, contract_patience(t)), -EBUSY);
    EXPECT_EQ(t, io_wait_fd(t->io, ends[0], POLLOUT, contract_patience(t)), -EBUSY);
    EXPECT_EQ(t, io_wait_fd(t->io, ends[0], BOTH, contract_patience(t)), -EBUSY);
    EXPECT_EQ(t, io_close(t->io, ends[0]), -EBUSY);
    EXPECT_EQ(t, write_eight(ends[1]), 0);
    EXPECT_EQ(t, task_await(tasks[0]), 0);
    EXPECT_EQ(t, waiters[0].result, POLLIN);
    EXPECT(t, !task_done(tasks[1]));
    drain(ends[1]);
    EXPECT_EQ(t, task_await(tasks[1]), 0);
    EXPECT(t, waiters[1].result & POLLOUT);
    task_release(tasks[0]);
    task_release(tasks[1]);
    EXPECT_EQ(t, io_close(t->io, ends[0]), 0);
    close(ends[1]);
}

/* Canceled before the loop has asked the kernel, and after: then others close the descriptor. */
static void canceled_tasks_leave_nothing_behind(struct contract *t)
{
    if (!has_tasks(t))
        return;
    for (int asked = 0; asked < 2; asked++) {
        struct task *task;
        int ends[2];

        EXPECT_EQ(t, pipe2(ends, O_CLOEXEC), 0);
        waiters[0] = (struct waiter){t->io, ends[0], 0, POLLIN};
        task = task_create(coro_create(wait_in_task, &waiters[0]));
        EXPECT(t, task != NULL && task_yield() == 0);
        if (asked)
            EXPECT_EQ(t, io_sleep(t->io, SPAN_NS), 0);
        EXPECT(t, task_cancel(task));
        EXPECT_EQ(t, task_await(task), 0);
        EXPECT_EQ(t, waiters[0].result, -ECANCELED);
        task_release(task);
        close(ends[0]);
        close(ends[1]);
        EXPECT_EQ(t, io_sleep(t->io, NS_PER_MS), 0);
    }
}

static void threads_wait_together(struct contract *t)
{
    pthread_t threads[COUNT_OF(waiters)];
    int fd = eventfd(0, EFD_CLOEXEC);

    EXPECT(t, fd >= 0);
    if (task_current() == NULL) {
        for (size_t i = 0; i < COUNT_OF(threads); i++) {
            waiters[i] = (struct waiter){t->io, fd, 0, POLLIN};
            EXPECT_EQ(t, pthread_create(&threads[i], NULL, wait_in_thread, &waiters[i]), 0);
        }
        EXPECT_EQ(t, wait_while(t, fd, POLLIN, write_eight, fd), POLLIN);
        for (size_t i = 0; i < COUNT_OF(threads); i++) {
            pthread_join(threads[i], NULL);
            EXPECT_EQ(t, waiters[i].result, POLLIN);
        }
    }
    close(fd);
}

int main(void)
{
    const struct contract_case cases[] = {
        {"what is ready is ready at once", what_is_ready_is_ready_at_once, false},
        {"what becomes ready ends the wait", what_becomes_ready_ends_the_wait, false},
        {"a wait times out and goes on", a_wait_times_out_and_goes_on, false},
        {"files are ready, nonsense is refused", files_are_ready_and_nonsense_is_refused, false},
        {"every kind in every mode", every_kind_in_every_mode, true},
        {"either direction ends a wait for both", either_direction_ends_a_wait_for_both, true},
        {"half a hang-up ends no wait for room", half_a_hang_up_ends_no_wait_for_room, true},
        {"hang-ups and errors end a wait", hang_ups_and_errors_end_a_wait, true},
        {"a refused datagram is an error", a_refused_datagram_is_an_error, true},
        {"others may close a descriptor",
         others_may_close_a_descriptor_and_its_number_is_used_again, true},
        {"a descriptor may have a large number", a_descriptor_may_have_a_large_number, true},
        {"tasks wait one in each direction", tasks_wait_one_in_each_direction, true},
        {"canceled tasks leave nothing behind", canceled_tasks_leave_nothing_behind, true},
        {"threads wait together", threads_wait_together, true},
    };

    return contract_run("io contract: waiting for any descriptor", cases, COUNT_OF(cases));
}
