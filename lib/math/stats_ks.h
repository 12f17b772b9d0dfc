/* The Kolmogorov-Smirnov distance of samples from a distribution. Pure functions, any thread. */
#ifndef TVA_MATH_STATS_KS_H
#define TVA_MATH_STATS_KS_H

#include <stddef.h>

/* P(X <= x). It may jump: the distance looks at both sides of each sample. */
typedef double (*stats_cdf)(double x, const void *arg);

/* The largest |F_n(x) - F(x)|, where F_n(x) is the share of sorted[n] that is <= x. n >= 1, in
 * ascending order. */
double stats_ks_distance(const double *sorted, size_t n, stats_cdf cdf, const void *arg);

/* The distance of two series: the largest difference, over all x, between the shares of a[n] and of
 * b[m] that are <= x. Both in ascending order, n and m >= 1. */
double stats_ks_between(const double *a, size_t n, const double *b, size_t m);

/* The distance that n independent samples of a continuous distribution exceed with probability
 * alpha, 0 < alpha < 1. A distribution with jumps exceeds it less often, so the test errs towards
 * keeping it (Noether 1963). Kolmogorov's limit distribution with the correction of Stephens, "Use
 * of the Kolmogorov-Smirnov, Cramer-von Mises and related statistics without extensive tables",
 * JRSS B 32 (1970): within 0.4 % of the exact values from n = 10 on. Samples of one run are NOT
 * independent: successive waits resemble each other, and their distance is larger than n suggests.
 * For these give the number of independent samples that would tell as much,
 * stats_batch_means.effective: a rule of thumb for the mean, not a theorem. */
double stats_ks_critical(double n, double alpha);

#endif
