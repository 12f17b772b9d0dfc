#include "chart/chart.h"

#include "base/suggest.h"
#include "chart/chart_curves.h"
#include "chart/chart_rows.h"
#include "chart/chart_text.h"

#include <errno.h>
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

static int choose_groups(struct chart_view *v)
{
    const struct chart *chart = v->chart;
    size_t best = 0;

    if (chart_groups(v->result, chart->shows, chart->keep, &v->groups, &v->count, &v->left_out) < 0)
        return -ENOMEM;
    for (size_t i = 1; chart->better && i < v->count; i++)
        if (chart->better(&v->groups[i], &v->groups[best]))
            best = i;
    if (chart->better && v->count > 0) {
        v->groups[0] = v->groups[best];
        v->groups[0].count =
            chart->most > 0 && v->groups[0].count > chart->most ? chart->most : v->groups[0].count;
        v->count = 1;
    } else if (chart->most > 0 && v->count > chart->most) {
        v->left_out += v->count - chart->most;
        v->count = chart->most;
    }
    return 0;
}

/* A sweep is drawn whatever it has of its own axis; else it takes two points to make a line. */
static int choose_series(struct chart_view *v)
{
    const struct chart *chart = v->chart;
    bool swept = chart_axes_find(v->result, v->axis) != NULL;

    if (chart_series(v->result, v->axis, chart->shows, &v->series, &v->count) < 0)
        return -ENOMEM;
    if (chart->keep & CHART_WIDEST) {
        v->count = chart_series_widest(v->series, v->count, &v->left_out);
        v->count = chart->most > 0 && v->count > chart->most ? chart->most : v->count;
    } else {
        v->count =
            chart_series_first(v->series, v->count, chart->points, chart->most, &v->left_out);
    }
    if (!swept && chart_series_points(v->series, v->count) < 2)
        v->count = 0;
    return 0;
}

/* List the cells of all groups or lines. */
static int list_cells(struct chart_view *v)
{
    size_t most = 1; /* calloc(0) may be NULL */

    for (size_t i = 0; i < v->count; i++)
        most += v->groups ? v->groups[i].count : v->series[i].count;
    v->cells = calloc(most, sizeof *v->cells);
    if (!v->cells)
        return -ENOMEM;
    for (size_t i = 0; i < v->count; i++) {
        size_t n = v->groups ? v->groups[i].count : v->series[i].count;

        for (size_t k = 0; k < n; k++)
            v->cells[v->cells_count++] =
                v->groups ? v->groups[i].cells[k] : v->series[i].points[k].cell;
    }
    return 0;
}

static int choose(struct chart_view *v, struct err *err)
{
    int status = v->chart->prepare ? v->chart->prepare(v, err) : 0;

    v->subtitle = v->chart->subtitle;
    if (status == 0 && !v->groups)
        status = v->axis ? choose_series(v) : choose_groups(v);
    if (status == 0)
        status = list_cells(v);
    if (status == -ENOMEM)
        err_set(err, status, "out of memory");
    return status;
}

/* Write the tables by the chart's form. False when there is nothing to draw. */
static bool put(struct chart_view *v, struct chart_data *data)
{
    const struct chart *chart = v->chart;

    chart_data_set_form(data, chart->rows ? "rows" : chart->axes ? "curves" : chart->form);
    if (chart->rows)
        return chart_rows_put(v, data);
    return chart->axes ? chart_curves_put(v, data) : chart->put(v, data);
}

int chart_write(const struct chart *chart, const json_t *result, struct chart_data *data,
                struct err *err)
{
    struct chart_view v = {.chart = chart, .result = result, .axis = chart->axis};
    char title[CHART_TEXT_MAX] = "", subtitle[CHART_TEXT_MAX];
    int status;

    v.metric = chart->metric ? metric_named(chart->metric) : chart_sweep_metric(result);
    status = choose(&v, err);
    if (status == 0 && (v.cells_count == 0 || !put(&v, data)))
        status = err_set(err, -ENODATA, "%s", v.chart->missing);
    if (status == 0) {
        v.chart->title(&v, title, sizeof title);
        chart_subtitle_text(&v, subtitle, sizeof subtitle);
        chart_headings(data, result, title, subtitle);
    }
    free(v.cells);
    free(v.groups);
    free(v.series);
    return status;
}
