/* SIGINT, SIGTERM, and SIGHUP unless it is ignored, as a descriptor. A signal waits there until the
 * program looks at it, so nothing is cut short in the middle, and poll() can wait for it beside
 * other things. */
#ifndef TVA_BENCH_INTERRUPT_H
#define TVA_BENCH_INTERRUPT_H

#include "base/err.h"

#include <signal.h>

struct interrupt {
    int fd;          /* readable once a signal has come; non-blocking */
    int signal;      /* its number; 0 while none has come */
    sigset_t before; /* the mask to restore */
};

/* Catch signals from now on, in this thread and those it starts. 0, or a negative errno with *err
 * set. */
int interrupt_init(struct interrupt *i, struct err *err);

/* The number of the signal that has come; 0 when none has. */
int interrupt_check(struct interrupt *i);

/* Let further signals act as they did before, which usually ends the process; i->signal has the
 * first that came until now. Call it when all that must not be lost is written. */
void interrupt_deinit(struct interrupt *i);

#endif
