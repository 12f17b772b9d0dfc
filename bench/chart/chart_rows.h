/* Panels with a row for each model: the form of the makespan, lag and cost charts (plots/rows.gp).
 */
#ifndef TVA_BENCH_CHART_ROWS_H
#define TVA_BENCH_CHART_ROWS_H

#include "base/err.h"
#include "chart/chart_cells.h"
#include "chart/chart_data.h"

/* One row. Values that are NAN are not drawn; nor are those <= 0, as the axis is logarithmic. */
struct chart_row {
    struct metric_value value; /* dot and interval */
    double ideal;              /* line across the row */
    double p50, p99;           /* small marks */
    char text[96];             /* what stands at the end of the row */
};

struct chart_panel {
    const char *title, *axis;
    const char *unit; /* of the axis' labels: "time" (values in s) or "size" (bytes) */
    void (*row)(const json_t *cell, struct chart_row *row);
    const struct chart_range *range; /* finished; NULL to fit the panel's own values */
};

/* The groups to show: those with a cell of which `has` is true and the most models, one for each
 * job spec, at most `most`. The caller frees *groups. 0; -ENODATA with *err saying `missing` when
 * there are none; -ENOMEM. */
int chart_rows_groups(const json_t *result, bool (*has)(const json_t *cell), size_t most,
                      const char *missing, struct chart_group **groups, size_t *count,
                      struct err *err);

/* Begin the chart's table and say how many panels there will be; rows: the most in one of them. */
void chart_rows_begin(struct chart_data *data, size_t panels, size_t rows);

/* Write panel number `index`, counted from 1. */
void chart_rows_panel(struct chart_data *data, size_t index, const struct chart_panel *panel,
                      const struct chart_group *group);

/* Widen the range to hold a group's rows. */
void chart_rows_range(struct chart_range *range, const struct chart_panel *panel,
                      const struct chart_group *group);

#endif
