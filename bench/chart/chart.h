/* Charts: what tva plot draws. One file each (chart_<name>.c and plots/<name>.gp); the registry
 * table is in chart.c.
 *
 * A chart reads the result document alone. Its C half chooses what is shown, computes the finding
 * that the title states, and writes plain tables; its gnuplot half draws them. */
#ifndef TVA_BENCH_CHART_H
#define TVA_BENCH_CHART_H

#include "base/err.h"
#include "chart/chart_data.h"

#include <jansson.h>
#include <stddef.h>

struct chart {
    const char *name, *summary;
    const char *script; /* below the share directory */

    /* Write the chart's tables and texts. 0; -ENODATA with *err saying what the document lacks,
     * when there is nothing to draw; another negative errno with *err set when it failed. Failures
     * to write are reported by chart_data_finish() instead. */
    int (*extract)(const json_t *result, struct chart_data *data, struct err *err);
};

/* The registry, in the order in which they are drawn. */
extern const struct chart *const charts[];
extern const size_t charts_count;

/* The chart of that name. NULL with *err naming the valid ones, the nearest offered. */
const struct chart *chart_find(const char *name, struct err *err);

#endif
