#include "count/count_proc.h"

#include "base/array.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/ptrace.h>
#include <stddef.h>

/* How often a process waits or asks for memory depends on when it is woken and on the state of the
 * heap. How often it reads, writes or opens does not. Only the latter can be counted exactly, so
 * the kinds are counted apart. */
enum kind {
    WORK,   /* everything else */
    WAIT,   /* waiting, waking, setting a timer */
    MEMORY, /* the address space */
    CLOCK   /* most machines answer these without a system call; never counted */
};

struct known {
    long number;
    const char *name;
    enum kind kind;
};

#define CALL(name, kind)                                                                           \
    {                                                                                              \
        SYS_##name, #name, kind                                                                    \
    }

/* Calls that are not work, and the names of calls that jobs make. Whether epoll_ctl() is called
 * depends on whether the data is there already. */
/* clang-format off */
static const struct known table[] = {
#ifdef SYS_open /* and these others that younger architectures do without */
    CALL(open, WORK), CALL(epoll_wait, WAIT), CALL(poll, WAIT), CALL(select, WAIT),
    CALL(time, CLOCK),
#endif
    CALL(clock_gettime, CLOCK), CALL(gettimeofday, CLOCK), CALL(getcpu, CLOCK),
    CALL(brk, MEMORY), CALL(mmap, MEMORY), CALL(munmap, MEMORY), CALL(mremap, MEMORY),
    CALL(mprotect, MEMORY), CALL(madvise, MEMORY), CALL(process_madvise, MEMORY),
    CALL(epoll_ctl, WAIT), CALL(futex, WAIT), CALL(epoll_pwait, WAIT), CALL(epoll_pwait2, WAIT),
    CALL(ppoll, WAIT), CALL(pselect6, WAIT), CALL(nanosleep, WAIT), CALL(clock_nanosleep, WAIT),
    CALL(timerfd_settime, WAIT), CALL(restart_syscall, WAIT), CALL(rt_sigreturn, WAIT),
    CALL(sched_yield, WAIT),
    CALL(read, WORK), CALL(write, WORK), CALL(readv, WORK), CALL(writev, WORK),
    CALL(pread64, WORK), CALL(pwrite64, WORK), CALL(preadv, WORK), CALL(pwritev, WORK),
    CALL(preadv2, WORK),
    CALL(openat, WORK), CALL(close, WORK), CALL(lseek, WORK), CALL(fsync, WORK),
    CALL(fdatasync, WORK), CALL(ftruncate, WORK), CALL(fallocate, WORK), CALL(fcntl, WORK),
    CALL(ioctl, WORK), CALL(socket, WORK), CALL(connect, WORK), CALL(accept4, WORK),
    CALL(shutdown, WORK), CALL(bind, WORK), CALL(getsockname, WORK), CALL(getpeername, WORK),
    CALL(getsockopt, WORK), CALL(setsockopt, WORK), CALL(sendto, WORK), CALL(recvfrom, WORK),
    CALL(sendmsg, WORK), CALL(recvmsg, WORK), CALL(timerfd_create, WORK), CALL(eventfd2, WORK),
    CALL(epoll_create1, WORK), CALL(clone, WORK), CALL(clone3, WORK),
    CALL(set_robust_list, WORK), CALL(rseq, WORK), CALL(rt_sigprocmask, WORK),
    CALL(rt_sigaction, WORK), CALL(prctl, WORK), CALL(getpid, WORK), CALL(getppid, WORK),
    CALL(gettid, WORK), CALL(getrandom, WORK), CALL(getrusage, WORK),
    CALL(sched_setaffinity, WORK), CALL(sched_getaffinity, WORK),
};
/* clang-format on */

static const struct known *find(uint64_t number)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((uint64_t)table[i].number == number)
            return &table[i];
    return NULL;
}

const char *count_trace_syscall_name(uint64_t number)
{
    const struct known *k = find(number);

    return k != NULL ? k->name : NULL;
}

