/* The charts of comparisons: what tva compare --charts draws. One thread at a time. */
#ifndef TVA_BENCH_CHART_COMPARE_H
#define TVA_BENCH_CHART_COMPARE_H

#include "base/err.h"
#include "chart/chart_data.h"
#include "compare/compare.h"

/* Draw ratios_b.svg, before_after_b.svg and the same as PNG in the folder, which is made: "b" is
 * the comparison's label. What there is no data for is left out with a note. 0 or a negative errno
 * with *err set. */
int chart_compare_draw(const struct compare *c, const char *dir, struct err *err);

/* The same for sweeps.svg, one chart of all results, which lie at these paths: nothing is drawn and
 * nothing said when they are not the same sweep. */
int chart_compare_draw_sweeps(json_t *const *results, const char *const *paths, size_t count,
                              const char *dir, struct err *err);

/* The same for history_makespan.svg. */
int chart_compare_draw_history(const struct compare_history *h, const char *dir, struct err *err);

/* The indexes i < count with the `most` <= CHART_COMPARE_MOST largest weights, largest first, in
 * places[]; those below 0 do not count. Returns how many; *all: how many count. */
#define CHART_COMPARE_MOST 40
size_t chart_compare_largest(double (*weight)(const void *of, size_t i), const void *of,
                             size_t count, size_t *places, size_t most, size_t *all);

/* Each writes the tables and texts of one chart: ratios with their intervals, a row a cell and a
 * panel a metric; latency at every percentile, of the cells that changed most; the values of a
 * metric from result to result, and where they changed; the first CHART_SWEEPS_MAX of results of
 * one sweep, along its axis. 0; -ENODATA with *err set when there is nothing to draw; -ENOMEM. */
#define CHART_SWEEPS_MAX 8
int chart_ratios(const struct compare *c, struct chart_data *data, struct err *err);
int chart_before_after(const struct compare *c, struct chart_data *data, struct err *err);
int chart_history(const struct compare_history *h, struct chart_data *data, struct err *err);
int chart_sweeps(json_t *const *results, const char *const *paths, size_t count,
                 struct chart_data *data, struct err *err);

#endif
