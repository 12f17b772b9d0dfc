#include "chart/chart.h"

#include "base/suggest.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

extern const struct chart chart_makespan, chart_latency, chart_throughput, chart_timeline,
    chart_lag, chart_cost, chart_rate, chart_concurrency, chart_poison, chart_over_time,
    chart_corrected, chart_crossover;

const struct chart *const charts[] = {
    &chart_makespan, &chart_latency,   &chart_throughput, &chart_timeline,
    &chart_lag,      &chart_cost,      &chart_rate,       &chart_concurrency,
    &chart_poison,   &chart_over_time, &chart_corrected,  &chart_crossover,
};
const size_t charts_count = sizeof charts / sizeof *charts;

const struct chart *chart_find(const char *name, struct err *err)
{
    return suggest_find("chart", name, charts, charts_count, err);
}

int chart_by_percentile(struct chart_view *v, struct err *err)
{
    const struct metric *bound =
        metric_find(result_string(v->result, "sweep.slo.metric"), NULL, NULL);

    (void)err;
    v->metric = bound ? bound : chart_rarest(v->result);
    return 0;
}

/* One group alone is that of which no other is better. A sweep is drawn whatever it has of its own
 * axis; else it takes two points to make a line. */
static int choose_groups(struct chart_view *v)
{
    const struct chart *chart = v->chart;
    struct chart_choice choice = chart->choice;
    size_t *count = &v->count, points = 0;

    choice.axis = v->axis;
    if (chart_groups_init(&v->all, v->result, &choice) < 0)
        return -ENOMEM;
    v->groups = v->all.of;
    v->count = v->all.count;
    v->left_out = v->all.left_out;
    for (size_t i = 1; chart->better && i < v->all.count; i++)
        if (chart->better(&v->all.of[i], v->groups))
            v->groups = &v->all.of[i];
    if (chart->better && v->count > 0) {
        v->left_out = v->axis ? v->left_out + v->count - 1 : 0;
        v->count = 1;
        count = &v->groups->count;
    }
    if (chart->most > 0 && *count > chart->most) {
        v->left_out += *count - chart->most;
        *count = chart->most;
    }
    for (size_t i = 0; i < v->count; i++)
        points =
            chart_group_points(&v->groups[i]) > points ? chart_group_points(&v->groups[i]) : points;
    if (v->axis && points < 2 && !chart_axes_find(v->result, v->axis))
        v->count = 0;
    return 0;
}

/* List the cells of all groups. */
static int list_cells(struct chart_view *v)
{
    size_t most = 1; /* calloc(0) may be NULL */

    for (size_t g = 0; g < v->count; g++)
        for (size_t i = 0; i < v->groups[g].count; i++)
            most += v->groups[g].lines[i].count;
    v->cells = calloc(most, sizeof *v->cells);
    if (!v->cells)
        return -ENOMEM;
    for (size_t g = 0; g < v->count; g++)
        for (size_t i = 0; i < v->groups[g].count; i++)
            for (size_t p = 0; p < v->groups[g].lines[i].count; p++)
                v->cells[v->cells_count++] = v->groups[g].lines[i].points[p].cell;
    return 0;
}

/* Write the tables by the chart's form. False when there is nothing to draw. */
static bool put(struct chart_view *v, struct chart_data *data)
{
    const struct chart *chart = v->chart;
    bool rows = chart->rows.panels[0].metric != NULL;
    struct chart_curves_axes axes = chart->axes;
    struct chart_curves curves;

    chart_data_set_form(data, rows ? "rows" : chart->put_panels ? "curves" : chart->form);
    if (rows)
        return chart_rows_put(v, data);
    if (!chart->put_panels)
        return chart->put(v, data);
    axes.x_name = v->axis;
    chart_curves_begin(&curves, data, &axes);
    chart->put_panels(v, &curves);
    return chart_curves_end(&curves);
}

/* The title is the chart's own, else its finding about the cells that differ most, else what it is
 * about. */
static int put_headings(struct chart_view *v, struct chart_data *data)
{
    const struct chart *chart = v->chart;
    char title[CHART_TEXT_MAX] = "", subtitle[CHART_TEXT_MAX];
    int status = chart_rank(v);

    if (chart->title)
        chart->title(v, title, sizeof title);
    if (!*title && v->ranking.valid > 0 && chart->finding)
        chart_fill(v, chart->finding, title, sizeof title);
    if (!*title && chart->summary)
        snprintf(title, sizeof title, "%c%s", toupper(*chart->summary), chart->summary + 1);
    chart_headings(data, v->result, title, chart_subtitle_text(v, subtitle, sizeof subtitle));
    return status;
}

int chart_write(const struct chart *chart, const json_t *result, struct chart_data *data,
                struct err *err)
{
    struct chart_view v = {.chart = chart, .result = result, .axis = chart->choice.axis};
    int status = 0;

    v.metric = chart->metric ? metric_named(chart->metric) : chart_sweep_metric(result);
    if (chart->prepare)
        status = chart->prepare(&v, err);
    if (status == 0 && !v.groups)
        status = choose_groups(&v);
    if (status == 0)
        status = list_cells(&v);
    if (status == 0 && (v.cells_count == 0 || !put(&v, data)))
        status = err_set(err, -ENODATA, "%s", v.chart->missing);
    if (status == 0)
        status = put_headings(&v, data);
    if (status == -ENOMEM)
        err_set(err, status, "out of memory");
    ranking_deinit(&v.ranking);
    free(v.cells);
    chart_groups_deinit(&v.all);
    return status;
}
