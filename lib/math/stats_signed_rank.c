#include "math/stats_signed_rank.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/stats_laws.h"

struct deviation {
    double size;
    bool above;
    size_t rank2; /* twice the rank: whole where ties share the mean of theirs */
};

static int compare_size(const void *a, const void *b)
{
    double x = ((const struct deviation *)a)->size, y = ((const struct deviation *)b)->size;

    return (x > y) - (x < y);
}

/* Sorts them; returns the sum of t^3 - t over groups of t ties. */
static double rank_deviations(struct deviation *all, size_t n)
{
    double ties = 0;

    qsort(all, n, sizeof *all, compare_size);
    for (size_t first = 0, end; first < n; first = end) {
        double t;

        for (end = first + 1; end < n && all[end].size == all[first].size; end++)
            ;
        for (size_t i = first; i < end; i++)
            all[i].rank2 = first + 1 + end;
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

static int exact_tails(const struct deviation *all, size_t n, size_t w2,
                       struct stats_signed_rank *out)
{
    double *at = calloc(2 * stats_signed_rank_max(n) + 1, sizeof *at);
    size_t most = 0;

    if (at == NULL)
        return -ENOMEM;
    at[0] = 1;
    for (size_t i = 0; i < n; i++)
        add_rank(at, &most, all[i].rank2);
    out->above = out->below = 0;
    for (size_t w = 0; w <= w2; w++)
        out->below += at[w];
    for (size_t w = most + 1; w-- > w2;)
        out->above += at[w];
    free(at);
    return 0;
}

static void normal_tails(size_t count, double ties, struct stats_signed_rank *out)
{
    double n = (double)count, mean = n * (n + 1) / 4;
    double sigma = sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);

    out->above = stats_normal_cdf((mean - out->w + 0.5) / sigma);
    out->below = stats_normal_cdf((out->w - mean + 0.5) / sigma);
}

/* The deviations that are not 0, in all[n]; returns how many, or -EINVAL. */
static int take_deviations(const double *values, size_t n, double center, struct deviation *all,
                           size_t *used)
{
    *used = 0;
    for (size_t i = 0; i < n; i++) {
        double d = values[i] - center;

        if (!isfinite(d))
            return -EINVAL;
        if (d != 0)
            all[(*used)++] = (struct deviation){.size = fabs(d), .above = d > 0};
    }
    return 0;
}

int stats_signed_rank_of(const double *values, size_t n, double center,
                         struct stats_signed_rank *out)
{
    struct deviation *all;
    size_t w2 = 0;
    double ties;
    int r;

    if (n == 0)
        return -EINVAL;
    all = malloc(n * sizeof *all);
    if (all == NULL)
        return -ENOMEM;
    r = take_deviations(values, n, center, all, &out->used);
    if (r != 0)
        goto done;

    ties = rank_deviations(all, out->used);
    for (size_t i = 0; i < out->used; i++)
        w2 += all[i].above ? all[i].rank2 : 0;
    out->w = (double)w2 / 2;
    out->exact = out->used <= STATS_SIGNED_RANK_EXACT_MAX;
    if (out->exact)
        r = exact_tails(all, out->used, w2, out);
    else
        normal_tails(out->used, ties, out);
    out->above = fmin(1, out->above);
    out->below = fmin(1, out->below);
    out->p = fmin(1, 2 * fmin(out->above, out->below));
done:
    free(all);
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
