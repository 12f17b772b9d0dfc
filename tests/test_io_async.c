/* The promise: on a loop, whether it sleeps in libuv or in io_uring, a descriptor that a task waits
 * for is not closed under it, and has no second waiter for the same event. Reads of messages whose
 * size is known do not ask the kernel in vain. What is cached of a file is read at once, all else
 * by a thread, and readers of cached files keep nobody from the loop. The loop sleeps until there
 * is something to do, also where a peer is gone and nobody reads, and sets its timer for no other
 * look. All of many sockets that are ready have their turn. It may have several of these. */
#include "io/io_async.h"

#include "async/future.h"
#include "io/io_ring.h"
#include "support/loopback.h"
#include "support/test_async_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

/* The linker lets the library's calls end here. */
static unsigned reads[1024]; /* by descriptor */
static struct {
    int err;       /* what preadv2() says; 0: what pread() does */
    bool says_end; /* or 0 bytes, whatever is there */
    uint64_t takes_ns;
    unsigned calls;
} cache;

static unsigned looks, settings; /* calls of epoll_wait() and timerfd_settime() */

int __real_timerfd_settime(int fd, int flags, const struct itimerspec *spec,
                           struct itimerspec *old);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *spec,
                           struct itimerspec *old);
int __real_epoll_wait(int fd, struct epoll_event *events, int n, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int n, int timeout);
ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __wrap_preadv2(int fd, const struct iovec *v, int n, off_t offset, int flags);

ssize_t __wrap_read(int fd, void *buf, size_t len)
{
    if (fd >= 0 && fd < 1024)
        reads[fd]++;
    return __real_read(fd, buf, len);
}

ssize_t __wrap_preadv2(int fd, const struct iovec *v, int n, off_t offset, int flags)
{
    uint64_t end_ns = clock_now_ns() + cache.takes_ns;

    cache.calls++;
    while (clock_now_ns() < end_ns)
        ;
    if (n != 1 || flags != RWF_NOWAIT)
        abort();
    errno = cache.err;
    return cache.err != 0 ? -1 : cache.says_end ? 0 : pread(fd, v->iov_base, v->iov_len, offset);
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *spec, struct itimerspec *old)
{
    settings++;
    return __real_timerfd_settime(fd, flags, spec, old);
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
    looks++;
    return __real_epoll_wait(fd, events, n, timeout);
}

struct scene {
    bool ring;
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

    if (s->ring)
        io_ring_create(loop_running(), &s->io, NULL);
    else
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
    (void)state;
    for (int ring = 0; ring < 2; ring++) {
        struct scene s = {.ring = ring};

        if (!ring || io_ring_check(NULL) == 0)
            assert_int_equal(test_async_run(close_under_a_reader, &s), 0);
    }
}

/* ---- The loop's sleep ---- */

#define NAP_NS (10 * NS_PER_MS)
#define FEW    10 /* looks meanwhile; a loop that does not sleep makes thousands */

/* Does the loop sleep while nothing happens, and not too short? */
static int sleeps_well(void)
{
    uint64_t begin_ns = clock_now_ns();

    looks = 0;
    EXPECT(task_sleep(NAP_NS) == 0);
    EXPECT(clock_now_ns() - begin_ns >= NAP_NS);
    EXPECT(looks <= FEW);
    return 0;
}

static int write_late(void *arg)
{
    struct scene *s = arg;

    task_sleep(NS_PER_MS);
    return (int)io_write(s->io, s->fds[1], "x", 1, NO_DEADLINE);
}

/* The loop slept in libuv before, and its timer has expired. */
static int sleep_and_read(void *arg)
{
    struct scene *s = arg;
    uv_loop_t *uv = loop_uv(loop_running());
    uint64_t then_ms;
    struct task *writer;

    EXPECT(task_sleep(NS_PER_MS) == 0);
    s->io = io_async_create(loop_running());
    EXPECT(s->io != NULL && pipe(s->fds) == 0);
    then_ms = clock_now_ns() / NS_PER_MS;
    EXPECT(sleeps_well() == 0);
    EXPECT(uv_now(uv) >= then_ms + NAP_NS / NS_PER_MS / 2); /* libuv's time is up to date */
    writer = task_create(coro_create(write_late, s));
    EXPECT(writer != NULL && read_one(s) == 0 && s->read == 1);
    EXPECT(task_await(writer) == 1);
    task_release(writer);
    EXPECT(io_close(s->io, s->fds[0]) == 0 && io_close(s->io, s->fds[1]) == 0);
    io_destroy(s->io);
    return sleeps_well();
}

