/* Load models: when jobs are wanted.
 *
 * batch: all at once. closed loop: C clients, each wants its next job when its last has ended. open
 * loop: at times that a schedule fixes beforehand and that wait for nobody, so that what a stall
 * delays is counted in full (Schroeder, Wierman and Harchol-Balter, "Open Versus Closed: A
 * Cautionary Tale", NSDI 2006). */
#ifndef TVA_LOAD_LOAD_H
#define TVA_LOAD_LOAD_H

#include <stdint.h>

enum load_kind { LOAD_BATCH, LOAD_CLOSED, LOAD_OPEN };

enum load_arrivals { LOAD_POISSON, LOAD_CONSTANT };

struct load {
    enum load_kind kind;
    enum load_arrivals arrivals; /* open */
    double rate_per_s;           /* open: arrivals; 0 otherwise */
    uint64_t clients;            /* closed; 0 otherwise */
    uint64_t duration_ns;        /* open, closed: how long jobs are wanted; 0: by their number */
    uint64_t warmup_ns; /* open, closed: the first part, run and not counted; 0: by number */
    uint64_t limit;     /* open: jobs in the system at most, others are refused; 0: none */
    uint64_t drain_ns;  /* open: how long after the last arrival jobs may still begin */
    double poison;      /* share of the jobs, 0 to 1, that block the loop */
};

#endif
