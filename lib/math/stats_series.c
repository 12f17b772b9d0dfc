#include "math/stats_series.h"

#include "math/stats.h"
#include "math/stats_laws.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define CONFIDENCE   0.95
#define BATCHES_MIN  40 /* of the first, smaller size */
#define BATCHES_MAX  (2 * BATCHES_MIN)
#define SIGNIFICANCE 1.645 /* of a normal variable, one-sided, 5 % */
#define LAG1_MAX     0.99  /* beyond, no widening helps */

/* The sum of squares of the deviations from the mean, and *products of neighbours' ones. */
static double deviations(const double *values, size_t n, double *products)
{
    double mean = stats_mean(values, n), squares = 0;

    *products = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
        if (i > 0)
            *products += (values[i] - mean) * (values[i - 1] - mean);
    }
    return squares;
}

double stats_lag1(const double *values, size_t n)
{
    double products, squares;

    if (n < 2)
        return 0;
    squares = deviations(values, n, &products);
    return squares > 0 ? products / squares : 0;
}

/* Cut the last batches * size values into batches; their means go to means[]. */
static void cut(const double *values, size_t n, struct stats_batch_means *out, double *means)
{
    out->batches = n / out->batch_size;
    out->dropped = n - out->batches * out->batch_size;
    for (size_t b = 0; b < out->batches; b++)
        means[b] = stats_mean(values + out->dropped + b * out->batch_size, out->batch_size);
    out->lag1 = stats_lag1(means, out->batches);
    out->independent = out->lag1 <= SIGNIFICANCE / sqrt((double)out->batches);
}

/* How often the variance of the mean is that of as many independent values. */
static double effective(const double *values, size_t n, double variance_of_mean)
{
    double ignored, variance = deviations(values, n, &ignored) / (double)(n - 1);

    if (variance_of_mean <= 0)
        return (double)n;
    return fmin((double)n, variance / variance_of_mean);
}

int stats_batch_means(const double *values, size_t n, struct stats_batch_means *out)
{
    double means[BATCHES_MAX], ignored, variance, half_width;
    size_t used;

    memset(out, 0, sizeof *out);
    if (n < STATS_BATCH_VALUES_MIN)
        return -ENODATA;
    out->batch_size = n >= BATCHES_MIN ? n / BATCHES_MIN : 1;
    cut(values, n, out, means);
    if (!out->independent && n >= BATCHES_MIN) {
        out->batch_size *= 2;
        cut(values, n, out, means);
    }
    used = out->batches * out->batch_size;
    out->mean = stats_mean(means, out->batches);
    variance = deviations(means, out->batches, &ignored) / (double)(out->batches - 1) /
               (double)out->batches;
    if (!out->independent)
        variance *= (1 + fmin(out->lag1, LAG1_MAX)) / (1 - fmin(out->lag1, LAG1_MAX));
    half_width =
        sqrt(variance) * stats_student_quantile((1 + CONFIDENCE) / 2, (unsigned)out->batches - 1);
    out->ci_low = out->mean - half_width;
    out->ci_high = out->mean + half_width;
    out->effective = effective(values + out->dropped, used, variance);
    return 0;
}

#define GROUP    5 /* values in a mean */
#define LEFT_OUT 5 /* of the last means: a few that happen to be alike look steady */

static double group_mean(const double *values, size_t group)
{
    double sum = 0;

    for (size_t i = 0; i < GROUP; i++)
        sum += values[group * GROUP + i];
    return sum / GROUP;
}

/* Backwards, so that each step adds one mean to those that are left: mean and sum of squares are
 * kept up by Welford's recurrence, "Note on a method for calculating corrected sums of squares and
 * products", Technometrics 4 (1962). */
int stats_mser(const double *values, size_t n, struct stats_mser *out)
{
    size_t groups = n / GROUP;
    double mean = 0, squares = 0;

    memset(out, 0, sizeof *out);
    if (n < STATS_MSER_VALUES_MIN)
        return -ENODATA;
    out->statistic = INFINITY;
    for (size_t d = groups; d-- > 0;) {
        double count = (double)(groups - d), value = group_mean(values, d), before = mean;

        mean += (value - mean) / count;
        squares += (value - before) * (value - mean);
        if (groups - d > LEFT_OUT && squares / (count * count) <= out->statistic) {
            out->statistic = squares / (count * count);
            out->truncate = d * GROUP;
        }
    }
    out->steady = out->truncate <= n / 2;
    return 0;
}
