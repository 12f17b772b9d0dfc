/* SIGINT and SIGTERM as a descriptor: they wait there until looked at, so that nothing is cut short
 * in the middle, and a poll can wait for them beside other things. */
#ifndef TVA_BENCH_INTERRUPT_H
#define TVA_BENCH_INTERRUPT_H

#include "base/err.h"

#include <signal.h>

struct interrupt {
    int fd;          /* readable once a signal has come; non-blocking */
    int signal;      /* which it was; 0 while none */
    sigset_t before; /* the mask to go back to */
};

/* Catch from now on, in this thread and those it starts. 0, or a negative errno with *err set. */
int interrupt_init(struct interrupt *i, struct err *err);

/* Look whether one has come: its number, 0 when none. */
int interrupt_check(struct interrupt *i);

/* Let further ones act as they did before (end the process, as a rule): to be called when the first
 * has been seen, and at the end. */
void interrupt_deinit(struct interrupt *i);

#endif
