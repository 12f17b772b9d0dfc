/* The promise: on a loop, whether it sleeps in libuv or in io_uring, a descriptor that a task waits
 * for is not closed under it, and has no second waiter for the same event. Reads of messages whose
 * size is known do not ask the kernel in vain. What is cached of a file is read at once, all else
 * by a thread, and readers of cached files keep nobody from the loop. */
#include "io/io_async.h"

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
#include <sys/socket.h>
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
