/* Where two curves cross that repeated runs measured at some points. Pure functions, any thread.
 *
 * Each point has values of two things, a and b, one a run, all above 0; their difference there is
 * log(median a) - log(median b). Along the points the difference is assumed to go one way, from
 * below 0 to above or the reverse, and all else to be noise: isotonic regression (Ayer et al., "An
 * empirical distribution function for sampling with incomplete information", Annals of Mathematical
 * Statistics 26, 1955: pool adjacent violators), whose zero, interpolated between the points on
 * either side of it, is the crossing. Its interval comes from the bootstrap (Efron, "Bootstrap
 * methods: another look at the jackknife", Annals of Statistics 7, 1979): at each point, runs of a
 * and runs of b are drawn again with replacement, and the crossing is computed anew; the interval
 * leaves out 2.5 % of the results on each side. */
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

/* Two things are different if the rank-sum test (stats_ranks.h) says so, which takes at least 4
 * values of each, and if their medians differ by at least this share. */
#define CROSSING_SIGNIFICANCE 0.05
#define CROSSING_EFFECT_MIN   0.02

/* *out is 1 when a is greater, -1 when b is, 0 when the difference is within the noise. At least 1
 * value each, which it sorts. 0, or -ENOMEM. */
int crossing_compare(double *a, size_t a_count, double *b, size_t b_count, int *out);

/* Where the curves cross along points[n], in ascending order of x. `first` is the sign of the
 * difference on the low side, 1 or -1; log_scale interpolates between the logarithms of x. The same
 * seed gives the same interval. 0; -EINVAL with fewer than 2 points or more than
 * CROSSING_POINTS_MAX; -ENOMEM. */
int crossing_of(const struct crossing_point *points, size_t n, int first, bool log_scale,
                uint64_t seed, struct crossing *out);

#endif
