/* What charts read from a sweep's document: knees, fitted laws, and who is best at the far end of
 * an axis. One thread at a time. */
#ifndef TVA_BENCH_CHART_SWEEP_H
#define TVA_BENCH_CHART_SWEEP_H

#include "chart/chart_series.h"

/* Is there too little to draw along that axis: no line of two points, in what is not a sweep? */
bool chart_sweep_needs(const json_t *result, const char *axis, const struct chart_series *series,
                       size_t count);

/* The sweep's entry about a line, which names its label or its model and, on other axes, the place
 * of its points: a knee with a rate, the fitted universal scalability law. NULL when there is none.
 */
const json_t *chart_sweep_knee(const json_t *result, const struct chart_series *series);
const json_t *chart_sweep_law(const json_t *result, const struct chart_series *series);

/* The lines with the lowest and the highest metric at the largest x that the most lines have a
 * valid value at. */
struct chart_extremes {
    const struct chart_series *best, *worst;
    size_t best_at, worst_at; /* index of the point */
    double x;
};

/* False when no line has any. */
bool chart_sweep_extremes(const struct chart_series *series, size_t count,
                          const struct metric *metric, struct chart_extremes *out);

#endif
