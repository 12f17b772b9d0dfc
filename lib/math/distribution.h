/* Distributions of durations, each given by its mean alone. Pure functions, any thread.
 *
 * With m for the mean, and scv for variance / mean^2, which queueing theory needs:
 *
 *     fixed      always m                                                     scv 0
 *     exp        exponential: P(X > x) = exp(-x / m)                          scv 1
 *     uniform    between 0 and 2 m                                            scv 1/3
 *     pareto     P(X > x) = (x_min / x)^2.5 for x >= x_min = 0.6 m            scv 0.8
 *     lognormal  exp(mu + sigma Z), sigma = 1, mu = ln m - 1/2                scv e - 1 = 1.718
 *
 * The shapes of the last two are fixed. With its exponent of 2.5 the Pareto has a finite mean and
 * variance, but no third moment: half of the durations are below 0.79 m, 1 in 1,000 above 9.5 m,
 * and averages over a run settle slowly. Draws are by inversion: a uniform number gives a duration,
 * and a larger number a longer one. Source: Devroye, Non-Uniform Random Variate Generation, 1986,
 * chapter II.2; Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, 1994. */
#ifndef TVA_MATH_DISTRIBUTION_H
#define TVA_MATH_DISTRIBUTION_H

#include <stdint.h>

enum distribution {
    DISTRIBUTION_FIXED,
    DISTRIBUTION_EXPONENTIAL,
    DISTRIBUTION_UNIFORM,
    DISTRIBUTION_PARETO,
    DISTRIBUTION_LOGNORMAL,
    DISTRIBUTION_COUNT
};

/* Their words, as a PARAM_CHOICE takes them; NULL at the end. */
extern const char *const distribution_words[];

/* The duration that a share u of all does not exceed, in the unit of mean; 0 < u < 1, mean >= 0. */
double distribution_quantile(enum distribution kind, double mean, double u);

/* P(X <= x), 0 < mean. */
double distribution_cdf(enum distribution kind, double mean, double x);

/* Squared coefficient of variation: variance / mean^2. */
double distribution_scv(enum distribution kind);

/* The quantile in whole ns, rounded to the nearest, UINT64_MAX if it does not fit. A fixed duration
 * is mean_ns exactly. */
uint64_t distribution_sample_ns(enum distribution kind, uint64_t mean_ns, double u);

/* The duration that a job draws: distribution_sample_ns() with number `index` of RANDOM_DURATIONS.
 */
uint64_t distribution_draw_ns(enum distribution kind, uint64_t mean_ns, uint64_t seed,
                              uint64_t index);

#endif
