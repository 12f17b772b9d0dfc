/* The ideal makespan of a batch: a lower bound by theory. Pure functions, any thread. */
#ifndef TVA_MATH_THEORY_MAKESPAN_H
#define TVA_MATH_THEORY_MAKESPAN_H

#include <stdint.h>

struct theory_makespan {
    uint64_t jobs;      /* N */
    uint64_t lanes;     /* how many jobs can wait at the same time: 1, P or N */
    uint64_t cpu_lanes; /* how many can compute at the same time: 1, or min(P, cores) */
    uint64_t wait_ns;   /* of one job */
    uint64_t cpu_ns;    /* of one job */
};

/* Ideal makespan in ns of jobs that are all there at the start: the larger of ceil(N / lanes) *
 * (wait
 * + cpu) and N * cpu / cpu_lanes, rounded up; UINT64_MAX if that does not fit. lanes and cpu_lanes
 * are at least 1. A lane runs job after job (Graham 1969, list scheduling of equal jobs). Lanes
 * that compute share the cores, so only the total work counts there (McNaughton 1959, preemptive
 * scheduling): 3 jobs on 3 threads and 2 cores take 1.5 cpu. */
uint64_t theory_makespan_ns(const struct theory_makespan *t);

/* Sums over jobs that differ. */
struct theory_makespan_mix {
    uint64_t longest_ns;       /* wait and CPU time of the longest job */
    uint64_t total_ns;         /* of all jobs together */
    uint64_t cpu_total_ns;     /* CPU time alone, of all jobs together */
    uint64_t lanes, cpu_lanes; /* as above */
};

/* Add a job with this wait and CPU time; sums stop at UINT64_MAX. Begin with the first three 0. */
void theory_makespan_mix_add(struct theory_makespan_mix *mix, uint64_t wait_ns, uint64_t cpu_ns);

/* Lower bound on the makespan in ns: the largest of the longest job, total / lanes and cpu_total /
 * cpu_lanes. Which jobs share a lane depends on their order, so the best schedule may take longer;
 * in any order it takes less than the sum of the first two (Graham 1969). Exact for 1 lane, and for
 * as many lanes as jobs. 0 without jobs. */
uint64_t theory_makespan_mix_ns(const struct theory_makespan_mix *mix);

#endif
