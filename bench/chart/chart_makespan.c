/* Makespan: how long the whole batch took, by model, one panel for each job and count. */
#include "chart/chart.h"

#include "base/units.h"
#include "chart/chart_cells.h"
#include "chart/chart_load.h"
#include "chart/chart_rows.h"
#include "chart/chart_text.h"
#include "export/finding.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PANELS_MAX 12

static struct metric_value makespan(const json_t *cell)
{
    return chart_value(metric_named("makespan"), cell);
}

static bool has_makespan(const json_t *cell)
{
    return chart_load_batch(cell) && makespan(cell).median > 0;
}

static void make_row(const json_t *cell, struct chart_row *row)
{
    char time[32];

    row->value = makespan(cell);
    row->ideal = chart_theory(metric_named("makespan"), cell);
    if (isnan(row->value.median))
        return;
    units_format_duration(row->value.median * 1e9, time, sizeof time);
    if (row->ideal > 0 && chart_cell_valid(cell))
        snprintf(row->text, sizeof row->text, "%s  %.*f× ideal", time,
                 row->value.median < 10 * row->ideal ? 2 : 0, row->value.median / row->ideal);
    else
        snprintf(row->text, sizeof row->text, "%s", time);
}

static void put_panels(struct chart_data *data, const struct chart_group *groups, size_t count)
{
    char title[CHART_LABEL_MAX * 2];
    struct chart_panel panel = {
        .title = title, .axis = "makespan, log scale", .unit = "time", .row = make_row};

    chart_rows_begin(data, count, chart_groups_rows(groups, count));
    for (size_t g = 0; g < count; g++) {
        chart_group_title(&groups[g], title, sizeof title);
        chart_rows_panel(data, g + 1, &panel, &groups[g]);
    }
}

/* The widest gap between two models that did the same work. */
static void put_gap(const struct chart_group *groups, size_t count, char *buf, size_t size)
{
    double widest = 0;

    buf[0] = '\0';
    for (size_t g = 0; g < count; g++) {
        const json_t *best = chart_best(&groups[g], metric_named("makespan"));
        const json_t *worst = chart_worst(&groups[g], metric_named("makespan"));
        double gap = best ? makespan(worst).median / makespan(best).median : 0;
        char work[CHART_LABEL_MAX * 2];

        if (best == worst || gap <= widest)
            continue;
        widest = gap;
        snprintf(buf, size, "; widest gap %.3g×, %s over %s in %s", gap,
                 result_string(best, "model"), result_string(worst, "model"),
                 chart_group_title(&groups[g], work, sizeof work));
    }
}

static void put_title(const json_t *result, const struct chart_group *groups, size_t count,
                      char *buf, size_t size)
{
    char tally[256], gap[256];

    chart_tally(groups, count, metric_named("makespan"), tally, sizeof tally);
    put_gap(groups, count, gap, sizeof gap);
    if (count == 1)
        finding_group(result, groups[0].key, buf, size);
    else if (tally[0])
        snprintf(buf, size, "Shortest makespan: %s%s", tally, gap);
    else
        snprintf(buf, size, "Makespan of %zu batches", count);
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_group *groups;
    size_t all, count;
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], runs[128], left_out[64] = "";

    if (chart_groups(result, &groups, &all) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    all = count = chart_groups_having(groups, all, has_makespan);
    count = chart_groups_widest(groups, count);
    count = count < PANELS_MAX ? count : PANELS_MAX;
    if (count == 0) {
        free(groups);
        return err_set(err, -ENODATA, "no cell is a batch with a makespan");
    }
    if (count < all)
        snprintf(left_out, sizeof left_out, " Batches with fewer models are left out (%zu).",
                 all - count);
    put_panels(data, groups, count);
    put_title(result, groups, count, title, sizeof title);
    snprintf(subtitle, sizeof subtitle,
             "Time from the start of a batch to the end of its last job; %s; "
             "further left is better. Black line: the ideal.%s",
             chart_runs_text(groups, count, metric_named("makespan"), runs, sizeof runs), left_out);
    chart_headings(data, result, groups, count, title, subtitle);
    free(groups);
    return 0;
}

const struct chart chart_makespan = {
    .name = "makespan",
    .summary = "time for the whole batch, by job and model, beside the ideal",
    .script = "plots/makespan.gp",
    .extract = extract,
};
