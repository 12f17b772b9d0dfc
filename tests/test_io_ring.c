/* The promise: on a loop that sleeps in io_uring, a task that is canceled or late outwaits the
 * kernel, and nothing that was transferred is lost; libuv's handles, other threads and timers work
 * as ever; and where the kernel refuses io_uring, one sentence says so. */
#include "io/io_ring.h"

#include "async/wait.h"
#include "io/io_blocking.h"
#include "support/test_async_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct scene {
    struct io *io;
    int fds[2];
    char got[8];
    ssize_t read, again;
    struct task *waiter;
};

static struct io *make_io(void)
{
    struct io *io = NULL;

    io_ring_create(loop_running(), &io, NULL);
    return io;
}

/* Runs body(scene) in a task with a ring and a pair of sockets. */
static int with_sockets(int (*body)(struct scene *s))
{
    struct scene s = {.io = make_io()};
    int result;

    EXPECT(s.io != NULL && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s.fds) == 0);
    result = body(&s);
    EXPECT(io_close(s.io, s.fds[0]) == 0 && io_close(s.io, s.fds[1]) == 0);
    io_destroy(s.io);
    return result;
}

static int read_twice(void *arg)
{
    struct scene *s = arg;

    s->read = io_read(s->io, s->fds[0], s->got, sizeof s->got, NO_DEADLINE);
    s->again = io_read(s->io, s->fds[0], s->got + 1, 1, clock_now_ns() + 10 * NS_PER_S);
    return 0;
}

static int cancel_a_reader(struct scene *s)
{
    struct task *reader = task_create(coro_create(read_twice, s));

    EXPECT(reader != NULL && task_sleep(NS_PER_MS) == 0);
    task_cancel(reader);
    EXPECT(task_sleep(NS_PER_MS) == 0 && !task_done(reader)); /* in the second read by now */
    EXPECT(io_write(s->io, s->fds[1], "x", 1, NO_DEADLINE) == 1);
    EXPECT(task_await(reader) == 0);
    EXPECT(s->read == -ECANCELED && s->again == 1 && s->got[0] == '\0' && s->got[1] == 'x');
    task_release(reader);
    return 0;
}

/* The byte is there, and the cancellation comes before the reader could go on. */
static int cancel_a_reader_that_has_read(struct scene *s)
{
    struct task *reader = task_create(coro_create(read_twice, s));

    EXPECT(reader != NULL && task_sleep(NS_PER_MS) == 0);
    EXPECT(io_write(s->io, s->fds[1], "x", 1, NO_DEADLINE) == 1);
    task_cancel(reader);
    EXPECT(task_await(reader) == 0);
    EXPECT(s->read == 1 && s->got[0] == 'x' && s->again == -ECANCELED);
    task_release(reader);
    return 0;
}

static int read_early_enough(struct scene *s)
{
    for (uint64_t span_ns = 1; span_ns < 2 * NS_PER_MS; span_ns *= 3) {
        uint64_t deadline_ns = clock_now_ns() + span_ns;

        EXPECT(io_read(s->io, s->fds[0], s->got, 1, deadline_ns) == -ETIMEDOUT);
        EXPECT(clock_now_ns() >= deadline_ns);
    }
    EXPECT(io_write(s->io, s->fds[1], "x", 1, NO_DEADLINE) == 1);
    EXPECT(io_read(s->io, s->fds[0], s->got, 1, NO_DEADLINE) == 1);
    return 0;
}

/* More requests in one pass than the queue of submissions has room for. */
#define CROWD 3000

struct member {
    struct io *io;
    int fd, result;
    char byte;
};

static int read_of_file(void *arg)
{
    struct member *m = arg;

    m->result = (int)io_pread(m->io, m->fd, &m->byte, 1, 1, NO_DEADLINE);
    return 0;
}

