/* Where things go on a chart: the ends of an axis, and labels that would overlap. Pure functions.
 */
#ifndef TVA_BENCH_CHART_LAYOUT_H
#define TVA_BENCH_CHART_LAYOUT_H

#include <stddef.h>

/* The range of a logarithmic axis. Begin with CHART_NO_RANGE and include every value; values that
 * are not positive have no place on the axis and are ignored. */
struct chart_range {
    double lo, hi;
};

#define CHART_NO_RANGE ((struct chart_range){INFINITY, 0})

void chart_range_include(struct chart_range *range, double value);

/* Widen it by a margin, and to a factor of 4 at least. */
void chart_range_finish(struct chart_range *range);

/* Move labels apart: positions[n] on one axis between lo and hi, given where each would like to be,
 * so that neighbours are at least `gap` apart; their order is kept. n <= CHART_SPREAD_MAX. */
#define CHART_SPREAD_MAX 64
void chart_spread(double *positions, size_t n, double gap, double lo, double hi);

#endif
