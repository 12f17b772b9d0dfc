#include "count/count_trace.h"

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
    struct thread *threads;

    for (size_t i = 0; i < t->count; i++)
        if (t->threads[i].tid == tid)
            return &t->threads[i];
    threads = array_grow(t->threads, t->count, &t->capacity, sizeof *threads);
    if (threads == NULL)
        return NULL;
    t->threads = threads;
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
    switch (th->number) {
    case SYS_timerfd_create:
    case SYS_eventfd2:
        if (result >= 0 && result < FDS_MAX)
            t->waits_on[result] = true;
        break;
    case SYS_close:
        if (th->fd < FDS_MAX)
            t->waits_on[th->fd] = false;
        break;
    default:
        break;
    }
}

static bool is_wait(const struct tracer *t, const struct thread *th, int64_t result)
{
    return result == -EAGAIN || ((th->number == SYS_read || th->number == SYS_write) &&
                                 th->fd < FDS_MAX && t->waits_on[th->fd]);
}

static void count_call(struct tracer *t, const struct thread *th, int64_t result)
{
    enum count_syscall_kind kind = count_syscall_kind(th->number);

    if (kind == COUNT_SYSCALL_WORK && is_wait(t, th, result))
        kind = COUNT_SYSCALL_WAIT;
    t->out->wait += kind == COUNT_SYSCALL_WAIT;
    t->out->memory += kind == COUNT_SYSCALL_MEMORY;
    t->out->work += kind == COUNT_SYSCALL_WORK;
    if (kind == COUNT_SYSCALL_WORK && th->number < COUNT_SYSCALLS_MAX)
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

/* Look at one stop of one thread; *pass gets the signal that the thread will receive. */
static int look_at_stop(struct tracer *t, pid_t tid, int status, int *pass)
{
    int event = status >> 16;

    *pass = 0;
    if (WSTOPSIG(status) == SYSCALL_STOP)
        return syscall_stop(t, tid);
    if (event == PTRACE_EVENT_CLONE)
        t->out->threads++;
    else if (event == 0)
        *pass = WSTOPSIG(status);
    return 0;
}

int count_trace_follow(pid_t child, struct count_trace *out, int *status)
{
    struct tracer *t = calloc(1, sizeof *t);
    int r = t != NULL ? 0 : -ENOMEM;

    if (t != NULL)
        t->out = out;
    *status = 0;
    while (r == 0) {
        int what, pass;
        pid_t tid = waitpid(-1, &what, __WALL);

        if (tid < 0 && errno == EINTR)
            continue;
        if (tid < 0)
            break; /* all have ended */
        if (!WIFSTOPPED(what)) {
            if (tid == child)
                *status = what;
            forget(t, tid);
            continue;
        }
        r = look_at_stop(t, tid, what, &pass);
        if (r == 0 && ptrace(PTRACE_SYSCALL, tid, 0, pass) < 0 && errno != ESRCH)
            r = -errno;
    }
    if (t != NULL)
        free(t->threads);
    free(t);
    return r;
}
