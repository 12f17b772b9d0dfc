/* Where two curves cross that were measured by repeated runs at some points. Pure functions, any
 * thread.
 *
 * At each point stand the values of two things, a and b, one a run, all above 0; their difference
 * there is log(median a) - log(median b). Between the points it is taken to go one way, from below
 * 0 to above or the other way round, and everything else to be noise: isotonic regression (Ayer et
 * al., "An empirical distribution function for sampling with incomplete information", Annals of
 * Mathematical Statistics 26, 1955: pool adjacent violators), whose zero, interpolated between the
 * two points on either side of it, is the crossing. Its interval comes from the bootstrap (Efron,
 * "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979): runs are drawn
 * again with replacement, a's and b's at each point each from their own, and the crossing is
 * computed anew; the interval leaves 2.5 % of the results out on each side. */
#ifndef TVA_MATH_CROSSING_H
#define TVA_MATH_CROSSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CROSSING_POINTS_MAX 64
#define CROSSING_REPLICATES 2000

struct crossing_point {
    double x; /* above 0 where the scale is logarithmic */
    const double *a, *b;
    size_t a_count, b_count; /* at least 1 each */
};

struct crossing {
    double at, ci_low, ci_high;
};

/* What two things must be to be called different: unlikely to be the same by the rank-sum test
 * (rank_sum.h), or each value of one above all of the other where there are too few to be unlikely;
 * and with medians of which one is this much more than the other. */
#define CROSSING_SIGNIFICANCE 0.05
#define CROSSING_EFFECT_MIN   0.02

/* 1 when a is the greater one, -1 when b is, 0 when there is no difference larger than the noise.
 * At least 1 value each. 0, or -ENOMEM. */
int crossing_compare(const double *a, size_t a_count, const double *b, size_t b_count, int *out);

/* Where points[n], in ascending order of x, cross. `first`: the sign of the difference on the low
 * side, 1 or -1. log_scale: interpolate between the logarithms of x. The same seed gives the same
 * interval. 0; -EINVAL with fewer than 2 points or more than CROSSING_POINTS_MAX; -ENOMEM. */
int crossing_of(const struct crossing_point *points, size_t n, int first, bool log_scale,
                uint64_t seed, struct crossing *out);

#endif
