/* By what factor one series of values is above another, and what may be said of that. Pure
 * functions, any thread.
 *
 * The ratio is exp of the two-sample Hodges-Lehmann shift of logarithms, with the interval that
 * belongs to the rank-sum test (math/stats_ranks.h): it assumes nothing of how values
 * are distributed but that the two series have the same shape. */
#ifndef TVA_BENCH_COMPARE_RATIO_H
#define TVA_BENCH_COMPARE_RATIO_H

#include "result/metric.h"

#include <stddef.h>

/* What intervals are to cover; with fewer than 4 values on either side none does. */
#define COMPARE_CONFIDENCE 0.95

/* SAME: the interval is within the effect. MORE, LESS: it excludes 1, and the ratio is beyond the
 * effect. UNCLEAR: neither, for want of runs or of quiet. UNKNOWN: there is no interval; `why` says
 * for what reason. */
enum compare_verdict { COMPARE_SAME, COMPARE_MORE, COMPARE_LESS, COMPARE_UNCLEAR, COMPARE_UNKNOWN };

struct compare_ratio {
    double ratio, low, high; /* NAN where they are not known */
    double confidence;       /* of low and high */
    enum compare_verdict verdict;
    const char *why; /* of UNKNOWN, static; else NULL */
};

/* b over a; each of 1 to METRIC_RUNS_MAX values. effect: the least change that counts, 0.02 for
 * 2 %. 0 or -ENOMEM. */
int compare_ratio_of(const double *a, size_t a_count, const double *b, size_t b_count,
                     double effect, struct compare_ratio *out);

/* Of one value each that has no spread, as a count that is exact: any change beyond the effect is
 * one. */
void compare_ratio_exact(double a, double b, double effect, struct compare_ratio *out);

/* Of one value each that may have a spread, of which nothing is known: UNKNOWN for that reason. */
void compare_ratio_bare(double a, double b, const char *why, struct compare_ratio *out);

#endif
