/* The two halves of the crossover chart: of sweeps over two axes the map, of sweeps over one the
 * curves that cross. One thread at a time. */
#ifndef TVA_BENCH_CHART_CROSSOVER_H
#define TVA_BENCH_CHART_CROSSOVER_H

#include "base/err.h"
#include "chart/chart_data.h"

#include <jansson.h>
#include <stdbool.h>

/* Does the sweep have two axes of two values or more? Their indexes go to axes[]. */
bool chart_map_applies(const json_t *result, size_t axes[2]);

/* Write the map of these axes. As struct chart's extract. */
int chart_map_extract(const json_t *result, const size_t axes[2], struct chart_data *data,
                      struct err *err);

#endif
