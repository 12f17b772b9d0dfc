/* One observation: a program of some revision measures one cell once, in a fresh process, and what
 * it says is read from its result document. One thread.
 *
 * Nothing of the program is relied upon but `PROGRAM run CELL --rounds 1 --seed S -o FILE`. All
 * programs get the same argument vector and environment, so that the stack begins at the same
 * place. */
#ifndef TVA_BENCH_PAIR_OBSERVE_H
#define TVA_BENCH_PAIR_OBSERVE_H

#include "harness/interrupt.h"
#include "pair/pair_metric.h"

#include <stdint.h>

#define PAIR_FOLDER_SIZE 256

struct pair_observer {
    struct interrupt *interrupt; /* ends an observation early; the caller's */
    char folder[PAIR_FOLDER_SIZE];
};

struct pair_request {
    const char *program; /* path */
    const char *args;    /* the cell: see plan_cell_args() */
    const char *inject;  /* more for --inject; NULL: none */
    uint64_t seed;
};

struct pair_observed {
    double values[PAIR_METRICS];
    uint64_t work; /* checksum of the ledger: equal where the same work was done */
};

/* Make a folder for results under $TMPDIR, else in memory, else under /tmp. 0 or a negative errno
 * with *err set. */
int pair_observer_init(struct pair_observer *o, struct interrupt *interrupt, struct err *err);

/* Remove it with all that is in it. */
void pair_observer_deinit(struct pair_observer *o);

/* Carry one out; no process is left whatever happens. 0; -EINTR when a signal came; -EINVAL when
 * the program does not know the options or its result cannot be read; -EIO when the run failed, and
 * may do better the next time; other negative errnos. *err names program and reason, save at
 * -EINTR. */
int pair_observe(const struct pair_observer *o, const struct pair_request *request,
                 struct pair_observed *out, struct err *err);

#endif
