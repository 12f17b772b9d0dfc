/* One process of one cell, counted by one tool.
 *
 * A third process, the counter, stands between the harness and the counted process. It traces when
 * calls are counted, waits for the end, and reports the counts. So the harness waits for one
 * descriptor as always, and when it kills the counter, the counted process ends too. */
#ifndef TVA_BENCH_COUNT_PROC_H
#define TVA_BENCH_COUNT_PROC_H

#include "harness/run_proc.h"
#include "preload/count_alloc.h"

#include <limits.h>

/* ---- count_tool.c: which tools this machine has, and how a process is started for them ---- */

enum count_tool {
    COUNT_BY_TRACE,    /* system calls, by ptrace */
    COUNT_BY_PRELOAD,  /* allocations, by a library in front of the C library; context switches */
    COUNT_BY_VALGRIND, /* instructions, by callgrind */
    COUNT_TOOLS
};

/* Can this machine use the tool? 0, or a negative errno with *err saying what cannot be counted,
 * why, and what to do. Some obstacles show only when a process is traced. */
int count_tool_check(enum count_tool tool, struct err *err);

/* Processes of one cell run under different conditions, so that counts which depend on them are
 * found. In variation 0 the environment is short and the process is not pinned. */
#define COUNT_VARIATIONS 3

/* In the child, before exec: set its environment, memory layout and CPU. Of the parent's
 * environment it gets only the few variables that change what it does. shared_fd is where the
 * preloaded library counts. A pinned cell chooses its CPU itself. 0 or a negative errno. */
int count_tool_enter(enum count_tool tool, unsigned variation, bool pinned, int shared_fd);

/* Room for the words in front of the command line. */
struct count_tool_words {
    char program[PATH_MAX], profile[64], callers[64];
};

/* The command line to execute in place of argv, the program's own; callgrind writes its profile to
 * out_fd and tells so many callers of a function apart. 0 or -E2BIG. */
int count_tool_args(enum count_tool tool, const struct args *argv, int out_fd, unsigned callers,
                    struct count_tool_words *words, struct args *out);

/* ---- count_trace.c: the system calls of a process and its threads, by ptrace. It needs no package
 * and no privilege, since a process may trace its own children. Linux 5.3 or newer ---- */

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

/* ---- count_callgrind.c ---- */

#define COUNT_CALLERS_MAX 40

/* So many instructions were made in the function names[0] itself, called by names[1] and so on. 0,
 * or a negative errno, which ends the reading. */
typedef int count_visit(void *arg, const char *const names[], size_t n, uint64_t own);

/* Go through the profile that callgrind has left in fd: a call of visit() for each function and
 * chain of callers that it tells apart. 0 or a negative errno. */
int count_callgrind_read(int fd, count_visit *visit, void *arg);

/* ---- count_proc.c ---- */

struct count_proc {
    struct run_proc run; /* its cell says how many jobs */
    enum count_tool tool;
    unsigned variation; /* below COUNT_VARIATIONS */
    int profile_fd;     /* gets callgrind's profile; 0: nobody wants it */
    unsigned callers;   /* of a function, that the profile tells apart: COUNT_CALLERS_MAX at most */
};

/* The counts from the start of the process to its end, as far as the tool counts them. */
struct count_sums {
    struct count_trace trace;
    struct count_alloc alloc;
    uint64_t context_switches, faults; /* faults: of pages, without reading */
    uint64_t instructions;
    char libcurl[RUN_LIBCURL_SIZE]; /* as in the record of the run */
};

/* Count. 0 with *out filled in when each job was done without error. Otherwise as
 * run_proc_execute(), and -EPERM or -ENOSYS when processes cannot be traced. *err is set except for
 * -EINTR. No process is left in any case. */
int count_proc_execute(const struct count_proc *count, struct count_sums *out, struct err *err);

#endif
