/* Child processes that never outlive their parent: the kernel kills them when it dies, however it
 * dies. They lead a process group of their own, so that a Ctrl-C reaches the parent alone, which
 * decides. */
#ifndef TVA_BENCH_PROC_H
#define TVA_BENCH_PROC_H

#include "base/err.h"

#include <sys/types.h>

struct proc {
    pid_t pid; /* 0 when there is none */
    int fd;    /* pidfd: readable once the process has ended */
};

/* Fork. In the parent: *out and 0, or a negative errno with *err set. In the child: 1; it must end
 * by _exit() or exec, has the default signal mask and no standard input. */
int proc_fork(struct proc *out, struct err *err);

/* Start this very program again with argv. Its standard output is stdout_fd (-1: none); it keeps
 * keep_fd (-1: none) open under the same number. Errors as above; one of exec shows as exit status
 * 127. */
int proc_start(const char *const argv[], int stdout_fd, int keep_fd, struct proc *out,
               struct err *err);

/* Wait until it has ended, and take its status (as waitpid gives it); out is empty then. */
int proc_reap(struct proc *p);

/* Kill it, if there is one, and reap it. */
void proc_kill(struct proc *p);

/* A status in words: "was killed by signal 9 (Killed)", "ended with status 3"; returns buf. */
char *proc_describe(int status, char *buf, size_t size);

/* Let this process and its children open as many files as the hard limit allows. */
void proc_raise_file_limit(void);

#endif