static void test_the_loop_sleeps_in_the_io(void **state)
{
    struct scene s = {0};

    (void)state;
    assert_int_equal(test_async_run(sleep_and_read, &s), 0);
}

static int sleep_for(void *arg)
{
    return task_sleep(*(uint64_t *)arg);
}

static int nap(void *arg)
{
    return usleep(1000) + (arg != NULL);
}

#define LOOKS 100

/* Somebody sleeps, but the loop does not; then it does, and is to wake up sooner. */
static int look_awake(void *arg)
{
    uint64_t long_ns = 60 * NS_PER_S;
    struct io *io = io_async_create(loop_running());
    struct task *sleeper = task_create(coro_create(sleep_for, &long_ns));

    (void)arg;
    EXPECT(io != NULL && sleeper != NULL);
    looks = settings = 0;
    while (looks < LOOKS)
        EXPECT(task_yield() == 0);
    EXPECT(settings == 0);
    EXPECT(loop_run_in_executor(loop_running(), NULL, nap, NULL) == 0 && settings <= 1);
    EXPECT(task_sleep(NS_PER_MS) == 0 && settings <= 2);
    EXPECT(!task_done(sleeper));
    task_cancel(sleeper);
    EXPECT(task_await(sleeper) == -ECANCELED);
    task_release(sleeper);
    io_destroy(io);
    return 0;
}

static void test_only_a_sleep_sets_the_timer(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(look_awake, NULL), 0);
}

/* The loop has slept with the timer set to the end of `sleeper`. */
static int outlive_timer(void *arg)
{
    uint64_t half_ns = NAP_NS / 2;
    struct io *io = io_async_create(loop_running());
    struct task *sleeper = task_create(coro_create(sleep_for, &half_ns));

    (void)arg;
    EXPECT(io != NULL && sleeper != NULL);
    EXPECT(loop_run_in_executor(loop_running(), NULL, nap, NULL) == 0);
    task_cancel(sleeper);
    EXPECT(sleeps_well() == 0);
    EXPECT(loop_run_in_executor(loop_running(), NULL, nap, NULL) == 0);
    EXPECT(looks <= FEW); /* also where no timer runs */
    task_await(sleeper);
    task_release(sleeper);
    io_destroy(io);
    return 0;
}

static void test_a_timer_that_was_stopped_ends_no_other_sleep(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(outlive_timer, NULL), 0);
}

static void fulfil(uv_timer_t *timer)
{
    future_set_result(timer->data, 0);
    uv_close((uv_handle_t *)timer, NULL);
}

/* A timer of libuv ends the loop's sleep. */
static int wait_for_libuv(void *arg)
{
    struct io *io = io_async_create(loop_running());
    uint64_t begin_ns = clock_now_ns();
    uv_timer_t *timer = arg;
    struct future expired;

    EXPECT(io != NULL && uv_timer_init(loop_uv(loop_running()), timer) == 0);
    future_init(&expired);
    timer->data = &expired;
    looks = 0;
    uv_update_time(loop_uv(loop_running())); /* from which the timer counts */
    EXPECT(uv_timer_start(timer, fulfil, NAP_NS / NS_PER_MS, 0) == 0);
    EXPECT(future_await(&expired) == 0 && looks <= FEW);
    EXPECT(clock_now_ns() - begin_ns >= NAP_NS - 2 * NS_PER_MS); /* libuv counts floored ms */
    io_destroy(io);
    return 0;
}

static void test_a_timer_of_libuv_ends_the_sleep(void **state)
{
    uv_timer_t timer;

    (void)state;
    assert_int_equal(test_async_run(wait_for_libuv, &timer), 0);
}

/* A task holds the loop for longer than a timer of libuv has to go, and then waits: is the timer
 * due before that wait ends? A machine that is busy may let the wait begin too late to tell. */
static bool is_due_after_a_long_step(uv_timer_t *timer)
{
    uint64_t end_ns = clock_now_ns() + 2 * NAP_NS;
    struct future expired;
    bool due;

    future_init(&expired);
    timer->data = &expired;
    if (uv_timer_start(timer, fulfil, NAP_NS / NS_PER_MS, 0) != 0)
        return false;
    while (clock_now_ns() < end_ns)
        ;
    if (task_sleep(NAP_NS / 4) < 0)
        return false;
    due = future_done(&expired);
    return (due || future_await(&expired) == 0) && due;
}

