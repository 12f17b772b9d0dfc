/* Curves over the percentiles of latency, on an axis of 1 / (1 - p): for the charts latency and
 * corrected. One thread at a time. */
#ifndef TVA_BENCH_CHART_PERCENTILES_H
#define TVA_BENCH_CHART_PERCENTILES_H

#include "chart/chart_curves.h"

/* A percentile with fewer samples beyond it is left out. */
#define CHART_SAMPLES_BEYOND 10

/* Draw and end the measured line that was begun: `curve` is the member of the cell, `distribution`
 * the path of the distribution it belongs to. What it ends with is its last latency. */
void chart_percentiles_put(struct chart_curves *curves, const json_t *cell, const char *curve,
                           const char *distribution);

/* A line of the few percentiles that queueing theory gives, as far as the samples reach. Nothing
 * when the cell has none. */
void chart_percentiles_put_theory(struct chart_curves *curves, const json_t *cell);

#endif
