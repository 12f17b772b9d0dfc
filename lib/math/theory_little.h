/* Little's law: the mean number in a system is the arrival rate times the mean latency, L = lambda
 * W. Pure functions, any thread.
 *
 * For a window of time it is an identity once its ends are counted. With A the area under the
 * number in the system, S the latencies of those that arrived in the window, I what they took of
 * it that had arrived before, and O what they take after it that are still in it at its end:
 *
 *     A = S + I - O                    so  A / T = (n / T) (S / n) + (I - O) / T
 *
 * so a run whose A was counted apart from its stamps has to agree with them to the accuracy of the
 * clock, however short it is; where it does not, jobs were lost, counted twice, or stamped wrongly.
 * How far plain lambda W is from L tells something else: whether the window was long enough to call
 * the system steady. Source: Little, "A proof for the queuing formula L = lambda W", 1961; Little,
 * "Little's law as viewed on its 50th anniversary", Operations Research 59 (2011), theorem LL.2 on
 * finite windows. */
#ifndef TVA_MATH_THEORY_LITTLE_H
#define TVA_MATH_THEORY_LITTLE_H

#include <stdint.h>

/* What the stamps of a run add up to. The window holds its beginning but not its end. */
struct theory_little {
    uint64_t from_ns, to_ns;
    uint64_t arrivals;      /* in the window: n */
    double latency_sum_ns;  /* theirs, whole, also what lies behind the window: S */
    double area_ns;         /* of all jobs, what lies in the window: A */
    double carried_in_ns;   /* of jobs that had arrived before, what lies in the window: I */
    double carried_over_ns; /* of jobs that arrived in the window, what lies behind it: O */
};

struct theory_little_check {
    double window_s;       /* T */
    double in_system;      /* L: area / T */
    double arrivals_per_s; /* lambda: n / T */
    double latency_s;      /* W: S / n, 0 without arrivals */
    double at_ends;        /* (I - O) / T, what the ends of the window add to lambda W */
    double error;          /* of the law with its ends: |L - (lambda W + at_ends)| / L */
    double drift;          /* of the law without: |L - lambda W| / L */
};

/* Begin with a window; to_ns is after from_ns. */
void theory_little_begin(struct theory_little *l, uint64_t from_ns, uint64_t to_ns);

/* Count a job, in any order; left_ns is not before arrived_ns. */
void theory_little_add(struct theory_little *l, uint64_t arrived_ns, uint64_t left_ns);

/* Check the law. area_ns is the area under the number in the system, counted independently over the
 * same window. (l->area_ns itself can only show the drift: with it, error is 0 but for
 * rounding.) Errors are 0 when nothing ever was in the system, INFINITY when only one side was. */
struct theory_little_check theory_little_check(const struct theory_little *l, double area_ns);

#endif