static int crowd(struct scene *s)
{
    static struct member members[CROWD];
    int fd = io_open(s->io, "/proc/self/exe", O_RDONLY, 0, NO_DEADLINE);

    EXPECT(fd >= 0);
    for (size_t i = 0; i < CROWD; i++) {
        struct task *t;

        members[i] = (struct member){.io = s->io, .fd = fd, .result = -1};
        t = task_create(coro_create(read_of_file, &members[i]));
        EXPECT(t != NULL);
        task_release(t);
    }
    while (loop_all_tasks(loop_running(), NULL, 0) > 1)
        EXPECT(task_sleep(NS_PER_MS) == 0);
    for (size_t i = 0; i < CROWD; i++)
        EXPECT(members[i].result == 1 && members[i].byte == 'E'); /* of ELF */
    return io_close(s->io, fd);
}

/* ---- Files that the ring keeps ---- */

/* More transfers than it takes until a ring keeps a file. */
#define OFTEN 100

/* A new file, open. */
static int make_file(void)
{
    char path[] = "/tmp/tva-ring-XXXXXX";
    int fd = mkstemp(path);

    unlink(path);
    return fd;
}

/* Is the file open somewhere else? What open_in() opened has locked it. */
static bool is_kept(int file)
{
    return flock(file, LOCK_EX | LOCK_NB) < 0;
}

/* Older kernels let go a little later. */
static bool is_let_go(int file)
{
    for (int i = 0; i < 5000 && is_kept(file); i++)
        task_sleep(NS_PER_MS);
    return !is_kept(file);
}

static int open_in(struct io *io, int file)
{
    char path[64];
    int fd;

    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    fd = io_open(io, path, O_RDWR, 0, NO_DEADLINE);
    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : fd;
}

static bool read_often(struct io *io, int fd)
{
    char byte;
    int ends = 0;

    while (ends < OFTEN && io_pread(io, fd, &byte, 1, 0, NO_DEADLINE) == 0)
        ends++;
    return ends == OFTEN;
}

static int close_a_kept_file(struct scene *s)
{
    int file = make_file(), fd = open_in(s->io, file);

    EXPECT(fd >= 0 && read_often(s->io, fd) && is_kept(file));
    EXPECT(io_close(s->io, fd) == 0 && is_let_go(file));
    return close(file);
}

/* Against the rule of io.h; the next io_open() of the number mends it. */
static int close_a_kept_file_elsewhere(struct scene *s)
{
    int old = make_file(), new = make_file(), fd = open_in(s->io, old);
    char got = 0;

    EXPECT(fd >= 0 && read_often(s->io, fd) && close(fd) == 0);
    EXPECT(is_kept(old) && io_pread(s->io, fd, &got, 1, 0, NO_DEADLINE) == 0); /* by the ring */
    EXPECT(pwrite(new, "n", 1, 0) == 1 && open_in(s->io, new) == fd);
    EXPECT(io_pread(s->io, fd, &got, 1, 0, NO_DEADLINE) == 1 && got == 'n' && is_let_go(old));
    EXPECT(io_close(s->io, fd) == 0);
    return close(old) == 0 ? close(new) : 1;
}

/* What another io opened, it may close. */
static int read_a_file_of_another(struct scene *s)
{
    int file = make_file(), fd;
    struct io *other = io_blocking_create();

    EXPECT(other != NULL);
    fd = open_in(other, file);
    EXPECT(fd >= 0 && read_often(s->io, fd));
    EXPECT(io_close(other, fd) == 0 && is_let_go(file));
    io_destroy(other);
    return close(file);
}

