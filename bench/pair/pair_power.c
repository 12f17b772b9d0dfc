#include "pair/pair_power.h"

#include "math/normal.h"
#include "math/stats_power.h"
#include "math/stats_signed_rank.h"
#include "pair/pair_decide.h"

#include <math.h>

#define POWER         0.9
#define NULL_QUANTILE 0.95

double pair_power_minimal(double spread, size_t n)
{
    return fmax(log1p(PAIR_EFFECT_LEAST),
                normal_quantile(NULL_QUANTILE) * spread / sqrt((double)n));
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
