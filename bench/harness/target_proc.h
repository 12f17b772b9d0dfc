/* The target as a process of its own, from the harness's side: start, readiness, death, end. */
#ifndef TVA_BENCH_TARGET_PROC_H
#define TVA_BENCH_TARGET_PROC_H

#include "harness/proc.h"

#include <netinet/in.h>

/* Deadline of the readiness handshake. */
#define TARGET_PROC_READY_NS (10 * NS_PER_S)

struct target_proc {
    struct proc proc; /* empty once it has ended */
    int out_fd;       /* its standard output */
    struct sockaddr_in addr;
};

/* Parse an IPv4 address and port in numbers, "127.0.0.1:4000". 0 or -EINVAL. */
int target_proc_parse_address(const char *text, struct sockaddr_in *out);

/* Start `tva serve` on a free port and wait until it says where it listens. 0, or a negative errno
 * with *err set and nothing left to stop. */
int target_proc_start(struct target_proc *t, struct err *err);

/* Let it run on any CPU of this process but `cpu` (-1: on any): the one that a measured process is
 * pinned to. The two would get into each other's way there otherwise, since the kernel likes to run
 * the woken where the waker is. Where there is no other CPU, it stays. */
void target_proc_keep_off(struct target_proc *t, int cpu);

/* Say why it ended, in a sentence, and reap it: for when proc.fd is readable. */
void target_proc_ended(struct target_proc *t, struct err *why);

/* End it, if it runs, and free what is held. */
void target_proc_stop(struct target_proc *t);

#endif
