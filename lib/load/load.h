/* Load models: when jobs are wanted.
 *
 * batch: all at once. closed loop: C clients, each wants its next job when its last has ended. open
 * loop: at times that a schedule fixes beforehand and that wait for nobody, so that what a stall
 * delays is counted in full (Schroeder, Wierman and Harchol-Balter, "Open Versus Closed: A
 * Cautionary Tale", NSDI 2006).
 *
 * Jobs are wanted for a time (duration_ns) or up to a number, which is the cell's `jobs`. What
 * warm-up wants comes first and on top of that: by time (warmup_ns) or by number. Functions: any
 * thread. */
#ifndef TVA_LOAD_LOAD_H
#define TVA_LOAD_LOAD_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum load_kind { LOAD_BATCH, LOAD_CLOSED, LOAD_OPEN };

enum load_arrivals { LOAD_POISSON, LOAD_CONSTANT };

struct load {
    enum load_kind kind;
    enum load_arrivals arrivals; /* open */
    double rate_per_s;           /* open: arrivals; 0 otherwise */
    uint64_t clients;            /* closed; 0 otherwise */
    uint64_t duration_ns; /* open, closed: how long jobs are wanted after warm-up; 0: by number */
    uint64_t warmup_ns;   /* open, closed: before that, run and not counted; 0: by number */
    uint64_t limit;       /* open: jobs in the system at most, others are refused; 0: none */
    uint64_t drain_ns;    /* open: how long after the last arrival jobs may still begin */
    double poison;        /* share of the jobs, 0 to 1, that block the loop */
};

#define LOAD_JOBS_MAX            10000000ULL /* in one run, warm-up included */
#define LOAD_CLIENTS_MAX         1000000ULL
#define LOAD_DURATION_MAX_NS     (24 * 3600 * 1000000000ULL)
#define LOAD_DURATION_DEFAULT_NS (10 * 1000000000ULL)

/* Of a load by time, when nothing else is asked for: warm-up takes a tenth of the duration, at most
 * a second; jobs may begin for as long as the load took, at most 10 s. The latter also by number.
 */
uint64_t load_warmup_default_ns(const struct load *load);
uint64_t load_drain_default_ns(const struct load *load, uint64_t jobs);

/* How many jobs are wanted in all, as the mean of random arrivals: `jobs` (0: by time) and those of
 * warm-up, `warmup_jobs` unless that is by time. 0 for a closed loop by time: nobody knows. */
double load_expected_jobs(const struct load *load, uint64_t jobs, uint64_t warmup_jobs);

/* How long the load lasts from the first job wanted to the last, without drain. 0 where that is not
 * known: a batch, or a closed loop by number. */
uint64_t load_span_ns(const struct load *load, uint64_t jobs, uint64_t warmup_jobs);

/* Does it make sense: at least one job, and not more than memory holds? 0, or -EINVAL with *err
 * naming the figure that does not. */
int load_check(const struct load *load, uint64_t jobs, uint64_t warmup_jobs, struct err *err);

#endif