static int wait_after_a_long_step(void *arg)
{
    struct io *io = io_async_create(loop_running());
    uv_timer_t *timer = arg;
    int attempts = 50;

    EXPECT(io != NULL && uv_timer_init(loop_uv(loop_running()), timer) == 0);
    while (--attempts > 0 && !is_due_after_a_long_step(timer))
        ;
    EXPECT(attempts > 0);
    io_destroy(io);
    return 0;
}

static void test_a_long_step_does_not_put_a_timer_of_libuv_off(void **state)
{
    uv_timer_t timer;

    (void)state;
    assert_int_equal(test_async_run(wait_after_a_long_step, &timer), 0);
}

/* epoll reports a hang-up whether it was asked or not. */
static int outlive_peer(void *arg)
{
    struct scene *s = arg;
    char byte;

    s->io = io_async_create(loop_running());
    EXPECT(s->io != NULL && pipe(s->fds) == 0);
    EXPECT(io_read(s->io, s->fds[0], &byte, 1, clock_now_ns() + NS_PER_MS) == -ETIMEDOUT);
    EXPECT(io_close(s->io, s->fds[1]) == 0);
    EXPECT(sleeps_well() == 0);
    EXPECT(io_read(s->io, s->fds[0], &byte, 1, NO_DEADLINE) == 0);
    EXPECT(sleeps_well() == 0);
    EXPECT(io_close(s->io, s->fds[0]) == 0);
    io_destroy(s->io);
    return 0;
}

static void test_the_loop_sleeps_when_a_peer_is_gone_and_nobody_reads(void **state)
{
    struct scene s = {0};

    (void)state;
    assert_int_equal(test_async_run(outlive_peer, &s), 0);
}

/* epoll goes on reporting a socket whose descriptor was closed while a duplicate is open. */
static int close_behind_its_back(void *arg)
{
    struct scene *s = arg;
    char byte;
    int copy;

    s->io = io_async_create(loop_running());
    EXPECT(s->io != NULL && socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds) == 0);
    EXPECT(io_read(s->io, s->fds[0], &byte, 1, clock_now_ns() + NS_PER_MS) == -ETIMEDOUT);
    copy = dup(s->fds[0]);
    EXPECT(copy >= 0 && close(s->fds[0]) == 0);
    EXPECT(io_close(s->io, s->fds[0]) == -EBADF);
    EXPECT(io_write(s->io, s->fds[1], "x", 1, NO_DEADLINE) == 1);
    EXPECT(task_sleep(NS_PER_MS) == 0);
    EXPECT(io_read(s->io, copy, &byte, 1, NO_DEADLINE) == 1);
    EXPECT(io_close(s->io, copy) == 0 && io_close(s->io, s->fds[1]) == 0);
    io_destroy(s->io);
    return 0;
}

static void test_a_descriptor_that_was_closed_elsewhere_is_harmless(void **state)
{
    struct scene s = {0};

    (void)state;
    assert_int_equal(test_async_run(close_behind_its_back, &s), 0);
}

/* ---- More than one look reports ---- */

#define READERS 1100

struct reader {
    struct scene scene;
    struct task *task;
};

/* epoll takes each duplicate of a descriptor for a socket of its own. */
static int read_many(void *arg)
{
    struct reader *readers = arg;
    struct scene *s = &readers[0].scene;
    static char bytes[READERS];

    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds) == 0);
    s->io = io_async_create(loop_running());
    EXPECT(s->io != NULL);
    for (int i = 0; i < READERS; i++) {
        readers[i].scene.io = s->io;
        if (i > 0)
            readers[i].scene.fds[0] = dup(s->fds[0]);
        readers[i].task = task_create(coro_create(read_one, &readers[i].scene));
        EXPECT(readers[i].scene.fds[0] >= 0 && readers[i].task != NULL);
    }
    EXPECT(task_sleep(NS_PER_MS) == 0);
    EXPECT(io_write(s->io, s->fds[1], bytes, sizeof bytes, NO_DEADLINE) == READERS);
    for (int i = 0; i < READERS; i++) {
        EXPECT(task_await(readers[i].task) == 0 && readers[i].scene.read == 1);
        EXPECT(io_close(s->io, readers[i].scene.fds[0]) == 0);
        task_release(readers[i].task);
    }
    EXPECT(io_close(s->io, s->fds[1]) == 0);
    io_destroy(s->io);
    return 0;
}

