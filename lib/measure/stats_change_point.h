/* Where a history changed its level: for one metric over stored runs. Pure functions, any thread.
 *
 * Binary segmentation: the split of a series is where the rank sum of the values before it, as a z
 * value, is furthest from what it is expected to be (Pettitt, "A non-parametric approach to the
 * change-point problem", Applied Statistics 28, 1979, with the statistic standardised so that
 * changes near an end count as much). It is a change when at most a share alpha of shuffled orders
 * of the same values has a split as clear (permutation test; Good, Permutation Tests, 2nd ed.
 * 2000); then both sides are looked at in the same way (Vostrikova, "Detecting disorder in
 * multidimensional random processes", Soviet Mathematics Doklady 24, 1981). Ranks make it
 * indifferent to a single odd run. A bump that returns to where it was may be missed where it is
 * short, a gradual drift is shown as steps. */
#ifndef TVA_MEASURE_STATS_CHANGE_POINT_H
#define TVA_MEASURE_STATS_CHANGE_POINT_H

#include <stddef.h>
#include <stdint.h>

#define STATS_CHANGE_POINT_SIDE_MIN 2    /* values on either side of a change */
#define STATS_CHANGE_POINT_SHUFFLES 1999 /* so p is at least 1 / 2000 */

struct stats_change_point {
    size_t at;            /* index of the first value of the new level */
    double p;             /* of the split when it was found */
    double before, after; /* medians, from the change before to this, from this to the next */
};

/* The changes of values[n], in order, into out[] of max; *count says how many there are, which may
 * be more than max: then the first ones are in out. 0 < alpha < 1. The same seed
 * gives the same p. Series with fewer than 2 * STATS_CHANGE_POINT_SIDE_MIN values have none.
 * 0; -EINVAL for alpha or a value that is not finite; -ENOMEM. */
int stats_change_point_find(const double *values, size_t n, double alpha, uint64_t seed,
                            struct stats_change_point *out, size_t max, size_t *count);

#endif
