/* How many pairs a signed-rank test needs to see an effect, and what effect it can see. Pure
 * functions, any thread.
 *
 * The test is stats_signed_rank_of()'s, one-sided: `above` <= alpha. The values are taken as normal
 * with a standard deviation of sd around `effect` above the center; where the test is whether
 * values lie above a minimal effect, `effect` is what is above that. The critical sum of
 * ranks is exact. W then has its true mean and variance under the alternative (Lehmann,
 * Nonparametrics: Statistical Methods Based on Ranks, 1975, section 4.2, (4.28) and (4.29)) and is
 * taken as a beta distribution over its range: it is skewed where power is high, so that a normal
 * one is off by up to 0.04. Where W must be its largest, or 1 below, the chance is exact.
 * Simulation agrees within 0.015. Noether, "Sample size determination for some common nonparametric
 * tests", JASA 82, 1987, has the variance of the null hypothesis instead, which is for small
 * effects. */
#ifndef TVA_MATH_STATS_POWER_H
#define TVA_MATH_STATS_POWER_H

#include <stddef.h>

#define STATS_POWER_PAIRS_MAX 200

/* The chance that n pairs show the effect, in *out; 0 where n pairs can show nothing at this alpha,
 * since 2^-n > alpha. sd > 0, 0 < alpha < 1, effect any. 0; -EINVAL; -ERANGE when n is above
 * STATS_POWER_PAIRS_MAX; -ENOMEM. */
int stats_power_of(size_t n, double effect, double sd, double alpha, double *out);

/* The least number of pairs that has at least that power for effect > 0, 0 < power < 1. 0; -ERANGE
 * when it is more than STATS_POWER_PAIRS_MAX; -EINVAL; -ENOMEM. *out is written on success only. */
int stats_power_pairs(double effect, double sd, double alpha, double power, size_t *out);

/* The smallest effect that n pairs show with that power, to 4 digits; INFINITY where they can show
 * nothing at this alpha. 0, or errors as of stats_power_of(). */
int stats_power_effect(size_t n, double sd, double alpha, double power, double *out);

#endif