static void test_all_of_many_sockets_that_are_ready_have_their_turn(void **state)
{
    static struct reader readers[READERS];
    struct rlimit limit;

    (void)state;
    assert_return_code(getrlimit(RLIMIT_NOFILE, &limit), errno);
    limit.rlim_cur = limit.rlim_max;
    assert_return_code(setrlimit(RLIMIT_NOFILE, &limit), errno);
    if (limit.rlim_max < READERS + 64)
        skip();
    assert_int_equal(test_async_run(read_many, readers), 0);
}

/* ---- Several on one loop ---- */

static int pass_one_byte(struct scene *s)
{
    struct task *writer = task_create(coro_create(write_late, s));

    EXPECT(writer != NULL && read_one(s) == 0 && s->read == 1);
    EXPECT(task_await(writer) == 1);
    task_release(writer);
    return sleeps_well();
}

static int share_loop(void *arg)
{
    struct scene *s = arg, other = {0};

    if (s->ring)
        io_ring_create(loop_running(), &s->io, NULL);
    else
        s->io = io_async_create(loop_running());
    other.io = io_async_create(loop_running());
    EXPECT(s->io != NULL && other.io != NULL && pipe(s->fds) == 0 && pipe(other.fds) == 0);
    EXPECT(pass_one_byte(s) == 0 && pass_one_byte(&other) == 0);
    EXPECT(io_close(s->io, s->fds[0]) == 0 && io_close(s->io, s->fds[1]) == 0);
    io_destroy(s->io);
    EXPECT(pass_one_byte(&other) == 0);
    EXPECT(io_close(other.io, other.fds[0]) == 0 && io_close(other.io, other.fds[1]) == 0);
    io_destroy(other.io);
    return sleeps_well();
}

static void test_a_loop_may_have_several(void **state)
{
    (void)state;
    for (int ring = 0; ring < 2; ring++) {
        struct scene s = {.ring = ring};

        if (!ring || io_ring_check(NULL) == 0)
            assert_int_equal(test_async_run(share_loop, &s), 0);
    }
}

/* ---- Reads of sockets ---- */

#define MESSAGE   64
#define EXCHANGES 200
#define ALLOWED   (EXCHANGES / 20) /* reads in vain */

static int answer_all(void *arg)
{
    struct scene *s = arg;
    char message[MESSAGE];

    while (io_read(s->io, s->fds[1], message, MESSAGE, NO_DEADLINE) == MESSAGE)
        EXPECT(io_write(s->io, s->fds[1], message, MESSAGE, NO_DEADLINE) == MESSAGE);
    return 0;
}

static int open_pair(struct scene *s)
{
    s->io = io_async_create(loop_running());
    EXPECT(s->io != NULL && socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds) == 0);
    for (int i = 0; i < 2; i++) {
        EXPECT(fcntl(s->fds[i], F_SETFL, O_NONBLOCK) == 0);
        reads[s->fds[i]] = 0;
    }
    return 0;
}

static int close_pair(struct scene *s)
{
    for (int i = 0; i < 2; i++)
        EXPECT(io_close(s->io, s->fds[i]) == 0);
    io_destroy(s->io);
    return 0;
}

static int exchange(struct scene *s)
{
    char message[MESSAGE] = "";

    EXPECT(io_write(s->io, s->fds[0], message, MESSAGE, NO_DEADLINE) == MESSAGE);
    EXPECT(io_read(s->io, s->fds[0], message, MESSAGE, NO_DEADLINE) == MESSAGE);
    return 0;
}

static int exchange_often(void *arg)
{
    struct scene *s = arg;
    struct task *peer;

    EXPECT(open_pair(s) == 0);
    peer = task_create(coro_create(answer_all, s));
    for (unsigned i = 0; i < EXCHANGES; i++)
        EXPECT(exchange(s) == 0);
    for (int i = 0; i < 2; i++)
        EXPECT(reads[s->fds[i]] >= EXCHANGES && reads[s->fds[i]] <= EXCHANGES + ALLOWED);
    shutdown(s->fds[0], SHUT_WR);
    EXPECT(task_await(peer) == 0);
    task_release(peer);
    return close_pair(s);
}

