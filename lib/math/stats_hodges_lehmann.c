#include "math/stats_hodges_lehmann.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "math/rank_sum.h"
#include "math/stats.h"
#include "math/stats_laws.h"
#include "math/stats_signed_rank.h"

static bool all_finite(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* How many order statistics are left out on either side, given the chance at[w] of each value w
 * from 0 to most of the test's statistic: the most that leaves the confidence wanted, but none less
 * than the first and the last. */
static size_t exact_left_out(const double *at, size_t most, double wanted, double *confidence)
{
    double tail = at[0];
    size_t left_out = 0;

    while (2 * (left_out + 1) < most && 1 - 2 * (tail + at[left_out + 1]) >= wanted)
        tail += at[++left_out];
    *confidence = fmax(0, 1 - 2 * tail);
    return left_out;
}

/* Likewise for a statistic with that mean and variance. */
static size_t normal_left_out(double mean, double variance, double wanted, double *confidence)
{
    double sigma = sqrt(variance);
    double left_out = floor(mean - 0.5 + sigma * stats_normal_quantile((1 - wanted) / 2));

    left_out = fmax(0, left_out);
    *confidence = 1 - 2 * stats_normal_cdf((left_out + 0.5 - mean) / sigma);
    return (size_t)left_out;
}

static void take_orders(double *pairs, size_t count, size_t left_out,
                        struct stats_hodges_lehmann *out)
{
    out->estimate = stats_median(pairs, count);
    out->ci_low = pairs[left_out];
    out->ci_high = pairs[count - 1 - left_out];
}

/* One allocation has the probabilities, if they are needed, and then the pairs. */
static int one_sample(const double *values, size_t n, double wanted, double *at,
                      struct stats_hodges_lehmann *out)
{
    size_t most = stats_signed_rank_max(n), left_out, count = 0;
    double size = (double)n;

    if (n <= STATS_SIGNED_RANK_EXACT_MAX) {
        int r = stats_signed_rank_probabilities(n, at);

        if (r != 0)
            return r;
        left_out = exact_left_out(at, most, wanted, &out->confidence);
    } else {
        left_out = normal_left_out(size * (size + 1) / 4, size * (size + 1) * (2 * size + 1) / 24,
                                   wanted, &out->confidence);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = i; k < n; k++)
            at[count++] = values[i] / 2 + values[k] / 2;
    take_orders(at, count, left_out, out);
    return 0;
}

int stats_hodges_lehmann_of(const double *values, size_t n, double confidence,
                            struct stats_hodges_lehmann *out)
{
    double *room;
    int r;

    if (n > STATS_HODGES_LEHMANN_MAX)
        return -E2BIG;
    if (n == 0 || !(confidence > 0 && confidence < 1) || !all_finite(values, n))
        return -EINVAL;
    room = malloc((stats_signed_rank_max(n) + 1) * sizeof *room);
    if (room == NULL)
        return -ENOMEM;
    r = one_sample(values, n, confidence, room, out);
    free(room);
    return r;
}

static int two_samples(const double *a, size_t n, const double *b, size_t m, double wanted,
                       double *at, struct stats_hodges_lehmann *out)
{
    double pairs = (double)n * (double)m;
    size_t left_out, count = 0;

    if (n * m <= RANK_SUM_EXACT_MAX) {
        int r = rank_sum_probabilities(n, m, at);

        if (r != 0)
            return r;
        left_out = exact_left_out(at, n * m, wanted, &out->confidence);
    } else {
        left_out =
            normal_left_out(pairs / 2, pairs * (double)(n + m + 1) / 12, wanted, &out->confidence);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            at[count++] = a[i] - b[k];
    take_orders(at, count, left_out, out);
    return 0;
}

int stats_hodges_lehmann_shift(const double *a, size_t a_count, const double *b, size_t b_count,
                               double confidence, struct stats_hodges_lehmann *out)
{
    double *room;
    int r;

    if (a_count > STATS_HODGES_LEHMANN_MAX || b_count > STATS_HODGES_LEHMANN_MAX)
        return -E2BIG;
    if (a_count == 0 || b_count == 0 || !(confidence > 0 && confidence < 1) ||
        !all_finite(a, a_count) || !all_finite(b, b_count))
        return -EINVAL;
    room = malloc((a_count * b_count + 1) * sizeof *room);
    if (room == NULL)
        return -ENOMEM;
    r = two_samples(a, a_count, b, b_count, confidence, room, out);
    free(room);
    return r;
}
