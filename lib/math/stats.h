/* Statistics over samples: exact percentiles and curves of them, medians with intervals, where a
 * new value should lie. Pure functions, any thread. */
#ifndef TVA_MATH_STATS_H
#define TVA_MATH_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sort values, none of them NAN, in ascending order. */
void stats_sort(double *values, size_t n);
void stats_sort_u64(uint64_t *values, size_t n);

/* The same, each value once. Returns how many there are. */
size_t stats_sort_unique(double *values, size_t n);

/* The mean of values[n], n >= 1. */
double stats_mean(const double *values, size_t n);

/* The median of values[n], n >= 1, which it sorts. */
double stats_median(double *values, size_t n);

/* A quantity measured over runs. */
struct stats_median {
    double median, ci_low, ci_high;
    double confidence; /* of the interval, e.g. 0.96875 for min..max of 6 values */
};

/* Median and its distribution-free confidence interval from order statistics: the narrowest
 * symmetric pair of ranks that covers at least 95 % by the binomial distribution, or the whole
 * range when n is too small for that (n < 6). It sorts values[n], n >= 1.
 * Source: Conover, Practical Nonparametric Statistics, section 3.2; Le Boudec, Performance
 * Evaluation of Computer and Communication Systems, theorem 2.1. */
void stats_median_of(double *values, size_t n, struct stats_median *out);

/* A distribution of durations. A percentile is known only with so many samples beyond it. */
#define STATS_SAMPLES_BEYOND 10

enum stats_percentile { STATS_P50, STATS_P90, STATS_P99, STATS_P999, STATS_PERCENTILES };

extern const double stats_shares[STATS_PERCENTILES];                /* 0.5 for STATS_P50 */
extern const char *const stats_percentile_names[STATS_PERCENTILES]; /* "p50" */

struct stats_distribution {
    uint64_t count, min, max;
    double mean, stddev;          /* stddev: of the sample, with n - 1; 0 for one value */
    double at[STATS_PERCENTILES]; /* NAN where it is not known */
};

/* The greatest percentile that is known; -1: none. */
int stats_greatest(const struct stats_distribution *d);

/* Sort values[n] in place, and describe them. n may be 0. */
void stats_distribution_of(uint64_t *values, size_t n, struct stats_distribution *out);

/* The rank, from 1, of the percentile q among n sorted values: the smallest k with k / n >= q, so
 * that at least a share q of the values does not exceed the k-th. n >= 1, 0 <= q <= 1. Source:
 * Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996, definition 1. */
size_t stats_rank(size_t n, double q);

/* The ranks, from 1, between which the percentile q of that which n values were drawn from lies
 * with 95 %, 0 < q < 1: how many values lie beyond it follows the binomial distribution. *high is
 * n + 1 where n values have no such rank, *low 0. Source: Le Boudec, Performance Evaluation of
 * Computer and Communication Systems, theorem 2.1. */
void stats_rank_interval(size_t n, double q, size_t *low, size_t *high);

/* The interval for one new value, from values seen before: for logarithms of ratios of stored runs.
 * Source: Hahn and Meeker, Statistical Intervals, 1991, section 4.7:
 * mean -/+ t s sqrt(1 + 1/k). It assumes that old and new values are independent and normally
 * distributed. */
#define STATS_PREDICTION_VALUES_MIN 8 /* fewer show too little of the spread */

struct stats_prediction {
    double mean, sd;  /* of the values; sd with n - 1 */
    double low, high; /* of the new value */
};

/* The two-sided interval that holds one new value with that confidence, 0 < confidence < 1. If all
 * values are equal it is that value alone; the caller may allow for a resolution. 0; -ENODATA when
 * n is below STATS_PREDICTION_VALUES_MIN; -EINVAL for a value that is not finite or a confidence
 * out of range. */
int stats_prediction_of(const double *values, size_t n, double confidence,
                        struct stats_prediction *out);

/* The curve of a latency distribution: its value at ever finer percentiles.
 *
 * The percentiles are those that HdrHistogram prints with 5 ticks per half distance: 5 steps over
 * the first half of the samples, 5 over half of the rest, and so on: 0, 0.1 .. 0.5, 0.55 .. 0.75,
 * 0.775 ... The values are exact, by nearest rank. A curve stops where its samples run out: one
 * point a rank. */
struct stats_curve_point {
    double percentile; /* 0 to 1 */
    uint64_t value;
    uint64_t count; /* samples at or below value */
    double of_runs; /* what a caller who has the samples by run knows of them; 0: nothing */
};

#define STATS_CURVE_TICKS  5
#define STATS_CURVE_POINTS (STATS_CURVE_TICKS * 48 + 1) /* 2^48: more samples than there are */

struct stats_curve {
    struct stats_curve_point points[STATS_CURVE_POINTS];
    size_t count;
};

/* The points for sorted values[n]; the last has percentile 1; none when n is 0. */
void stats_curve_of(const uint64_t *sorted, size_t n, struct stats_curve *out);

#endif
