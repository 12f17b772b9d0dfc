/* M/D/c exactly: Poisson arrivals with a fixed service time at c servers, first come first served.
 * It gives the whole distribution of waits, which theory_queue.h approximates. Any thread, one at a
 * time for each struct.
 *
 * After one service time exactly the jobs that were in service have left, so the number in the
 * system is a Markov chain at such intervals (Crommelin, "Delay probability formulae when the
 * holding times are constant", 1932). Its equations are solved up to a number from which on the
 * tail is geometric (Tijms, A First Course in Stochastic Models, 2003, chapter 9), and waits follow
 * from its cumulative probabilities by sums of positive terms (Franx, "A simple solution for the
 * M/D/c waiting time distribution", Operations Research Letters 29, 2001). */
#ifndef TVA_MATH_THEORY_FIXED_H
#define TVA_MATH_THEORY_FIXED_H

#include <stdint.h>

#define THEORY_FIXED_SERVERS 64 /* the most: work grows with their cube, to about 0.1 s */

struct theory_fixed;

/* Solve the queue; *out is the caller's, freed by theory_fixed_destroy(). 0; -EINVAL when a rate or
 * time is not positive and finite, or servers is 0 or above THEORY_FIXED_SERVERS; -EDOM when it is
 * unstable, arrivals_per_s * service_s >= servers; -ENOMEM. */
int theory_fixed_create(double arrivals_per_s, double service_s, uint64_t servers,
                        struct theory_fixed **out);
void theory_fixed_destroy(struct theory_fixed *q);

/* Mean wait in seconds over all jobs, and the share of jobs that wait. */
double theory_fixed_mean_wait_s(const struct theory_fixed *q);
double theory_fixed_wait_probability(const struct theory_fixed *q);

/* P(wait <= t), t in seconds; and the t that a share p of the waits does not exceed, 0 <= p < 1, to
 * 1 part in 10^9 of a service time. Latency is the wait and one service time. */
double theory_fixed_wait_cdf(const struct theory_fixed *q, double t);
double theory_fixed_wait_percentile(const struct theory_fixed *q, double p);

#endif
