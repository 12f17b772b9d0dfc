#include "math/stats.h"

#include "math/stats_laws.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE_WANTED 0.95
#define RADIX_MIN         1000 /* fewer values than this are sorted by qsort() */

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

void stats_sort(double *values, size_t n)
{
    if (n > 0) /* else `values` may be NULL */
        qsort(values, n, sizeof *values, compare_double);
}

/* Radix sort by bytes, the lowest first (Knuth, TAOCP 3, 5.2.5, algorithm R). Bytes that all values
 * have in common are skipped. With qsort(), sorting took half of the time that a report of 4
 * million jobs took. False without memory for another copy. */
static bool radix_sort(uint64_t *values, size_t n)
{
    uint64_t *copy = malloc(n * sizeof *copy), *from = values, *to = copy;
    size_t counts[8][256] = {{0}};

    if (copy == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        for (unsigned byte = 0; byte < 8; byte++)
            counts[byte][values[i] >> (8 * byte) & 0xff]++;
    for (unsigned byte = 0; byte < 8; byte++) {
        size_t *next = counts[byte], begin = 0;
        uint64_t *sorted = to;

        if (next[*from >> (8 * byte) & 0xff] == n)
            continue;
        for (unsigned digit = 0; digit < 256; digit++) {
            size_t count = next[digit];

            next[digit] = begin;
            begin += count;
        }
        for (size_t i = 0; i < n; i++)
            to[next[from[i] >> (8 * byte) & 0xff]++] = from[i];
        to = from;
        from = sorted;
    }
    if (from != values)
        memcpy(values, from, n * sizeof *values);
    free(copy);
    return true;
}

void stats_sort_u64(uint64_t *values, size_t n)
{
    if (n > 0 && (n < RADIX_MIN || !radix_sort(values, n)))
        qsort(values, n, sizeof *values, compare_u64);
}

size_t stats_sort_unique(double *values, size_t n)
{
    size_t kept = 0;

    stats_sort(values, n);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || values[kept - 1] != values[i])
            values[kept++] = values[i];
    return kept;
}

/* From the first value on, so that a large common part costs no digits. */
double stats_mean(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i] - values[0];
    return values[0] + sum / (double)n;
}

double stats_median(double *values, size_t n)
{
    stats_sort(values, n);
    return values[(n - 1) / 2] / 2 + values[n / 2] / 2;
}

/* The largest rank k, counted from 1, for which the k-th smallest to the k-th largest of n values
 * cover the median often enough; 1 when none does. The interval misses when fewer than k of n
 * values fall on one side: twice the lower tail of the binomial distribution with p = 1/2. Its
 * terms are carried as logarithms because 2^-n underflows for large n. */
static size_t interval_rank(size_t n, double *confidence)
{
    double log_term = -(double)n * M_LN2, tail = exp(log_term);
    size_t rank = 1;

    *confidence = fmax(0, 1 - 2 * tail);
    for (size_t k = 2; 2 * k <= n; k++) {
        log_term += log((double)(n - k + 2) / (double)(k - 1));
        tail += exp(log_term);
        if (1 - 2 * tail < CONFIDENCE_WANTED)
            break;
        rank = k;
        *confidence = 1 - 2 * tail;
    }
    return rank;
}

void stats_median_of(double *values, size_t n, struct stats_median *out)
{
    size_t rank = interval_rank(n, &out->confidence);

    out->median = stats_median(values, n);
    out->ci_low = values[rank - 1];
    out->ci_high = values[n - rank];
}

/* k / n is rounded just as a literal like 0.9 is, so comparing the quotients is exact where q * n
 * is not: 0.07 * 100 gives 7.000000000000001, whose ceiling is one too many. */
size_t stats_rank(size_t n, double q)
{
    size_t rank = (size_t)ceil(q * (double)n);

    if (rank < 1)
        rank = 1;
    if (rank > n)
        rank = n;
    while (rank > 1 && (double)(rank - 1) / (double)n >= q)
        rank--;
    while (rank < n && (double)rank / (double)n < q)
        rank++;
    return rank;
}