/* A table may not have more places than the process may have descriptors: here none. */
static int keep_no_file(struct scene *s)
{
    struct rlimit before, none, after;
    int file = make_file(), fd = open_in(s->io, file);

    EXPECT(fd >= 0 && getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = (struct rlimit){0, before.rlim_max};
    EXPECT(setrlimit(RLIMIT_NOFILE, &none) == 0);
    EXPECT(read_often(s->io, fd));
    EXPECT(getrlimit(RLIMIT_NOFILE, &after) == 0 && setrlimit(RLIMIT_NOFILE, &before) == 0);
    EXPECT(after.rlim_cur == 0);
    EXPECT(close(fd) == 0 && is_let_go(file)); /* the ring does not hold it */
    return close(file);
}

/* ---- Others that the loop serves while it sleeps in the ring ---- */

static void wake_from_timer(uv_timer_t *timer)
{
    wait_wake(timer->data, 1);
}

static void wake_from_poll(uv_poll_t *poll, int status, int events)
{
    uv_poll_stop(poll);
    wait_wake(poll->data, status < 0 ? status : events);
}

static void wake_from_call(void *arg)
{
    wait_wake(((struct scene *)arg)->waiter, 3);
}

static void *call_from_thread(void *arg)
{
    usleep(2000);
    loop_call_soon_threadsafe(*(struct loop **)arg, wake_from_call, ((struct loop **)arg)[1]);
    return NULL;
}

static int handles_of_libuv(struct scene *s)
{
    uv_loop_t *uv = loop_uv(loop_running());
    void *call[] = {loop_running(), s};
    uint64_t begin_ns = clock_now_ns();
    pthread_t thread;
    uv_timer_t timer;
    uv_poll_t poll;

    s->waiter = timer.data = poll.data = task_current();
    EXPECT(uv_timer_init(uv, &timer) == 0 && uv_poll_init(uv, &poll, s->fds[0]) == 0);
    for (int i = 0; i < 3; i++) {
        EXPECT(uv_timer_start(&timer, wake_from_timer, 3, 0) == 0);
        EXPECT(wait_suspend(NO_DEADLINE) == 1);
        EXPECT(uv_poll_start(&poll, UV_WRITABLE, wake_from_poll) == 0);
        EXPECT(wait_suspend(NO_DEADLINE) == UV_WRITABLE);
        EXPECT(pthread_create(&thread, NULL, call_from_thread, call) == 0);
        EXPECT(wait_suspend(NO_DEADLINE) == 3);
        EXPECT(pthread_join(thread, NULL) == 0);
    }
    EXPECT(clock_now_ns() - begin_ns >= 3 * 2 * NS_PER_MS);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_close((uv_handle_t *)&poll, NULL);
    return task_sleep(NS_PER_MS);
}

static int one_ring_a_loop(struct scene *s)
{
    struct err err = {""};
    struct io *second;

    (void)s;
    EXPECT(io_ring_create(loop_running(), &second, &err) == -EBUSY && err.text[0] != '\0');
    return 0;
}

/* ---- A kernel that refuses ---- */

/* Let io_uring_setup(2) fail from now on, as a container's seccomp profile does. */
static int forbid(unsigned error)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof *rules, rules};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

static int refused_in_child(unsigned error, const char *word)
{
    struct err err = {""}, again = {""};
    struct io *io = NULL;
    struct loop *loop;
    bool fits;

    if (forbid(error) < 0)
        return 77;
    if (loop_create(NULL, &loop) < 0)
        return 1;
    fits = io_ring_check(&err) == -(int)error && strstr(err.text, word) != NULL &&
           io_ring_create(loop, &io, &again) == -(int)error && strcmp(err.text, again.text) == 0 &&
           io_ring_create(loop, &io, &again) == -(int)error;
    loop_destroy(loop);
    return fits ? 0 : 1;
}

static void test_a_refusal_is_one_sentence(void **state)
{
    const struct {
        unsigned error;
        const char *word;
    } cases[] = {{EPERM, "kernel.io_uring_disabled"},
                 {ENOSYS, "no io_uring"},
                 {EINVAL, "Linux 6.1"},
                 {ENOMEM, "ulimit -l"},
                 {EMFILE, strerror(EMFILE)}};
    struct err here = {""};

    (void)state;
    if (io_ring_check(&here) < 0 && strstr(here.text, "built without") != NULL)
        skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pid_t pid = fork();
        int status = 0;

        if (pid == 0)
            _exit(refused_in_child(cases[i].error, cases[i].word));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77)
            skip(); /* no seccomp here */
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

