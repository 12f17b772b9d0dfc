#include "math/stats_bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "math/normal.h"

#define RESAMPLES_MIN 100

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double stats_bootstrap_mean(double *sample, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += sample[i];
    return sum / (double)n;
}

double stats_bootstrap_median(double *sample, size_t n)
{
    qsort(sample, n, sizeof *sample, compare_double);
    return sample[(n - 1) / 2] / 2 + sample[n / 2] / 2;
}

/* The statistic of each resample, in ascending order. */
static void draw(const double *values, size_t n, const struct stats_bootstrap_options *options,
                 double *sample, double *drawn)
{
    for (size_t b = 0; b < options->resamples; b++) {
        for (size_t i = 0; i < n; i++) {
            double u = random_uniform(options->seed, RANDOM_RESAMPLES, b * n + i);

            sample[i] = values[(size_t)(u * (double)n)];
        }
        drawn[b] = options->statistic(sample, n);
    }
    qsort(drawn, options->resamples, sizeof *drawn, compare_double);
}

/* Where the estimate lies among the resamples, as a z value: ties with it count half. */
static double bias_of(const double *drawn, size_t count, double estimate)
{
    double below = 0, most = (double)count;

    for (size_t i = 0; i < count; i++)
        below += drawn[i] < estimate ? 1 : drawn[i] == estimate ? 0.5 : 0;
    below = fmin(fmax(below, 0.5), most - 0.5); /* a finite z, however one-sided */
    return normal_quantile(below / most);
}

/* From the skewness of the statistic as each value in turn is left out. */
static double acceleration_of(const double *values, size_t n, stats_bootstrap_statistic statistic,
                              double *sample, double *without)
{
    double mean = 0, squares = 0, cubes = 0;

    for (size_t left_out = 0; left_out < n; left_out++) {
        memcpy(sample, values, left_out * sizeof *sample);
        memcpy(sample + left_out, values + left_out + 1, (n - left_out - 1) * sizeof *sample);
        without[left_out] = statistic(sample, n - 1);
        mean += without[left_out] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double d = mean - without[i];

        squares += d * d;
        cubes += d * d * d;
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

/* The value that a share p of the sorted ones lies below: rank p (count + 1), between two of them
 * in proportion. */
static double value_at(const double *drawn, size_t count, double p)
{
    double rank = p * ((double)count + 1), whole;

    if (!(rank > 1))
        return drawn[0];
    if (rank >= (double)count)
        return drawn[count - 1];
    rank = modf(rank, &whole);
    return drawn[(size_t)whole - 1] + rank * (drawn[(size_t)whole] - drawn[(size_t)whole - 1]);
}

/* Efron and Tibshirani, (14.10): the share of the resamples to take for that of the normal z. */
static double corrected(double bias, double acceleration, double z)
{
    double below = 1 - acceleration * (bias + z);

    if (!(below > 0))
        return z > 0 ? 1 : 0;
    return normal_cdf(bias + (bias + z) / below);
}

static int check(const double *values, size_t n, const struct stats_bootstrap_options *options)
{
    if (n < 2 || options->statistic == NULL || options->resamples < RESAMPLES_MIN ||
        !(options->confidence > 0 && options->confidence < 1))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return -EINVAL;
    return 0;
}

int stats_bootstrap_of(const double *values, size_t n,
                       const struct stats_bootstrap_options *options, struct stats_bootstrap *out)
{
    double *sample, *without, *drawn, low = (1 - options->confidence) / 2, high = 1 - low;
    int r = check(values, n, options);

    if (r != 0)
        return r;
    sample = malloc((2 * n + options->resamples) * sizeof *sample);
    if (sample == NULL)
        return -ENOMEM;
    without = sample + n;
    drawn = without + n;

    memcpy(sample, values, n * sizeof *sample);
    out->estimate = options->statistic(sample, n);
    draw(values, n, options, sample, drawn);
    if (options->bca) {
        double bias = bias_of(drawn, options->resamples, out->estimate);
        double a = acceleration_of(values, n, options->statistic, sample, without);

        low = corrected(bias, a, normal_quantile(low));
        high = corrected(bias, a, normal_quantile(high));
    }
    out->ci_low = value_at(drawn, options->resamples, low);
    out->ci_high = value_at(drawn, options->resamples, high);
    free(sample);
    return 0;
}
