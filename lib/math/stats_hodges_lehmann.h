/* By how much values differ from 0, or those of one kind from those of another: the estimates and
 * intervals that belong to the signed-rank and to the rank-sum test. Given logarithms of ratios,
 * exp of the estimate is the ratio. Pure functions, any thread.
 *
 * One sample: the median of the Walsh averages (x[i] + x[k]) / 2, i <= k; two samples: the median
 * of all differences a[i] - b[k]. The interval is a pair of order statistics of these, at ranks
 * from the exact distribution of the test. Sources: Hodges and Lehmann, "Estimates of location
 * based on rank tests", Annals of Mathematical Statistics 34, 1963; Hollander and Wolfe,
 * Nonparametric Statistical Methods, 2nd ed. 1999, (3.23), (3.27), (4.14) and (4.18). With ties it
 * covers at least as often. */
#ifndef TVA_MATH_STATS_HODGES_LEHMANN_H
#define TVA_MATH_STATS_HODGES_LEHMANN_H

#include <stddef.h>

#define STATS_HODGES_LEHMANN_MAX 4000 /* values; their pairs are all kept */

struct stats_hodges_lehmann {
    double estimate, ci_low, ci_high;
    double confidence; /* what the interval really covers: at least the one wanted where there are
                          enough values for it, else that of the whole range, which is less */
};

/* Of values[n] as one sample: their pseudo-median. Ranks are exact up to 200 values, by the normal
 * approximation above. confidence: two-sided, 0 < confidence < 1.
 * 0; -EINVAL when n is 0, a value is not finite, or for the confidence; -E2BIG above
 * STATS_HODGES_LEHMANN_MAX; -ENOMEM. */
int stats_hodges_lehmann_of(const double *values, size_t n, double confidence,
                            struct stats_hodges_lehmann *out);

/* By how much a is above b. Ranks are exact as long as there are at most 1000 pairs. As above. */
int stats_hodges_lehmann_shift(const double *a, size_t a_count, const double *b, size_t b_count,
                               double confidence, struct stats_hodges_lehmann *out);

#endif
