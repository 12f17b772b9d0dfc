/* The target's process, as the harness sees it: start, readiness, death, end. */
#ifndef TVA_BENCH_TARGET_PROC_H
#define TVA_BENCH_TARGET_PROC_H

#include "harness/proc.h"

#include <netinet/in.h>

/* The target has to be ready after this time. */
#define TARGET_PROC_READY_NS (10 * NS_PER_S)

struct target_proc {
    struct proc proc; /* empty once it has ended */
    int out_fd;       /* its standard output */
    struct sockaddr_in addr;
};

/* Parse an IPv4 address and port in numbers, "127.0.0.1:4000". 0 or -EINVAL. */
int target_proc_parse_address(const char *text, struct sockaddr_in *out);

/* Start `serve` of a program (NULL: this very one) on a free port and wait until it says where it
 * listens. 0, or a negative errno with *err set and nothing left to stop. */
int target_proc_start(struct target_proc *t, const char *program, struct err *err);

/* Keep it off CPU `cpu`, to which a measured process is pinned (-1: let it run on all CPUs of this
 * process). The kernel likes to run a woken process where the waker runs, so the two would disturb
 * each other there. With one CPU alone it stays. */
void target_proc_keep_off(struct target_proc *t, int cpu);

/* Reap it and say why it ended, in a sentence. Call it when proc.fd is readable. */
void target_proc_ended(struct target_proc *t, struct err *why);

/* End it, if it runs, and release what it held. */
void target_proc_stop(struct target_proc *t);

#endif
