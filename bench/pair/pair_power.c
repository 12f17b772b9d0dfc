#include "pair/pair_power.h"

#include "math/stats.h"
#include "math/stats_laws.h"
#include "math/stats_ranks.h"
#include "pair/pair_decide.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define POWER         0.9
#define NULL_QUANTILE 0.95
#define LEAST         1e-6
#define KEPT          0.75
#define CONFIDENCE    0.95 /* of an interval that nothing uses */

/* Mean square of normal values of variance 1 that are closest to 0, `kept` of them:
 * 1 - 2 z f(z) / kept, where f is their density and z bounds them. */
static double kept_variance(double kept)
{
    double z = stats_normal_quantile(0.5 + kept / 2);

    return 1 - 2 * z * exp(-z * z / 2) / sqrt(2 * M_PI) / kept;
}

int pair_power_spread(const double *contender, const double *relinked, size_t n, double *out)
{
    struct stats_hodges_lehmann center;
    double *all, squares = 0;
    size_t kept = (size_t)(KEPT * 2 * (double)n);
    int r;

    *out = NAN;
    if (n < PAIR_POWER_BLOCKS_MIN)
        return 0;
    r = stats_hodges_lehmann_of(contender, n, CONFIDENCE, &center);
    if (r < 0)
        return r;
    all = malloc(2 * n * sizeof *all);
    if (all == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        all[i] = fabs(contender[i] - center.estimate);
        all[n + i] = fabs(relinked[i]);
    }
    stats_sort(all, 2 * n);
    for (size_t i = 0; i < kept; i++)
        squares += all[i] * all[i];
    free(all);
    /* The center takes away one degree of freedom. */
    *out = fmax(LEAST,
                sqrt(squares / ((double)kept - 1) / kept_variance((double)kept / (2 * (double)n))));
    return isfinite(*out) ? 0 : -EINVAL;
}

double pair_power_minimal(double spread, size_t n)
{
    return fmax(log1p(PAIR_EFFECT_LEAST),
                stats_normal_quantile(NULL_QUANTILE) * spread / sqrt((double)n));
}

int pair_power_smallest(double spread, size_t n, double alpha, double *out)
{
    double beyond = INFINITY;
    int r = stats_power_effect(n, spread, alpha, POWER, &beyond);

    *out = pair_power_minimal(spread, n) + beyond;
    return r;
}

int pair_power_bears_one(size_t n, double alpha, bool *out)
{
    double at[PAIR_FRESH_MAX * (PAIR_FRESH_MAX + 1) / 2 + 1], p = 0;
    int r = stats_signed_rank_probabilities(n, at);

    for (size_t w = 0; w <= n && r == 0; w++)
        p += at[w];
    *out = p <= alpha;
    return r;
}