static void test_answers_of_a_known_size_are_not_asked_for_in_vain(void **state)
{
    struct scene s = {.io = NULL};

    (void)state;
    assert_int_equal(test_async_run(exchange_often, &s), 0);
}

/* Over a connection that is new. */
static int connect_and_exchange(void *arg)
{
    struct scene *s = arg;
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    struct task *peer;

    address = loopback_address(0);
    s->io = io_async_create(loop_running());
    EXPECT(s->io != NULL && bind(listening, (struct sockaddr *)&address, len) == 0);
    EXPECT(listen(listening, 1) == 0);
    EXPECT(getsockname(listening, (struct sockaddr *)&address, &len) == 0);
    s->fds[0] = io_socket(s->io, AF_INET, SOCK_STREAM, 0);
    EXPECT(loopback_connect(s->io, s->fds[0], ntohs(address.sin_port), NO_DEADLINE) == 0);
    s->fds[1] = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
    reads[s->fds[0]] = 0;
    peer = task_create(coro_create(answer_all, s));
    EXPECT(exchange(s) == 0 && reads[s->fds[0]] == 1);
    EXPECT(task_cancel(peer) && task_await(peer) == 0);
    task_release(peer);
    EXPECT(close(listening) == 0);
    return close_pair(s);
}

static void test_the_first_answer_is_not_asked_for_in_vain(void **state)
{
    struct scene s = {.io = NULL};

    (void)state;
    assert_int_equal(test_async_run(connect_and_exchange, &s), 0);
}

/* Does a read get the bytes that lie there without a wait? */
static bool reads_at_once(struct scene *s)
{
    uint64_t before = loop_switches(loop_running());
    char message[MESSAGE];

    return io_read(s->io, s->fds[0], message, MESSAGE, NO_DEADLINE) == MESSAGE &&
           loop_switches(loop_running()) == before;
}

static int send_from_peer(struct scene *s, unsigned messages)
{
    char message[MESSAGE] = "";

    for (unsigned i = 0; i < messages; i++)
        EXPECT(write(s->fds[1], message, MESSAGE) == MESSAGE);
    return 0;
}

/* Requests whose answers are two messages, a head and a body. */
static int read_heads_and_bodies(void *arg)
{
    struct scene *s = arg;
    char message[MESSAGE] = "";

    EXPECT(open_pair(s) == 0);
    for (unsigned i = 0; i < EXCHANGES; i++) {
        struct task *peer = task_create(coro_create(answer_all, s));

        EXPECT(exchange(s) == 0); /* the head comes later */
        EXPECT(task_cancel(peer) && task_await(peer) == 0);
        task_release(peer);
        EXPECT(send_from_peer(s, 1) == 0 && reads_at_once(s)); /* the body lies there */
    }
    EXPECT(io_read(s->io, s->fds[0], message, 1, clock_now_ns() + 1000) == -ETIMEDOUT);
    return close_pair(s);
}

static void test_what_lies_behind_a_head_is_read_at_once(void **state)
{
    struct scene s = {.io = NULL};

    (void)state;
    assert_int_equal(test_async_run(read_heads_and_bodies, &s), 0);
}

static int find_a_stream(void *arg)
{
    struct scene *s = arg;
    unsigned at_once = 0;

    EXPECT(open_pair(s) == 0);
    for (unsigned i = 0; i < 10;
         i++) { /* each read but the first finds nothing behind a full one */
        struct task *reader = task_create(coro_create(read_one, s));

        EXPECT(task_yield() == 0 && task_yield() == 0);
        EXPECT(write(s->fds[1], "x", 1) == 1);
        EXPECT(task_await(reader) == 0 && s->read == 1);
        task_release(reader);
    }
    EXPECT(send_from_peer(s, EXCHANGES) == 0);
    for (unsigned i = 0; i < EXCHANGES; i++)
        at_once += reads_at_once(s);
    EXPECT(at_once < EXCHANGES);      /* it had been learned */
    EXPECT(at_once > EXCHANGES - 40); /* and was unlearned */
    return close_pair(s);
}

static void test_a_guess_that_does_not_hold_any_more_is_unlearned(void **state)
{
    struct scene s = {.io = NULL};

    (void)state;
    assert_int_equal(test_async_run(find_a_stream, &s), 0);
}

/* ---- Reads of files ---- */

#define BLOCK  4096
#define BLOCKS 16 /* of the file */

