#include "math/crossing.h"

#include "base/hash.h"
#include "math/stats.h"
#include "math/stats_ranks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAIL 0.025 /* of the replicates, on each side of the interval */

/* What one estimate works with: the differences, oriented so that they rise. */
struct curve {
    const struct crossing_point *points;
    size_t n;
    double sign;
    bool log_scale;
    double fit[CROSSING_POINTS_MAX];
};

/* Values drawn again. */
struct draw {
    uint64_t state;
    double *values; /* room for the most values of any point */
};

/* The median of the values as they are, or (`again`) of as many drawn from them. */
static double median_of(const double *values, size_t n, struct draw *draw, bool again)
{
    for (size_t i = 0; i < n; i++) {
        size_t from = i;

        if (again) {
            draw->state = hash_mix(draw->state);
            from = (size_t)(draw->state % n);
        }
        draw->values[i] = values[from];
    }
    return stats_median(draw->values, n);
}

int crossing_compare(double *a, size_t a_count, double *b, size_t b_count, int *out)
{
    struct stats_rank_sum test;
    double of_a, of_b;
    int r = stats_rank_sum_of(a, a_count, b, b_count, &test);

    *out = 0;
    if (r != 0 || test.p > CROSSING_SIGNIFICANCE)
        return r;
    of_a = stats_median(a, a_count);
    of_b = stats_median(b, b_count);
    *out = (of_a >= of_b * (1 + CROSSING_EFFECT_MIN)) - (of_b >= of_a * (1 + CROSSING_EFFECT_MIN));
    return 0;
}

/* Replace fit[n] by the rising values nearest to it: a value below the one before is pooled with
 * it, and their mean with the one before that while it is still below. */
static void make_rise(double *fit, size_t n)
{
    double means[CROSSING_POINTS_MAX];
    size_t sizes[CROSSING_POINTS_MAX], blocks = 0, at = 0;

    for (size_t i = 0; i < n; i++) {
        means[blocks] = fit[i];
        sizes[blocks++] = 1;
        while (blocks > 1 && means[blocks - 1] < means[blocks - 2]) {
            size_t sum = sizes[blocks - 1] + sizes[blocks - 2];

            means[blocks - 2] = (means[blocks - 1] * (double)sizes[blocks - 1] +
                                 means[blocks - 2] * (double)sizes[blocks - 2]) /
                                (double)sum;
            sizes[blocks - 2] = sum;
            blocks--;
        }
    }
    for (size_t b = 0; b < blocks; b++)
        for (size_t k = 0; k < sizes[b]; k++)
            fit[at++] = means[b];
}

static double between(const struct curve *c, double low, double high, double share)
{
    if (c->log_scale)
        return exp(log(low) + share * (log(high) - log(low)));
    return low + share * (high - low);
}

/* The zero of the rising fit: at an end when it does not change sign, in the middle of a piece that
 * is 0. */
static double zero_of(const struct curve *c)
{
    size_t below = 0, above = c->n;

    while (below < c->n && c->fit[below] < 0)
        below++;
    while (above > 0 && c->fit[above - 1] > 0)
        above--;
    if (below == c->n)
        return c->points[c->n - 1].x;
    if (above == 0)
        return c->points[0].x;
    if (below < above)
        return between(c, c->points[below].x, c->points[above - 1].x, 0.5);
    return between(c, c->points[below - 1].x, c->points[below].x,
                   -c->fit[below - 1] / (c->fit[below] - c->fit[below - 1]));
}

static double estimate(struct curve *c, struct draw *draw, bool again)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct crossing_point *p = &c->points[i];
        double a = median_of(p->a, p->a_count, draw, again);

        c->fit[i] = c->sign * log(a / median_of(p->b, p->b_count, draw, again));
    }
    make_rise(c->fit, c->n);
    return zero_of(c);
}

static size_t most_values(const struct crossing_point *points, size_t n)
{
    size_t most = 1;

    for (size_t i = 0; i < n; i++) {
        most = points[i].a_count > most ? points[i].a_count : most;
        most = points[i].b_count > most ? points[i].b_count : most;
    }
    return most;
}

int crossing_of(const struct crossing_point *points, size_t n, int first, bool log_scale,
                uint64_t seed, struct crossing *out)
{
    struct curve curve = {
        .points = points, .n = n, .sign = first < 0 ? 1 : -1, .log_scale = log_scale};
    struct draw draw = {.state = hash_mix(seed)};
    double replicates[CROSSING_REPLICATES];

    if (n < 2 || n > CROSSING_POINTS_MAX)
        return -EINVAL;
    draw.values = malloc(most_values(points, n) * sizeof *draw.values);
    if (draw.values == NULL)
        return -ENOMEM;
    out->at = estimate(&curve, &draw, false);
    for (size_t i = 0; i < CROSSING_REPLICATES; i++)
        replicates[i] = estimate(&curve, &draw, true);
    stats_sort(replicates, CROSSING_REPLICATES);
    out->ci_low = replicates[stats_rank(CROSSING_REPLICATES, TAIL) - 1];
    out->ci_high = replicates[stats_rank(CROSSING_REPLICATES, 1 - TAIL) - 1];
    free(draw.values);
    return 0;
}
