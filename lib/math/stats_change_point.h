/* Where a series changed its level: for one metric over stored runs. Pure functions, any thread.
 *
 * Binary segmentation (Vostrikova, "Detecting disorder in multidimensional random processes",
 * Soviet Mathematics Doklady 24, 1981): cut the series in two where the means before and after the
 * cut are furthest apart for their numbers, then search both parts in the same way. If no cut is
 * significant, search for a stretch in the middle that differs from both sides, because a rise and
 * a fall hide each other from a single cut: circular binary segmentation (Olshen, Venkatraman,
 * Lucito and Wigler, Biostatistics 5, 2004).
 *
 * A cut or stretch is a change when at most a share alpha / 2 of shuffled orders of the same values
 * has one as clear: a permutation test, exact for any distribution of independent values (Good,
 * Permutation Tests, 2nd ed. 2000). Means are of values clipped at 3 robust standard deviations
 * (1.4826 times the median deviation) around the median, so that a single odd run neither makes a
 * change nor hides one. A gradual drift gives steps. */
#ifndef TVA_MATH_STATS_CHANGE_POINT_H
#define TVA_MATH_STATS_CHANGE_POINT_H

#include <stddef.h>
#include <stdint.h>

#define STATS_CHANGE_POINT_SIDE_MIN 2    /* values on either side of a change */
#define STATS_CHANGE_POINT_SHUFFLES 1999 /* so p is at least 2 / 2000 */
#define STATS_CHANGE_POINT_MAX      500  /* values: all stretches of them are looked at */

struct stats_change_point {
    size_t at;            /* index of the first value of the new level */
    double p;             /* of its cut or stretch: at most alpha */
    double before, after; /* medians, from the change before to this, from this to the next */
};

/* The changes of values[n], in order, into out[] of max. *count gets their number; if that is more
 * than max, out has the first ones. 0 < alpha < 1 is about the chance that a series without changes
 * shows one. The same seed gives the same p. Series with fewer than 2
 * * STATS_CHANGE_POINT_SIDE_MIN values have none. 0; -EINVAL for alpha or a value that is not
 * finite; -E2BIG above STATS_CHANGE_POINT_MAX; -ENOMEM. */
int stats_change_point_find(const double *values, size_t n, double alpha, uint64_t seed,
                            struct stats_change_point *out, size_t max, size_t *count);

#endif
