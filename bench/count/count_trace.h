/* Counts the system calls of a process and its threads by ptrace. It needs no package and no
 * privilege, since a process may trace its own children. Linux 5.3 or newer. */
#ifndef TVA_BENCH_COUNT_TRACE_H
#define TVA_BENCH_COUNT_TRACE_H

#include <stdint.h>
#include <sys/types.h>

/* Numbers of system calls from here on are not counted apart. */
#define COUNT_SYSCALLS_MAX 512

struct count_trace {
    uint64_t calls[COUNT_SYSCALLS_MAX]; /* calls of work that returned, by number */
    uint64_t work, wait, memory; /* by kind. A call of work that found nothing to do (-EAGAIN),
                                  * and one on a timerfd or an eventfd, is a wait */
};

/* Become the tracer of a child that waits to be started, and follow it from its exec on. 0, or a
 * negative errno: -EPERM when tracing is forbidden, -ENOSYS when the kernel is too old. */
int count_trace_attach(pid_t child);

/* Count until the child and all of its threads have ended. This waits for any child, so the caller
 * must have no other. *status gets the child's status. 0 or a negative errno: -ENOSYS as above. */
int count_trace_follow(pid_t child, struct count_trace *out, int *status);

/* The name of a system call as in <sys/syscall.h>; NULL when it is not in the table. */
const char *count_trace_syscall_name(uint64_t number);

#endif
