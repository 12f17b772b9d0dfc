/* The interval for one new value, from values seen before: for logarithms of ratios of stored runs.
 * Pure functions, any thread. Source: Hahn and Meeker, Statistical Intervals, 1991, section 4.7:
 * mean -/+ t s sqrt(1 + 1/k). It assumes that old and new values are independent and normally
 * distributed. */
#ifndef TVA_MATH_STATS_PREDICTION_H
#define TVA_MATH_STATS_PREDICTION_H

#include <stddef.h>

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

#endif
