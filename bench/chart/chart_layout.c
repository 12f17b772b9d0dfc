#include "chart/chart_layout.h"

#include <math.h>

void chart_range_include(struct chart_range *range, double value)
{
    if (!(value > 0) || !isfinite(value))
        return;
    range->lo = fmin(range->lo, value);
    range->hi = fmax(range->hi, value);
}

void chart_range_finish(struct chart_range *range)
{
    const double margin = 1.25, least = 4;
    double missing;

    if (!(range->hi > 0))
        range->lo = range->hi = 1;
    range->lo /= margin;
    range->hi *= margin;
    missing = sqrt(least / (range->hi / range->lo));
    if (missing > 1) {
        range->lo /= missing;
        range->hi *= missing;
    }
}

/* The classic one-pass relaxation: push down from the top, then back up from the bottom. */
void chart_spread(double *positions, size_t n, double gap, double lo, double hi)
{
    size_t order[CHART_SPREAD_MAX];
    double limit;

    for (size_t i = 0; i < n; i++) {
        size_t at = i;

        for (; at > 0 && positions[order[at - 1]] > positions[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    limit = lo;
    for (size_t i = 0; i < n; i++, limit += gap)
        limit = positions[order[i]] = fmax(positions[order[i]], limit);
    limit = hi;
    for (size_t i = n; i-- > 0; limit -= gap)
        limit = positions[order[i]] = fmin(positions[order[i]], limit);
}
