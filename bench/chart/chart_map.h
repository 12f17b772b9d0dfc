/* What the chart crossover is for a sweep over two axes: a map of the model that is best at each
 * point. */
#ifndef TVA_BENCH_CHART_MAP_H
#define TVA_BENCH_CHART_MAP_H

#include "chart/chart.h"

extern const struct chart chart_map;

/* Does the sweep have two axes of two values or more? */
bool chart_map_applies(const json_t *result);

#endif
