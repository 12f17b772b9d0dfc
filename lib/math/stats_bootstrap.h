/* Confidence intervals of any statistic by drawing from the values themselves, with replacement.
 * Pure functions, any thread: the draws are a function of the seed. Source: Efron and Tibshirani,
 * An Introduction to the Bootstrap, 1993: section 13.3 (percentile) and 14.3 (BCa, with the
 * acceleration from the jackknife). */
#ifndef TVA_MATH_STATS_BOOTSTRAP_H
#define TVA_MATH_STATS_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A statistic of sample[n], n >= 1, which it may reorder. */
typedef double (*stats_bootstrap_statistic)(double *sample, size_t n);

double stats_bootstrap_mean(double *sample, size_t n);
double stats_bootstrap_median(double *sample, size_t n);

struct stats_bootstrap_options {
    stats_bootstrap_statistic statistic;
    bool bca; /* corrected for bias and skewness; for smooth statistics as the mean. The jackknife
                 fails for the median: take percentiles there. */
    size_t resamples; /* 100 or more; 2000 or more for 95 % */
    double confidence;
    uint64_t seed;
};

struct stats_bootstrap {
    double estimate, ci_low, ci_high;
};

/* values[n], n >= 2. With few values intervals of the mean are too narrow: at 10 normal values
 * 95 % cover about 90 %. 0; -EINVAL for n, a value that is not finite or options out of
 * range; -ENOMEM. */
int stats_bootstrap_of(const double *values, size_t n,
                       const struct stats_bootstrap_options *options, struct stats_bootstrap *out);

#endif
