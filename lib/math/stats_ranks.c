#include "math/stats_ranks.h"

#include "math/stats.h"
#include "math/stats_laws.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* P(W >= w) and P(W <= w), given the chance at[] of each value of W from 0 to `most`. */
static void sum_tails(const double *at, size_t most, size_t w, double *above, double *below)
{
    *above = *below = 0;
    for (size_t i = 0; i <= w; i++)
        *below += at[i];
    for (size_t i = most + 1; i-- > w;)
        *above += at[i];
}

/* The same by the normal approximation; sigma is 0 where all values are equal. */
static void normal_tails(double w, double mean, double sigma, double *above, double *below)
{
    *above = sigma > 0 ? stats_normal_cdf((mean - w + 0.5) / sigma) : 1;
    *below = sigma > 0 ? stats_normal_cdf((w - mean + 0.5) / sigma) : 1;
}

/* The two-sided p; sums that rounding has left above 1 are 1. */
static double two_sided(double *above, double *below)
{
    *above = fmin(1, *above);
    *below = fmin(1, *below);
    return fmin(1, 2 * fmin(*above, *below));
}

static int compare_size(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);

    return (x > y) - (x < y);
}

/* Twice the ranks of sorted[count], whole where ties share the mean of theirs. Values are ties when
 * they are equal, or `by_size`, when their absolute values are. Returns the sum of t^3 - t over
 * groups of t ties. */
static double rank_values(const double *sorted, size_t count, bool by_size, size_t *rank2)
{
    double ties = 0;

    for (size_t first = 0, end; first < count; first = end) {
        double t;

        for (end = first + 1; end < count && (sorted[end] == sorted[first] ||
                                              (by_size && sorted[end] == -sorted[first]));
             end++)
            ;
        for (size_t i = first; i < end; i++)
            rank2[i] = first + 1 + end;
        t = (double)(end - first);
        ties += t * t * t - t;
    }
    return ties;
}

/* One more rank whose sign may be either: at[0..*most] becomes at[0..*most + rank], and what lies
 * above *most is 0. Shares are halved, not ways counted, so nothing overflows and all terms are
 * positive. */
static void add_rank(double *at, size_t *most, size_t rank)
{
    *most += rank;
    for (size_t w = *most; w >= rank; w--)
        at[w] = (at[w] + at[w - rank]) / 2;
    for (size_t w = 0; w < rank; w++)
        at[w] /= 2;
}

static int exact_tails(const size_t *rank2, size_t n, size_t w2, struct stats_signed_rank *out)
{
    double *at = calloc(2 * stats_signed_rank_max(n) + 1, sizeof *at);
    size_t most = 0;

    if (at == NULL)
        return -ENOMEM;
    at[0] = 1;
    for (size_t i = 0; i < n; i++)
        add_rank(at, &most, rank2[i]);
    sum_tails(at, most, w2, &out->above, &out->below);
    free(at);
    return 0;
}

/* The deviations that are not 0, by their size, in all[n]: *used of them. 0 or -EINVAL. */
static int take_deviations(const double *values, size_t n, double center, double *all, size_t *used)
{
    *used = 0;
    for (size_t i = 0; i < n; i++) {
        double d = values[i] - center;

        if (!isfinite(d))
            return -EINVAL;
        if (d != 0)
            all[(*used)++] = d;
    }
    qsort(all, *used, sizeof *all, compare_size);
    return 0;
}

int stats_signed_rank_of(const double *values, size_t n, double center,
                         struct stats_signed_rank *out)
{
    double *all = malloc((n + 1) * sizeof *all), ties, size;
    size_t *rank2 = malloc((n + 1) * sizeof *rank2), w2 = 0;
    int r = all == NULL || rank2 == NULL ? -ENOMEM : n == 0 ? -EINVAL : 0;

    if (r == 0)
        r = take_deviations(values, n, center, all, &out->used);
    if (r != 0)
        goto done;

    ties = rank_values(all, out->used, true, rank2);
    size = (double)out->used;
    for (size_t i = 0; i < out->used; i++)
        w2 += all[i] > 0 ? rank2[i] : 0;
    out->w = (double)w2 / 2;
    out->exact = out->used <= STATS_SIGNED_RANK_EXACT_MAX;
    if (out->exact)
        r = exact_tails(rank2, out->used, w2, out);
    else
        normal_tails(out->w, size * (size + 1) / 4,
                     sqrt(size * (size + 1) * (2 * size + 1) / 24 - ties / 48), &out->above,
                     &out->below);
    out->p = two_sided(&out->above, &out->below);
done:
    free(all);
    free(rank2);
    return r;
}