/* The terms are P(just m values lie beyond), as logarithms because the first underflow. */
void stats_rank_interval(size_t n, double q, size_t *low, size_t *high)
{
    double log_term = (double)n * log(q), tail = exp(log_term), odds = log(1 - q) - log(q);
    size_t m = 0;

    *high = n + 1;
    while (m < n && tail < 1 - (1 - CONFIDENCE_WANTED) / 2) {
        if (tail <= (1 - CONFIDENCE_WANTED) / 2)
            *high = n - m;
        m++;
        log_term += log((double)(n - m + 1) / (double)m) + odds;
        tail += exp(log_term);
    }
    *low = n - m;
}

const double stats_shares[] = {0.5, 0.9, 0.99, 0.999};
const char *const stats_percentile_names[] = {"p50", "p90", "p99", "p999"};

int stats_greatest(const struct stats_distribution *d)
{
    int k = STATS_PERCENTILES - 1;

    while (k >= 0 && isnan(d->at[k]))
        k--;
    return k;
}

void stats_distribution_of(uint64_t *values, size_t n, struct stats_distribution *out)
{
    double sum = 0, squares = 0, mean_above_min;

    stats_sort_u64(values, n);
    *out = (struct stats_distribution){.count = n};
    for (size_t k = 0; k < STATS_PERCENTILES; k++) {
        size_t rank = n > 0 ? stats_rank(n, stats_shares[k]) : 0;

        out->at[k] = n - rank >= STATS_SAMPLES_BEYOND ? (double)values[rank - 1] : (double)NAN;
    }
    if (n == 0)
        return;
    out->min = values[0];
    out->max = values[n - 1];

    /* relative to the smallest, so that a large common offset costs no digits */
    for (size_t i = 0; i < n; i++)
        sum += (double)(values[i] - out->min);
    mean_above_min = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = (double)(values[i] - out->min) - mean_above_min;

        squares += d * d;
    }
    out->mean = (double)out->min + mean_above_min;
    out->stddev = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
}

int stats_prediction_of(const double *values, size_t n, double confidence,
                        struct stats_prediction *out)
{
    double squares = 0, half;

    if (!(confidence > 0 && confidence < 1))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return -EINVAL;
    if (n < STATS_PREDICTION_VALUES_MIN)
        return -ENODATA;

    out->mean = stats_mean(values, n);
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - out->mean) * (values[i] - out->mean);
    out->sd = sqrt(squares / (double)(n - 1));
    half = stats_student_quantile((1 + confidence) / 2, (unsigned)(n - 1)) * out->sd *
           sqrt(1 + 1 / (double)n);
    out->low = out->mean - half;
    out->high = out->mean + half;
    return 0;
}

#define TICKS STATS_CURVE_TICKS

static size_t count_at_or_below(const uint64_t *sorted, size_t n, size_t rank)
{
    size_t low = rank, high = n; /* the answer lies in [low, high] */

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sorted[middle] == sorted[rank - 1])
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* After k halvings the rest is 2^-k, and the ticks divide the next half of it evenly. As a quotient
 * of whole numbers it is rounded once, like the shares k / n that stats_rank() compares it with. */
static double tick_percentile(int tick)
{
    double denominator = ldexp(2 * TICKS, tick / TICKS);

    return (denominator - 2 * TICKS + tick % TICKS) / denominator;
}

void stats_curve_of(const uint64_t *sorted, size_t n, struct stats_curve *out)
{
    size_t last_rank = 0;

    out->count = 0;
    for (int tick = 0; tick < STATS_CURVE_POINTS - 1 && n > 0; tick++) {
        double percentile = tick_percentile(tick);
        size_t rank = stats_rank(n, percentile);

        if (rank == n)
            break;
        if (rank == last_rank)
            continue;
        out->points[out->count++] = (struct stats_curve_point){
            .percentile = percentile,
            .value = sorted[rank - 1],
            .count = count_at_or_below(sorted, n, rank),
        };
        last_rank = rank;
    }
    if (n > 0)
        out->points[out->count++] =
            (struct stats_curve_point){.percentile = 1, .value = sorted[n - 1], .count = n};
}