struct file_scene {
    struct io *io;
    int fd;
    bool stop, other_ran;
    unsigned beats;
};

static int open_file(struct file_scene *f)
{
    char path[] = "/tmp/tva-test-XXXXXX", block[BLOCK];

    memset(block, 'b', BLOCK);
    memset(&cache, 0, sizeof cache);
    f->io = io_async_create(loop_running());
    f->fd = mkstemp(path);
    EXPECT(f->io != NULL && f->fd >= 0 && unlink(path) == 0);
    for (int i = 0; i < BLOCKS; i++)
        EXPECT(write(f->fd, block, BLOCK) == BLOCK);
    return 0;
}

static int close_file(struct file_scene *f)
{
    memset(&cache, 0, sizeof cache);
    EXPECT(io_close(f->io, f->fd) == 0);
    io_destroy(f->io);
    return 0;
}

static int note_that_it_ran(void *arg)
{
    ((struct file_scene *)arg)->other_ran = true;
    return 0;
}

/* Read a block; *waited: others ran meanwhile. */
static int read_beside_another(struct file_scene *f, off_t offset, ssize_t expected, bool *waited)
{
    struct task *other = task_create(coro_create(note_that_it_ran, f));
    char block[BLOCK] = "";

    f->other_ran = false;
    EXPECT(io_pread(f->io, f->fd, block, BLOCK, offset, NO_DEADLINE) == expected);
    EXPECT(expected <= 0 || (block[0] == 'b' && block[expected - 1] == 'b'));
    *waited = f->other_ran;
    EXPECT(task_await(other) == 0);
    task_release(other);
    return 0;
}

static int read_every_way(void *arg)
{
    static const int refusals[] = {EAGAIN, EOPNOTSUPP, ENOSYS, EINVAL, EINTR};
    struct file_scene *f = arg;
    bool waited;

    EXPECT(open_file(f) == 0);
    EXPECT(read_beside_another(f, BLOCK, BLOCK, &waited) == 0 && !waited);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        cache.err = refusals[i];
        EXPECT(read_beside_another(f, BLOCK, BLOCK, &waited) == 0 && waited);
    }
    cache.err = 0;
    EXPECT(read_beside_another(f, (BLOCKS - 1) * BLOCK + 10, BLOCK - 10, &waited) == 0 && !waited);
    EXPECT(read_beside_another(f, BLOCKS * BLOCK, 0, &waited) == 0 && waited); /* the end */
    cache.says_end = true;
    EXPECT(read_beside_another(f, BLOCK, BLOCK, &waited) == 0 && waited);
    return close_file(f);
}

static void test_what_is_not_cached_is_read_by_a_thread(void **state)
{
    struct file_scene f = {0};

    (void)state;
    assert_int_equal(test_async_run(read_every_way, &f), 0);
}

static int cancel_a_reader(void *arg)
{
    struct file_scene *f = arg;
    unsigned reads_done = 0;
    char block[BLOCK];
    ssize_t n;

    EXPECT(open_file(f) == 0);
    task_cancel(task_current());
    for (n = BLOCK; n == BLOCK && reads_done < 100; reads_done++)
        n = io_pread(f->io, f->fd, block, BLOCK, 0, NO_DEADLINE);
    EXPECT(n == -ECANCELED && cache.calls == reads_done - 1);
    EXPECT(io_pread(f->io, f->fd, block, BLOCK, 0, clock_now_ns()) == -ETIMEDOUT);
    EXPECT(cache.calls == reads_done - 1);
    return close_file(f);
}

static void test_a_reader_of_cached_blocks_is_canceled_between_two(void **state)
{
    struct file_scene f = {0};

    (void)state;
    assert_int_equal(test_async_run(cancel_a_reader, &f), 0);
}

static int beat(void *arg)
{
    struct file_scene *f = arg;

    for (; f->beats < 5; f->beats++)
        EXPECT(task_sleep(NS_PER_MS) == 0);
    f->stop = true;
    return 0;
}

static int read_beside_a_heartbeat(void *arg)
{
    uint64_t give_up_ns = clock_now_ns() + 30 * NS_PER_S;
    struct file_scene *f = arg;
    struct task *heart;
    char block[BLOCK];

    EXPECT(open_file(f) == 0);
    heart = task_create(coro_create(beat, f));
    while (!f->stop && clock_now_ns() < give_up_ns)
        EXPECT(io_pread(f->io, f->fd, block, BLOCK, 0, NO_DEADLINE) == BLOCK);
    EXPECT(f->stop && task_await(heart) == 0);
    task_release(heart);
    return close_file(f);
}

