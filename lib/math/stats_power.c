#include "math/stats_power.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "math/stats_laws.h"
#include "math/stats_signed_rank.h"

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
