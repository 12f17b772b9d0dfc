/* Little's law: the mean number in a system is the arrival rate times the mean latency, L = lambda
 * W. Pure functions, any thread.
 *
 * For a window of time it is an identity once the ends of the window are counted. Let A be the area
 * under the number in the system within the window, S the latencies of the jobs that arrived in it,
 * I the time that earlier jobs spent in it, and O the time that jobs of the window spend after it:
 *
 *     A = S + I - O                    so  A / T = (n / T) (S / n) + (I - O) / T
 *
 * So an A that was counted apart from the stamps of a run agrees with them to the accuracy of the
 * clock, however short the run is; if not, jobs were lost, counted twice, or stamped wrongly. The
 * distance of plain lambda W from L shows whether the window was long enough to call the system
 * steady. Source: Little, "A proof for the queuing formula L = lambda W", 1961; Little,
 * "Little's law as viewed on its 50th anniversary", Operations Research 59 (2011), theorem LL.2 on
 * finite windows. */
#ifndef TVA_MATH_THEORY_LITTLE_H
#define TVA_MATH_THEORY_LITTLE_H

#include <stdint.h>

/* The sums over the stamps of a run, all 0 but the window at first. The window includes its
 * beginning but not its end, which is later. */
struct theory_little {
    uint64_t from_ns, to_ns;
    uint64_t arrivals;      /* in the window: n */
    double latency_sum_ns;  /* their latencies, also the part behind the window: S */
    double area_ns;         /* time of all jobs within the window: A */
    double carried_in_ns;   /* time within the window of jobs that arrived before it: I */
    double carried_over_ns; /* time behind the window of jobs that arrived in it: O */
};

struct theory_little_check {
    double window_s;       /* T */
    double in_system;      /* L: area / T */
    double arrivals_per_s; /* lambda: n / T */
    double latency_s;      /* W: S / n, 0 without arrivals */
    double at_ends;        /* (I - O) / T, which the ends of the window add to lambda W */
    double error;          /* with the ends: |L - (lambda W + at_ends)| / L */
    double drift;          /* without them: |L - lambda W| / L */
};

/* Count a job, in any order; left_ns is not before arrived_ns. */
void theory_little_add(struct theory_little *l, uint64_t arrived_ns, uint64_t left_ns);

/* Check the law. area_ns is the area under the number in the system, counted independently over the
 * same window. (l->area_ns itself can only show the drift: with it, error is 0 but for
 * rounding.) Errors are 0 when no job ever was in the system, INFINITY when only one side saw jobs.
 */
struct theory_little_check theory_little_check(const struct theory_little *l, double area_ns);

#endif