size_t stats_signed_rank_max(size_t n)
{
    return n * (n + 1) / 2;
}

int stats_signed_rank_probabilities(size_t n, double *at)
{
    size_t most = 0;

    if (n > STATS_SIGNED_RANK_EXACT_MAX)
        return -ERANGE;
    memset(at, 0, (stats_signed_rank_max(n) + 1) * sizeof *at);
    at[0] = 1;
    for (size_t rank = 1; rank <= n; rank++)
        add_rank(at, &most, rank);
    return 0;
}

static double count_greater(const double *a, size_t a_count, const double *b, size_t b_count)
{
    double u = 0;

    for (size_t i = 0; i < a_count; i++)
        for (size_t k = 0; k < b_count; k++)
            u += a[i] > b[k] ? 1 : a[i] == b[k] ? 0.5 : 0;
    return u;
}

/* The share of the ways to take n of ranks[count], ascending, that has each sum from 0 to `most`,
 * the largest one, in *sums, which the caller frees. Ranks are taken or left one after the other,
 * each with the chance that it has when n are drawn from all of them, so that all terms are
 * positive and nothing overflows. */
static int share_out(const size_t *ranks, size_t count, size_t n, size_t *most, double **sums)
{
    size_t row, reach = 0;
    double *at;

    *most = 0;
    for (size_t i = count - n; i < count; i++)
        *most += ranks[i];
    row = *most + 1;
    at = *sums = calloc((n + 1) * row, sizeof *at);
    if (at == NULL)
        return -ENOMEM;

    at[0] = 1;
    for (size_t i = 0; i < count; i++) {
        double left = (double)(count - i);

        reach = reach + ranks[i] < *most ? reach + ranks[i] : *most;
        for (size_t taken = n + 1; taken-- > 0;) {
            double *to = at + taken * row, leave = fmax(0, 1 - (double)(n - taken) / left);
            const double *from = taken > 0 ? to - row : NULL;

            for (size_t s = 0; s <= reach; s++)
                to[s] *= leave;
            for (size_t s = ranks[i]; from != NULL && s <= reach; s++)
                to[s] += from[s - ranks[i]] * (double)(n - taken + 1) / left;
        }
    }
    memmove(at, at + n * row, row * sizeof *at); /* of so many as were to be taken */
    return 0;
}

/* u is that of the n values. */
static int exact_rank_sum_tails(const size_t *rank2, size_t count, size_t n, double u,
                                double *above, double *below)
{
    size_t most, sum = (size_t)(2 * u) + n * (n + 1);
    double *sums;
    int r = share_out(rank2, count, n, &most, &sums);

    if (r != 0)
        return r;
    sum_tails(sums, most, sum, above, below);
    free(sums);
    return 0;
}

int stats_rank_sum_of(const double *a, size_t a_count, const double *b, size_t b_count,
                      struct stats_rank_sum *out)
{
    size_t count = a_count + b_count;
    double *all = malloc(count * sizeof *all), size = (double)count, ties;
    double pairs = (double)a_count * (double)b_count;
    size_t *rank2 = malloc(count * sizeof *rank2);
    int r = all != NULL && rank2 != NULL ? 0 : -ENOMEM;

    if (r != 0)
        goto done;
    memcpy(all, a, a_count * sizeof *all);
    memcpy(all + a_count, b, b_count * sizeof *all);
    stats_sort(all, count);
    ties = rank_values(all, count, false, rank2);
    out->u = count_greater(a, a_count, b, b_count);
    if (a_count * b_count > STATS_RANK_SUM_EXACT_MAX)
        normal_tails(out->u, pairs / 2, sqrt(pairs / 12 * (size + 1 - ties / (size * (size - 1)))),
                     &out->above, &out->below);
    else if (a_count <=
             b_count) /* fewer steps when the ranks of the smaller group are shared out */
        r = exact_rank_sum_tails(rank2, count, a_count, out->u, &out->above, &out->below);
    else
        r = exact_rank_sum_tails(rank2, count, b_count, pairs - out->u, &out->below, &out->above);
    if (r == 0)
        out->p = two_sided(&out->above, &out->below);
done:
    free(all);
    free(rank2);
    return r;
}

