/* The charts of comparisons: what tva compare --charts draws. Each writes the tables and texts of
 * one picture, as chart.h's extract does. 0; -ENODATA with *err set when there is nothing to draw;
 * -ENOMEM. One thread at a time. */
#ifndef TVA_BENCH_CHART_COMPARE_H
#define TVA_BENCH_CHART_COMPARE_H

#include "base/err.h"
#include "chart/chart_data.h"
#include "compare/compare.h"
#include "compare/compare_history.h"

/* Ratios with their intervals, a row a cell and a panel a metric (plots/ratios.gp). */
int chart_ratios(const struct compare *c, struct chart_data *data, struct err *err);

/* Latency at every percentile, of the cells that changed most (plots/before_after.gp). */
int chart_before_after(const struct compare *c, struct chart_data *data, struct err *err);

/* The values of a metric from result to result, and where they changed (plots/history.gp). */
int chart_history(const struct compare_history *h, struct chart_data *data, struct err *err);

#endif
