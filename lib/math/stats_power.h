/* The smallest effect that a signed-rank test of n pairs can show. Pure functions, any thread.
 *
 * The test is that of stats_signed_rank_of(), one-sided: `above` <= alpha. The values are normal
 * with standard deviation sd around the center + effect. The critical sum of ranks is exact. W has
 * its true mean and variance under the alternative (Lehmann, Nonparametrics: Statistical Methods
 * Based on Ranks, 1975, section 4.2, (4.28) and (4.29)) and is approximated by a beta distribution
 * over its range: W is skewed where power is high, and a normal distribution would be off by up to
 * 0.04. Where W must be its largest value, or 1 below, the chance is exact. Simulation agrees
 * within 0.015. Noether, "Sample size determination for some common nonparametric tests", JASA 82,
 * 1987, uses the variance of the null hypothesis, which fits small effects only. */
#ifndef TVA_MATH_STATS_POWER_H
#define TVA_MATH_STATS_POWER_H

#include <stddef.h>

#define STATS_POWER_PAIRS_MAX 200

/* The smallest effect that n pairs show with that power, to 4 digits; INFINITY where they can show
 * nothing at this alpha, since 2^-n > alpha. sd > 0, 0 < alpha < 1, 0 < power < 1. 0; -EINVAL;
 * -ERANGE when n is above STATS_POWER_PAIRS_MAX; -ENOMEM. */
int stats_power_effect(size_t n, double sd, double alpha, double power, double *out);

#endif