int stats_rank_sum_probabilities(size_t n, size_t m, double *at)
{
    size_t most, *ranks;
    double *sums;
    int r;

    if (n * m > STATS_RANK_SUM_EXACT_MAX)
        return -ERANGE;
    ranks = malloc((n + m) * sizeof *ranks);
    if (ranks == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n + m; i++)
        ranks[i] = i + 1;
    r = share_out(ranks, n + m, n < m ? n : m, &most, &sums);
    free(ranks);
    if (r != 0)
        return r;
    memcpy(at, sums + most - n * m, (n * m + 1) * sizeof *at);
    free(sums);
    return 0;
}

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

/* One allocation, at[], has the probabilities, if they are needed, and then the pairs. */
int stats_hodges_lehmann_of(const double *values, size_t n, double confidence,
                            struct stats_hodges_lehmann *out)
{
    size_t most = stats_signed_rank_max(n), left_out, count = 0;
    double size = (double)n, *at;

    if (n > STATS_HODGES_LEHMANN_MAX)
        return -E2BIG;
    if (n == 0 || !(confidence > 0 && confidence < 1) || !all_finite(values, n))
        return -EINVAL;
    at = malloc((most + 1) * sizeof *at);
    if (at == NULL)
        return -ENOMEM;
    if (stats_signed_rank_probabilities(n, at) == 0)
        left_out = exact_left_out(at, most, confidence, &out->confidence);
    else /* too many values for them */
        left_out = normal_left_out(size * (size + 1) / 4, size * (size + 1) * (2 * size + 1) / 24,
                                   confidence, &out->confidence);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i; k < n; k++)
            at[count++] = values[i] / 2 + values[k] / 2;
    take_orders(at, count, left_out, out);
    free(at);
    return 0;
}

int stats_hodges_lehmann_shift(const double *a, size_t a_count, const double *b, size_t b_count,
                               double confidence, struct stats_hodges_lehmann *out)
{
    size_t most = a_count * b_count, left_out = 0, count = 0;
    double *at, pairs = (double)most;
    int r;

    if (a_count > STATS_HODGES_LEHMANN_MAX || b_count > STATS_HODGES_LEHMANN_MAX)
        return -E2BIG;
    if (most == 0 || !(confidence > 0 && confidence < 1) || !all_finite(a, a_count) ||
        !all_finite(b, b_count))
        return -EINVAL;
    at = malloc((most + 1) * sizeof *at);
    r = at != NULL ? stats_rank_sum_probabilities(a_count, b_count, at) : -ENOMEM;
    if (r == 0)
        left_out = exact_left_out(at, most, confidence, &out->confidence);
    else if (r == -ERANGE) /* too many pairs for them */
        left_out = normal_left_out(pairs / 2, pairs * (double)(a_count + b_count + 1) / 12,
                                   confidence, &out->confidence);
    for (size_t i = 0; i < a_count && r != -ENOMEM; i++)
        for (size_t k = 0; k < b_count; k++)
            at[count++] = a[i] - b[k];
    if (r != -ENOMEM)
        take_orders(at, count, left_out, out);
    free(at);
    return r == -ENOMEM ? r : 0;
}

#define REACH 8.0  /* standard deviations; beyond, the density is below 1e-14 */
#define STEPS 200  /* of an integration: even */
#define OWEN  24   /* steps of the one of Owen's T: even */
#define FAR   30.0 /* an effect of so many standard deviations is seen wherever any is */

/* Chances of normal values around d standard deviations: that one is above 0, that the sum of two
 * is, and that the sums of one with each of two others both are. */
struct chances {
    double one, two, three;
};

/* The weight of step i in Simpson's rule. */
static double weight(int i, int steps)
{
    return i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
}

/* Two sums that share a value are normal with correlation 1/2 around sqrt(2) d =: h standard
 * deviations, so the chance of both is P(Z <= h) - 2 T(h, 1 / sqrt(3)) with T by Owen, "Tables for
 * computing bivariate normal probabilities", Annals of Mathematical Statistics 27 (1956), (2.1) and
 * (2.3). */
static struct chances chances_of(double d)
{
    double h = M_SQRT2 * d, step = 1 / sqrt(3) / OWEN, t = 0;
    struct chances out = {.one = stats_normal_cdf(d), .two = stats_normal_cdf(h)};

