/* The promise: without a deadline, io_blocking is the plain system call and nothing else, so that
 * what is measured under `pool` and `blocking` is the work; a deadline adds one ppoll. Counted from
 * outside, by tracing a child process. What the calls do: test_io_contract*.c. */
#include "io/io_blocking.h"
#include "support/peers.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CALLS_MAX 16

/* What the child works on; all of it made before the counting begins. */
struct things {
    struct io *io;
    int file, pair[2], listener, fresh, spare;
    struct sockaddr_in address;
    uint64_t deadline_ns;
};

typedef bool step_fn(struct things *t);

static bool do_sleep(struct things *t)
{
    return io_sleep_until(t->io, 1) == 0;
}

static bool do_open(struct things *t)
{
    return io_open(t->io, "/dev/null", O_RDONLY, 0, t->deadline_ns) >= 0;
}

static bool do_socket(struct things *t)
{
    return io_socket(t->io, AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool do_connect(struct things *t)
{
    return io_connect(t->io, t->fresh, (struct sockaddr *)&t->address, sizeof t->address,
                      t->deadline_ns) == 0;
}

static bool do_accept(struct things *t)
{
    return io_accept(t->io, t->listener, t->deadline_ns) >= 0;
}

static bool do_read(struct things *t)
{
    char byte;

    return io_read(t->io, t->pair[0], &byte, 1, t->deadline_ns) == 1;
}

static bool do_write(struct things *t)
{
    return io_write(t->io, t->pair[0], "x", 1, t->deadline_ns) == 1;
}

static bool do_pread(struct things *t)
{
    char byte;

    return io_pread(t->io, t->file, &byte, 1, 0, t->deadline_ns) == 1;
}

static bool do_pwrite(struct things *t)
{
    return io_pwrite(t->io, t->file, "x", 1, 0, t->deadline_ns) == 1;
}

static bool do_fsync(struct things *t)
{
    return io_fsync(t->io, t->file, t->deadline_ns) == 0;
}

static bool do_close(struct things *t)
{
    return io_close(t->io, t->spare) == 0;
}

/* One call of io_blocking and the system calls it has to consist of. */
struct step {
    const char *name;
    step_fn *run;
    bool with_deadline;
    size_t n;
    long calls[2];
};

static const struct step steps[] = {
    {"sleep", do_sleep, false, 1, {SYS_clock_nanosleep}},
    {"open", do_open, false, 1, {SYS_openat}},
    {"socket", do_socket, false, 1, {SYS_socket}},
    {"connect", do_connect, false, 1, {SYS_connect}},
    {"accept", do_accept, false, 1, {SYS_accept4}},
    {"read", do_read, false, 1, {SYS_read}},
    {"write", do_write, false, 1, {SYS_sendto}},
    {"pread", do_pread, false, 1, {SYS_pread64}},
    {"pwrite", do_pwrite, false, 1, {SYS_pwrite64}},
    {"fsync", do_fsync, false, 1, {SYS_fsync}},
    {"close", do_close, false, 1, {SYS_close}},
    {"accept by", do_accept, true, 2, {SYS_ppoll, SYS_accept4}},
    {"read by", do_read, true, 2, {SYS_ppoll, SYS_read}},
    {"write by", do_write, true, 2, {SYS_ppoll, SYS_sendto}},
    {"open by", do_open, true, 1, {SYS_openat}},
    {"pread by", do_pread, true, 1, {SYS_pread64}},
    {"pwrite by", do_pwrite, true, 1, {SYS_pwrite64}},
    {"fsync by", do_fsync, true, 1, {SYS_fsync}},
};

static int make_things(struct things *t)
{
    char path[] = "/tmp/tva-blocking-XXXXXX";
    int calling = socket(AF_INET, SOCK_STREAM, 0);

    t->io = io_blocking_create();
    t->file = mkstemp(path);
    unlink(path);
    t->listener = peers_listen(&t->address);
    t->fresh = socket(AF_INET, SOCK_STREAM, 0);
    t->spare = dup(t->file);
    /* A caller waits to be accepted, bytes wait in file and socket: nothing below has to wait. */
    if (t->io == NULL || t->file < 0 || t->spare < 0 || t->listener < 0 || t->fresh < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, t->pair) < 0 || write(t->file, "f", 1) != 1 ||
        write(t->pair[1], "s", 1) != 1)
        return -1;
    return connect(calling, (struct sockaddr *)&t->address, sizeof t->address);
}

/* The child: stops before and after the one call, which nothing else may come between. */
static void run_child(const struct step *step)
{
    struct things t = {.deadline_ns = NO_DEADLINE};
    bool good;

    alarm(20);
    if (make_things(&t) < 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        _exit(2);
    if (step->with_deadline)
        t.deadline_ns = io_now(t.io) + 10 * NS_PER_S;
    raise(SIGSTOP);
    syscall(SYS_getppid); /* the mark: counting begins */
    good = step->run(&t);
    syscall(SYS_getppid); /* and ends */
    _exit(good ? 0 : 1);
}

/* Trace the child to its end and list the system calls between the marks. Its exit status. */
static int trace(pid_t child, long *calls, size_t *n)
{
    bool entry = true;
    int marks = 0, status;

    *n = 0;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
    for (;;) {
        struct __ptrace_syscall_info info;

        if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) < 0 || waitpid(child, &status, 0) != child)
            return -1;
        if (WIFEXITED(status))
            return WEXITSTATUS(status);
        if (WIFSIGNALED(status))
            return -1;
        if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80))
            continue;
        if (entry && ptrace(PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof info, &info) > 0) {
            if (info.entry.nr == SYS_getppid)
                marks++;
            else if (marks == 1 && *n < CALLS_MAX)
                calls[(*n)++] = (long)info.entry.nr;
        }
        entry = !entry;
    }
}

static void test_calls_are_what_they_are_said_to_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        long calls[CALLS_MAX];
        size_t n;
        pid_t child = fork();
        int status;

        assert_true(child >= 0);
        if (child == 0)
            run_child(&steps[i]);
        status = trace(child, calls, &n);
        if (status == 2) /* tracing is not allowed here */
            skip();
        if (status != 0 || n != steps[i].n || memcmp(calls, steps[i].calls, n * sizeof *calls) != 0)
            fail_msg("%s: status %d, %zu system calls, the first is number %ld", steps[i].name,
                     status, n, n > 0 ? calls[0] : -1L);
    }
}

/* A connect with a deadline must not leave the socket non-blocking: every later wait would then
 * cost two system calls more. */
static void test_connect_leaves_the_mode_alone(void **state)
{
    const int modes[] = {0, O_NONBLOCK};
    struct io *io = io_blocking_create();

    (void)state;
    assert_non_null(io);
    for (size_t i = 0; i < 2; i++) {
        struct sockaddr_in address;
        int listener = peers_listen(&address), fd = io_socket(io, AF_INET, SOCK_STREAM, 0);

        assert_true(listener >= 0 && fd >= 0);
        assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | modes[i]), 0);
        assert_int_equal(io_connect(io, fd, (struct sockaddr *)&address, sizeof address,
                                    io_now(io) + 20 * NS_PER_S),
                         0);
        assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, modes[i]);
        assert_int_equal(io_close(io, fd), 0);
        assert_int_equal(io_close(io, listener), 0);
    }
    io_destroy(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_are_what_they_are_said_to_be),
        cmocka_unit_test(test_connect_leaves_the_mode_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