static void test_a_reader_of_cached_blocks_leaves_the_loop_to_others(void **state)
{
    struct file_scene f = {0};

    (void)state;
    assert_int_equal(test_async_run(read_beside_a_heartbeat, &f), 0);
}

static int beat_once(void *arg)
{
    struct file_scene *f = arg;
    int err = task_sleep(NS_PER_MS);

    f->stop = true;
    return err;
}

/* Long reads, each of which holds the loop for 300 us: the loop looks at its timers after each. */
static int read_long_beside_a_heartbeat(void *arg)
{
    struct file_scene *f = arg;
    char *blocks = malloc(BLOCKS * BLOCK);
    unsigned done = 0;
    struct task *heart;

    EXPECT(blocks != NULL && open_file(f) == 0);
    cache.takes_ns = 300 * NS_PER_US;
    heart = task_create(coro_create(beat_once, f));
    EXPECT(task_yield() == 0);
    for (; !f->stop; done++)
        EXPECT(io_pread(f->io, f->fd, blocks, BLOCKS * BLOCK, 0, NO_DEADLINE) == BLOCKS * BLOCK);
    EXPECT(done <= 6);
    EXPECT(task_await(heart) == 0);
    task_release(heart);
    free(blocks);
    return close_file(f);
}

static void test_a_long_read_is_a_long_step(void **state)
{
    struct file_scene f = {0};

    (void)state;
    assert_int_equal(test_async_run(read_long_beside_a_heartbeat, &f), 0);
}

static int read_much_beside_another(void *arg)
{
    struct file_scene *f = arg;
    size_t size = (size_t)16 * BLOCKS * BLOCK;
    char *bytes = calloc(1, size);
    struct task *other;

    EXPECT(bytes != NULL && open_file(f) == 0);
    EXPECT(write(f->fd, bytes, size) == (ssize_t)size);
    other = task_create(coro_create(note_that_it_ran, f));
    EXPECT(io_pread_full(f->io, f->fd, bytes, size, 0, NO_DEADLINE) == (ssize_t)size);
    EXPECT(bytes[0] == 'b' && bytes[BLOCKS * BLOCK] == 0);
    EXPECT(f->other_ran && cache.calls > 4);
    EXPECT(task_await(other) == 0);
    task_release(other);
    free(bytes);
    return close_file(f);
}

static void test_a_read_of_much_leaves_the_loop_to_others(void **state)
{
    struct file_scene f = {0};

    (void)state;
    assert_int_equal(test_async_run(read_much_beside_another, &f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_descriptor_is_not_closed_under_a_task_that_waits_for_it),
        cmocka_unit_test(test_the_loop_sleeps_in_the_io),
        cmocka_unit_test(test_only_a_sleep_sets_the_timer),
        cmocka_unit_test(test_a_timer_that_was_stopped_ends_no_other_sleep),
        cmocka_unit_test(test_a_timer_of_libuv_ends_the_sleep),
        cmocka_unit_test(test_a_long_step_does_not_put_a_timer_of_libuv_off),
        cmocka_unit_test(test_all_of_many_sockets_that_are_ready_have_their_turn),
        cmocka_unit_test(test_the_loop_sleeps_when_a_peer_is_gone_and_nobody_reads),
        cmocka_unit_test(test_a_descriptor_that_was_closed_elsewhere_is_harmless),
        cmocka_unit_test(test_a_loop_may_have_several),
        cmocka_unit_test(test_answers_of_a_known_size_are_not_asked_for_in_vain),
        cmocka_unit_test(test_the_first_answer_is_not_asked_for_in_vain),
        cmocka_unit_test(test_what_lies_behind_a_head_is_read_at_once),
        cmocka_unit_test(test_a_guess_that_does_not_hold_any_more_is_unlearned),
        cmocka_unit_test(test_what_is_not_cached_is_read_by_a_thread),
        cmocka_unit_test(test_a_reader_of_cached_blocks_is_canceled_between_two),
        cmocka_unit_test(test_a_reader_of_cached_blocks_leaves_the_loop_to_others),
        cmocka_unit_test(test_a_long_read_is_a_long_step),
        cmocka_unit_test(test_a_read_of_much_leaves_the_loop_to_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