    for (int i = 0; i <= OWEN; i++) {
        double squares = 1 + i * step * i * step;

        t += weight(i, OWEN) * exp(-h * h / 2 * squares) / squares;
    }
    out.three = out.two - t * step / 3 / M_PI;
    return out;
}

/* The least sum of ranks with P(W >= it) <= alpha; one above the largest where there is none. */
static int critical_sum(size_t n, double alpha, size_t *out)
{
    size_t most = stats_signed_rank_max(n), sum = most + 1;
    double *at = malloc((most + 1) * sizeof *at), tail = 0;
    int r;

    if (at == NULL)
        return -ENOMEM;
    r = stats_signed_rank_probabilities(n, at);
    if (r == 0) {
        while (sum > 0 && tail + at[sum - 1] <= alpha)
            tail += at[--sum];
        *out = sum;
    }
    free(at);
    return r;
}

/* The chance that all of n values around d are above 0, or all but the one nearest to 0: that W is
 * at least 1 below its largest. By Simpson's rule over where that one is. */
static double all_but_one(double n, double d)
{
    double step = REACH / STEPS, sum = 0;

    for (int i = 0; i <= STEPS; i++) {
        double below = i * step;

        sum += weight(i, STEPS) * exp(-(below + d) * (below + d) / 2) *
               pow(stats_normal_cdf(d - below), n - 1);
    }
    return pow(stats_normal_cdf(d), n) + n * sum * step / 3 / sqrt(2 * M_PI);
}

/* P(W >= critical) for values around d > -FAR standard deviations. */
static double power_at(size_t count, size_t critical, double d)
{
    struct chances p = chances_of(d);
    size_t most = stats_signed_rank_max(count);
    double n = (double)count, range = (double)most + 1, mean, variance, shape;

    if (critical > most)
        return 0;
    if (critical == most)
        return pow(p.one, n);
    if (critical + 1 == most)
        return all_but_one(n, d);
    mean = n * p.one + n * (n - 1) / 2 * p.two;
    variance = n * p.one * (1 - p.one) +
               n * (n - 1) / 2 * (2 * (p.one - p.two) * (p.one - p.two) + 3 * p.two * (1 - p.two)) +
               n * (n - 1) * (n - 2) * (p.three - p.two * p.two);
    if (!(variance > 1e-9))
        return mean >= (double)critical - 0.5 ? 1 : 0;
    /* each sum as the unit around it, so that all of them fill 0 to 1 */
    mean = (mean + 0.5) / range;
    variance /= range * range;
    shape = mean * (1 - mean) / variance - 1;
    return 1 - stats_beta_cdf((double)critical / range, mean * shape, (1 - mean) * shape);
}

int stats_power_effect(size_t n, double sd, double alpha, double power, double *out)
{
    double low = 0, high = FAR;
    size_t critical;
    int r;

    if (!(alpha > 0 && alpha < 1 && power > 0 && power < 1) || !(sd > 0) || !isfinite(sd) || n == 0)
        return -EINVAL;
    r = critical_sum(n, alpha, &critical);
    if (r != 0)
        return r;
    if (power_at(n, critical, high) < power) {
        *out = INFINITY;
        return 0;
    }
    while (high - low > 1e-5 * high && high > 1e-6) {
        double middle = (low + high) / 2;

        if (power_at(n, critical, middle) < power)
            low = middle;
        else
            high = middle;
    }
    *out = high * sd;
    return 0;
}

struct test {
    double p;
    size_t index;
};

static int compare_p(const void *a, const void *b)
{
    double x = ((const struct test *)a)->p, y = ((const struct test *)b)->p;

    return (x > y) - (x < y);
}

int stats_holm_adjust(const double *p, size_t n, double *adjusted)
{
    struct test *tests;
    double least = 0;

    for (size_t i = 0; i < n; i++)
        if (!(p[i] >= 0 && p[i] <= 1))
            return -EINVAL;
    if (n == 0)
        return 0;
    tests = malloc(n * sizeof *tests);
    if (tests == NULL)
        return -ENOMEM;

    for (size_t i = 0; i < n; i++)
        tests[i] = (struct test){.p = p[i], .index = i};
    qsort(tests, n, sizeof *tests, compare_p);
    for (size_t i = 0; i < n; i++) {
        least = fmax(least, fmin(1, (double)(n - i) * tests[i].p));
        adjusted[tests[i].index] = least;
    }
    free(tests);
    return 0;
}