#define FDS_MAX      65536
#define SYSCALL_STOP (SIGTRAP | 0x80)

/* A thread, and the system call that it is in. */
struct thread {
    pid_t tid;
    uint64_t number, fd; /* fd: its first argument, whatever that is */
    bool inside;
};

struct tracer {
    struct count_trace *out;
    struct thread *threads;
    size_t count, capacity;
    bool waits_on[FDS_MAX]; /* descriptors of timers and events */
};

int count_trace_attach(pid_t child)
{
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

    if (ptrace(PTRACE_SEIZE, child, 0, options) == 0)
        return 0;
    return errno == ENOSYS || errno == EIO ? -ENOSYS : -EPERM;
}

static struct thread *thread_of(struct tracer *t, pid_t tid)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->threads[i].tid == tid)
            return &t->threads[i];
    if (array_grow(&t->threads, t->count, &t->capacity, sizeof *t->threads) < 0)
        return NULL;
    t->threads[t->count] = (struct thread){.tid = tid};
    return &t->threads[t->count++];
}

static void forget(struct tracer *t, pid_t tid)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->threads[i].tid == tid)
            t->threads[i] = t->threads[--t->count];
}

static void note_descriptors(struct tracer *t, const struct thread *th, int64_t result)
{
    bool makes = th->number == SYS_timerfd_create || th->number == SYS_eventfd2;

    if (makes && result >= 0 && result < FDS_MAX)
        t->waits_on[result] = true;
    else if (th->number == SYS_close && th->fd < FDS_MAX)
        t->waits_on[th->fd] = false;
}

/* A preadv2() that the file system cannot do at once is made again by a thread, as one that would
 * wait is. */
static bool is_wait(const struct tracer *t, const struct thread *th, int64_t result)
{
    return result == -EAGAIN || (th->number == SYS_preadv2 && result == -EOPNOTSUPP) ||
           ((th->number == SYS_read || th->number == SYS_write) && th->fd < FDS_MAX &&
            t->waits_on[th->fd]);
}

static void count_call(struct tracer *t, const struct thread *th, int64_t result)
{
    const struct known *k = find(th->number);
    enum kind kind = k != NULL ? k->kind : WORK;

    if (kind == WORK && is_wait(t, th, result))
        kind = WAIT;
    t->out->wait += kind == WAIT;
    t->out->memory += kind == MEMORY;
    t->out->work += kind == WORK;
    if (kind == WORK && th->number < COUNT_SYSCALLS_MAX)
        t->out->calls[th->number]++;
    note_descriptors(t, th, result);
}

static int syscall_stop(struct tracer *t, pid_t tid)
{
    struct __ptrace_syscall_info info;
    struct thread *th = thread_of(t, tid);

    if (th == NULL)
        return -ENOMEM;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info) <= 0)
        return errno == ESRCH ? 0 : -ENOSYS;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        th->number = info.entry.nr;
        th->fd = info.entry.args[0];
        th->inside = true;
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && th->inside) {
        count_call(t, th, info.exit.rval);
        th->inside = false;
    }
    return 0;
}

int count_trace_follow(pid_t child, struct count_trace *out, int *status)
{
    struct tracer t = {.out = out};
    int r = 0;

    *status = 0;
    while (r == 0) {
        int what, pass = 0; /* a signal that the thread will receive */
        pid_t tid = waitpid(-1, &what, __WALL);

        if (tid < 0 && errno == EINTR)
            continue;
        if (tid < 0)
            break; /* all have ended */
        if (!WIFSTOPPED(what)) {
            if (tid == child)
                *status = what;
            forget(&t, tid);
            continue;
        }
        if (WSTOPSIG(what) == SYSCALL_STOP)
            r = syscall_stop(&t, tid);
        else if (what >> 16 == 0) /* no event of ptrace */
            pass = WSTOPSIG(what);
        if (r == 0 && ptrace(PTRACE_SYSCALL, tid, 0, pass) < 0 && errno != ESRCH)
            r = -errno;
    }
    free(t.threads);
    return r;
}
