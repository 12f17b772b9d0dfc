/* What theory says a batch must take at least. Pure functions, any thread. */
#ifndef TVA_MEASURE_THEORY_H
#define TVA_MEASURE_THEORY_H

#include <stdint.h>

struct theory {
    uint64_t jobs;      /* N */
    uint64_t lanes;     /* how many jobs may wait at the same time: 1, P or N */
    uint64_t cpu_lanes; /* how many may compute at the same time: 1, or min(P, cores) */
    uint64_t wait_ns;   /* what one job waits */
    uint64_t cpu_ns;    /* what one job computes */
};

/* Ideal makespan in ns: the larger of ceil(N / lanes) * (wait + cpu) and N * cpu / cpu_lanes,
 * rounded up; UINT64_MAX where that does not fit. lanes and cpu_lanes are at least 1. A lower bound
 * for jobs that are all there at the start. A lane works job after job (Graham 1969, list
 * scheduling of equal jobs); cores are shared by whichever lanes compute, so only the total work
 * counts there (McNaughton 1959, preemptive scheduling): 3 jobs on 3 threads and 2 cores take 1.5
 * cpu. */
uint64_t theory_makespan_ns(const struct theory *t);

#endif
