/* By how much values differ from 0, or values of one kind from values of another: the estimates and
 * intervals that go with the signed-rank and the rank-sum test. For logarithms of ratios, exp of
 * the estimate is the ratio. Pure functions, any thread.
 *
 * One sample: the median of the Walsh averages (x[i] + x[k]) / 2, i <= k. Two samples: the median
 * of all differences a[i] - b[k]. The interval is a pair of order statistics of these, at ranks
 * from the exact distribution of the test. Sources: Hodges and Lehmann, "Estimates of location
 * based on rank tests", Annals of Mathematical Statistics 34, 1963; Hollander and Wolfe,
 * Nonparametric Statistical Methods, 2nd ed. 1999, (3.23), (3.27), (4.14) and (4.18). With ties it
 * covers at least as often. */
#ifndef TVA_MATH_STATS_HODGES_LEHMANN_H
#define TVA_MATH_STATS_HODGES_LEHMANN_H

#include <stddef.h>

#define STATS_HODGES_LEHMANN_MAX 4000 /* values; all their pairs are kept */

struct stats_hodges_lehmann {
    double estimate, ci_low, ci_high;
    double confidence; /* of the interval: at least the wanted one if there are enough values, else
                          that of the whole range, which is less */
};

/* values[n] as one sample: their pseudo-median. Ranks are exact up to 200 values, by the normal
 * approximation beyond. `confidence` is two-sided, between 0 and 1. 0; -EINVAL when n is 0, a value
 * is not finite, or for the confidence; -E2BIG above STATS_HODGES_LEHMANN_MAX; -ENOMEM. */
int stats_hodges_lehmann_of(const double *values, size_t n, double confidence,
                            struct stats_hodges_lehmann *out);

/* By how much a is above b. Ranks are exact up to 1000 pairs. Else as above. */
int stats_hodges_lehmann_shift(const double *a, size_t a_count, const double *b, size_t b_count,
                               double confidence, struct stats_hodges_lehmann *out);

#endif
