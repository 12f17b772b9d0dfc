/* Child processes that never outlive their parent: the kernel kills them when the parent dies,
 * whatever the cause. Each leads a process group of its own, so Ctrl-C reaches the parent alone,
 * which decides what to do. */
#ifndef TVA_BENCH_PROC_H
#define TVA_BENCH_PROC_H

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

struct proc {
    pid_t pid; /* 0 when there is none */
    int fd;    /* pidfd: readable once the process has ended */
};

/* Fork. In the parent: *out and 0, or a negative errno with *err set. In the child: 1; the child
 * has the default signal mask and no standard input, and must end by _exit() or exec. */
int proc_fork(struct proc *out, struct err *err);

/* The exit status of a process whose program could not be started. */
#define PROC_NO_EXEC 127

/* What a started process gets of this one's descriptors; -1: nothing, or for `err` this process's
 * own. */
struct proc_fds {
    int out, err; /* its standard output and standard error */
    int keep;     /* stays open under the same number */
};

/* Start a program, found as a shell finds it, with argv; NULL is this very one. Errors as above;
 * PROC_NO_EXEC where it cannot be executed. */
int proc_start(const char *program, const char *const argv[], struct proc_fds fds, struct proc *out,
               struct err *err);

/* Wait for its end and return its status, as waitpid() gives it; *p is empty then. */
int proc_reap(struct proc *p);

/* Kill the process, if there is one, and reap it. */
void proc_kill(struct proc *p);

/* Touch that much memory in a child process, as small pages and then as huge ones, and wait for its
 * end. On a virtual machine the first touch of memory that the host has to back again is several
 * times as slow, so that measurements which need much of it are noise; this leaves it backed. The
 * kernel takes the two kinds from different places. Failures cost precision only. */
void proc_touch_memory(uint64_t bytes);

/* A status in words, as "was killed by signal 9 (Killed)" or "ended with status 3"; returns buf. */
char *proc_describe(int status, char *buf, size_t size);

/* Raise the limit on open files of this process and its children to the hard limit. */
void proc_raise_file_limit(void);

#endif
