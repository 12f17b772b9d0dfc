/* The target's process, as the harness sees it: start, readiness, death, end. */
#ifndef TVA_BENCH_TARGET_PROC_H
#define TVA_BENCH_TARGET_PROC_H

#include "harness/proc.h"

#include <netinet/in.h>
#include <stdbool.h>

/* The target has to be ready after this time. */
#define TARGET_PROC_READY_NS (10 * NS_PER_S)

/* A target that has not answered a request for this time, and is not at work, does not answer. */
#define TARGET_PROC_SILENT_NS (4 * NS_PER_S)

struct target_proc {
    struct proc proc;   /* empty once it has ended */
    int out_fd;         /* its standard output */
    int ping_fd;        /* a connection of target_proc_ping(); -1: none */
    uint64_t ping_ns;   /* when the request there was sent that has no answer yet; 0: none */
    bool ping_answered; /* a request before */
    struct sockaddr_in addr;
};

/* One that is not there. */
#define TARGET_PROC_NONE ((struct target_proc){.proc.fd = -1, .out_fd = -1, .ping_fd = -1})

/* Start `serve` of a program (NULL: this very one) on a free port, with a pathology or NULL, and
 * wait until it says where it listens. 0, or a negative errno with *err set and nothing left to
 * stop. */
int target_proc_start(struct target_proc *t, const char *program, const char *pathology,
                      struct err *err);

/* Keep it off CPU `cpu`, to which a measured process is pinned (-1: let it run on all CPUs of this
 * process). The kernel likes to run a woken process where the waker runs, so the two would disturb
 * each other there. With one CPU alone it stays. */
void target_proc_keep_off(struct target_proc *t, int cpu);

/* Ask it for something, or look for the answer to what was asked before; never waits. While jobs
 * run, two to ten times in TARGET_PROC_SILENT_NS. 0, or -EHOSTDOWN with a sentence in *why when it
 * does not answer: it was stopped, or its loop is blocked. */
int target_proc_ping(struct target_proc *t, struct err *why);

/* Reap it and say why it ended, in a sentence. Call it when proc.fd is readable. */
void target_proc_ended(struct target_proc *t, struct err *why);

/* End it, if it runs, and release what it held. */
void target_proc_stop(struct target_proc *t);

#endif