/* As a user of its own, since the limit is one of all rings of a user. 77: this cannot be tried. */
static int with_locked_memory(rlim_t bytes, int rings, const char *word)
{
    const struct rlimit limit = {bytes, bytes};
    uid_t user = 47000 + (uid_t)getpid() % 10000;
    struct err err = {""};
    int r = 0;

    if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 || setresuid(user, user, user) < 0)
        return 77;
    for (int i = 0; i < rings && r == 0; i++)
        r = io_ring_check(&err);
    if (word != NULL && r == 0)
        return 77; /* this kernel does not count rings */
    return word == NULL ? -r : r == -ENOMEM && strstr(err.text, word) != NULL ? 0 : 1;
}

static void check_locked_memory(rlim_t bytes, int rings, const char *word)
{
    struct err here = {""};
    int status = 0;
    pid_t pid;

    if (io_ring_check(&here) < 0 || getuid() != 0)
        skip();
    pid = fork();
    if (pid == 0)
        _exit(with_locked_memory(bytes, rings, word));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_too_little_locked_memory_is_named_with_the_limit(void **state)
{
    (void)state;
    check_locked_memory(8192, 1, "at least 98.0 KiB, and all rings of this user may lock 8.00 KiB");
}

/* The kernel frees what a closed ring had locked a little later. */
static void test_a_ring_has_the_memory_of_one_that_was_closed(void **state)
{
    (void)state;
    check_locked_memory(150000, 10, NULL);
}

static int run_body(void *arg)
{
    return with_sockets(*(int (**)(struct scene *))arg);
}

static void run(int (*body)(struct scene *s))
{
    struct err err = {""};

    if (io_ring_check(&err) < 0) {
        print_message("%s\n", err.text);
        skip();
    }
    assert_int_equal(test_async_run(run_body, &body), 0);
}

static void test_a_canceled_task_outwaits_the_kernel(void **state)
{
    (void)state;
    run(cancel_a_reader);
}

static void test_what_was_read_is_not_lost_by_a_cancellation(void **state)
{
    (void)state;
    run(cancel_a_reader_that_has_read);
}

static void test_a_deadline_ends_a_read_and_never_early(void **state)
{
    (void)state;
    run(read_early_enough);
}

static void test_a_pass_may_submit_more_than_the_queue_holds(void **state)
{
    (void)state;
    run(crowd);
}

static void test_a_file_that_is_read_often_goes_with_its_descriptor(void **state)
{
    (void)state;
    run(close_a_kept_file);
}

static void test_a_descriptor_closed_elsewhere_does_not_keep_its_file_for_the_next(void **state)
{
    (void)state;
    run(close_a_kept_file_elsewhere);
}

static void test_a_file_of_another_io_is_not_kept(void **state)
{
    (void)state;
    run(read_a_file_of_another);
}

static void test_files_are_read_where_the_ring_may_keep_none(void **state)
{
    (void)state;
    run(keep_no_file);
}

static void test_handles_of_libuv_and_other_threads_wake_the_loop(void **state)
{
    (void)state;
    run(handles_of_libuv);
}

static void test_a_loop_has_one_ring(void **state)
{
    (void)state;
    run(one_ring_a_loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_canceled_task_outwaits_the_kernel),
        cmocka_unit_test(test_what_was_read_is_not_lost_by_a_cancellation),
        cmocka_unit_test(test_a_deadline_ends_a_read_and_never_early),
        cmocka_unit_test(test_a_pass_may_submit_more_than_the_queue_holds),
        cmocka_unit_test(test_a_file_that_is_read_often_goes_with_its_descriptor),
        cmocka_unit_test(test_a_descriptor_closed_elsewhere_does_not_keep_its_file_for_the_next),
        cmocka_unit_test(test_a_file_of_another_io_is_not_kept),
        cmocka_unit_test(test_files_are_read_where_the_ring_may_keep_none),
        cmocka_unit_test(test_handles_of_libuv_and_other_threads_wake_the_loop),
        cmocka_unit_test(test_a_loop_has_one_ring),
        cmocka_unit_test(test_a_refusal_is_one_sentence),
        cmocka_unit_test(test_too_little_locked_memory_is_named_with_the_limit),
        cmocka_unit_test(test_a_ring_has_the_memory_of_one_that_was_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
