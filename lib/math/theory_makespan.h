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
    uint64_t lead_ns;   /* the part of wait_ns that comes before a job first computes, */
    uint64_t trail_ns;  /* and the part after it last did; of no account without cpu_ns */
};

/* Ideal makespan in ns of jobs that are all there at the start: the larger of
 *
 *     ceil(N / lanes) * (wait + cpu)
 *     lead + N * cpu / cpu_lanes + trail
 *
 * rounded up; UINT64_MAX if that does not fit. lanes and cpu_lanes are at least 1. A lane runs job
 * after job (Graham 1969, list scheduling of equal jobs). Lanes that compute share the cores, so
 * only the total work counts there (McNaughton 1959, preemptive scheduling): 3 jobs on 3 threads
 * and 2 cores take 1.5 cpu. All of that work lies between lead and makespan - trail: no job can
 * compute before it has waited for lead, and the job that computes last still has to wait for
 * trail. So N * cpu <= cpu_lanes * (makespan - lead - trail) (a release time and a tail for each
 * job, as in Carlier, "The one-machine sequencing problem", European Journal of Operational
 * Research 11, 1982, whose bound of one machine this is). */
uint64_t theory_makespan_ns(const struct theory_makespan *t);

/* Sums over jobs that differ. */
struct theory_makespan_mix {
    uint64_t longest_ns;        /* wait and CPU time of the longest job */
    uint64_t total_ns;          /* of all jobs together */
    uint64_t cpu_total_ns;      /* CPU time alone, of all jobs together */
    uint64_t lead_ns, trail_ns; /* the least of any job */
    uint64_t jobs;              /* that were added */
    uint64_t lanes, cpu_lanes;  /* as above */
};

/* Add a job, of which `job` tells the wait and CPU time, lead and trail; sums stop at UINT64_MAX.
 * Begin with all but the lanes 0. */
void theory_makespan_mix_add(struct theory_makespan_mix *mix, const struct theory_makespan *job);

/* Lower bound on the makespan in ns: the largest of the longest job, total / lanes and lead +
 * cpu_total / cpu_lanes + trail. Which jobs share a lane depends on their order, so the best
 * schedule may take longer; in any order it takes less than the sum of the first two (Graham 1969).
 * Exact for 1 lane, and for as many lanes as jobs. 0 without jobs. */
uint64_t theory_makespan_mix_ns(const struct theory_makespan_mix *mix);

#endif
