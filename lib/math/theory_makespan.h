/* What theory says a batch must take at least. Pure functions, any thread. */
#ifndef TVA_MATH_THEORY_MAKESPAN_H
#define TVA_MATH_THEORY_MAKESPAN_H

#include <stdint.h>

struct theory_makespan {
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
uint64_t theory_makespan_ns(const struct theory_makespan *t);

/* Jobs that differ. */
struct theory_makespan_mix {
    uint64_t longest_ns;       /* wait and CPU time of the longest job */
    uint64_t total_ns;         /* of all jobs together */
    uint64_t cpu_total_ns;     /* CPU time alone, of all jobs together */
    uint64_t lanes, cpu_lanes; /* as above */
};

/* Add a job that waits and computes for so long; sums stop at UINT64_MAX. Begin with both sums and
 * the longest 0. */
void theory_makespan_mix_add(struct theory_makespan_mix *mix, uint64_t wait_ns, uint64_t cpu_ns);

/* Lower bound on the makespan in ns: the largest of the longest job, total / lanes and cpu_total /
 * cpu_lanes. Which jobs share a lane depends on the order, so that the best schedule may take
 * longer; in any order it is less than the sum of the first two (Graham 1969). Exact for 1 lane,
 * and for as many lanes as jobs. 0 jobs take 0. */
uint64_t theory_makespan_mix_ns(const struct theory_makespan_mix *mix);

#endif
