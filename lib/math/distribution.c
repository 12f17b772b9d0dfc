#include "math/distribution.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <math.h>
#include <stddef.h>

#define PARETO_SHAPE    2.5
#define PARETO_MIN      ((PARETO_SHAPE - 1) / PARETO_SHAPE) /* of a mean of 1 */
#define LOGNORMAL_SIGMA 1.0

const char *const distribution_words[] = {
    [DISTRIBUTION_FIXED] = "fixed",         [DISTRIBUTION_EXPONENTIAL] = "exp|exponential",
    [DISTRIBUTION_UNIFORM] = "uniform",     [DISTRIBUTION_PARETO] = "pareto",
    [DISTRIBUTION_LOGNORMAL] = "lognormal", [DISTRIBUTION_COUNT] = NULL,
};

double distribution_quantile(enum distribution kind, double mean, double u)
{
    switch (kind) {
    case DISTRIBUTION_EXPONENTIAL:
        return -mean * log1p(-u);
    case DISTRIBUTION_UNIFORM:
        return 2 * mean * u;
    case DISTRIBUTION_PARETO:
        return mean * PARETO_MIN * pow(1 - u, -1 / PARETO_SHAPE);
    case DISTRIBUTION_LOGNORMAL:
        return mean * exp(LOGNORMAL_SIGMA * stats_normal_quantile(u) -
                          LOGNORMAL_SIGMA * LOGNORMAL_SIGMA / 2);
    case DISTRIBUTION_FIXED:
    case DISTRIBUTION_COUNT:
        break;
    }
    return mean;
}

double distribution_cdf(enum distribution kind, double mean, double x)
{
    double y = x / mean;

    switch (kind) {
    case DISTRIBUTION_EXPONENTIAL:
        return y > 0 ? -expm1(-y) : 0;
    case DISTRIBUTION_UNIFORM:
        return fmin(fmax(y / 2, 0), 1);
    case DISTRIBUTION_PARETO:
        return y > PARETO_MIN ? 1 - pow(PARETO_MIN / y, PARETO_SHAPE) : 0;
    case DISTRIBUTION_LOGNORMAL:
        return y > 0 ? stats_normal_cdf(log(y) / LOGNORMAL_SIGMA + LOGNORMAL_SIGMA / 2) : 0;
    case DISTRIBUTION_FIXED:
    case DISTRIBUTION_COUNT:
        break;
    }
    return y >= 1 ? 1 : 0;
}

double distribution_scv(enum distribution kind)
{
    switch (kind) {
    case DISTRIBUTION_EXPONENTIAL:
        return 1;
    case DISTRIBUTION_UNIFORM:
        return 1.0 / 3;
    case DISTRIBUTION_PARETO:
        return 1 / (PARETO_SHAPE * (PARETO_SHAPE - 2));
    case DISTRIBUTION_LOGNORMAL:
        return expm1(LOGNORMAL_SIGMA * LOGNORMAL_SIGMA);
    case DISTRIBUTION_FIXED:
    case DISTRIBUTION_COUNT:
        break;
    }
    return 0;
}

uint64_t distribution_sample_ns(enum distribution kind, uint64_t mean_ns, double u)
{
    double ns;

    if (kind == DISTRIBUTION_FIXED)
        return mean_ns;
    ns = round(distribution_quantile(kind, (double)mean_ns, u));
    return ns < 0x1p64 ? (uint64_t)ns : UINT64_MAX;
}

uint64_t distribution_draw_ns(enum distribution kind, uint64_t mean_ns, uint64_t seed,
                              uint64_t index)
{
    return distribution_sample_ns(kind, mean_ns, random_uniform(seed, RANDOM_DURATIONS, index));
}
