/* Poison: what a share of jobs that block the loop does to latency and to the loop's lag. */
#include "chart.h"

#include "base/units.h"
#include "chart_curves.h"
#include "chart_figure.h"
#include "chart_series.h"
#include "chart_sweep.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A p99 that grows by less has not grown. */
#define STEADY 1.25

static struct chart_quantity p50(const json_t *cell)
{
    return chart_percentile(cell, "p50");
}

static struct chart_quantity p99(const json_t *cell)
{
    return chart_percentile(cell, "p99");
}

static struct chart_quantity lag_p99(const json_t *cell)
{
    double value = result_number(cell, "summary.heartbeat_lag_ns.p99") * 1e-9;

    return (struct chart_quantity){value, value, value, NAN};
}

static struct chart_quantity lag_max(const json_t *cell)
{
    return chart_quantity(cell, "heartbeat_lag_max_ns", 1e-9);
}

static const struct {
    const char *title, *axis;
    chart_metric *metric;
} panels[] = {
    {"What half of the jobs see: p50", "latency, log scale", p50},
    {"What one job in a hundred sees: p99", "latency, log scale", p99},
    {"The loop's lag: p99 of beats", "loop lag, log scale", lag_p99},
    {"The loop's lag: the longest of a run", "loop lag, log scale", lag_max},
};
#define PANELS_COUNT (sizeof panels / sizeof *panels)

static bool has_latency(const json_t *cell)
{
    return p99(cell).median > 0 || p50(cell).median > 0;
}

static void put_line(struct chart_curves *curves, const struct chart_series *s,
                     chart_metric *metric)
{
    char time[32] = "";

    chart_curves_line(curves, CHART_MEASURED, s->points[0].cell);
    for (size_t p = 0; p < s->count; p++) {
        struct chart_quantity q = metric(s->points[p].cell);

        chart_curves_cell_point(curves, s->points[p].x, s->points[p].cell, &q);
        if (q.median > 0 && chart_cell_valid(s->points[p].cell))
            units_format_duration(q.median * 1e9, time, sizeof time);
    }
    chart_curves_end_line(curves, time);
}

static void put_theory(struct chart_curves *curves, const struct chart_series *s,
                       chart_metric *metric)
{
    const char *path = metric == p50   ? "summary.theory.latency_p50_s"
                       : metric == p99 ? "summary.theory.latency_p99_s"
                                       : NULL;

    if (!path)
        return;
    chart_curves_line(curves, CHART_THEORY, s->points[0].cell);
    for (size_t p = 0; p < s->count; p++)
        chart_curves_point(curves, s->points[p].x, result_number(s->points[p].cell, path), 0, 0);
    chart_curves_end_line(curves, "");
}

static int put_panels(struct chart_data *data, const struct chart_series *series, size_t count)
{
    struct chart_curves *curves = chart_curves_create(data);

    if (!curves)
        return -ENOMEM;
    chart_curves_linear_x(curves);
    for (size_t i = 0; i < PANELS_COUNT; i++) {
        chart_curves_panel(curves, panels[i].title, panels[i].axis);
        for (size_t s = 0; s < count; s++)
            put_line(curves, &series[s], panels[i].metric);
        for (size_t s = 0; s < count; s++)
            put_theory(curves, &series[s], panels[i].metric);
        chart_curves_end_panel(curves);
    }
    chart_curves_destroy(curves);
    return 0;
}

/* By how much a line's p99 grows from its first point to its last, where both are valid. */
static double growth(const struct chart_series *s)
{
    const json_t *first = s->points[0].cell, *last = s->points[s->count - 1].cell;

    return chart_cell_valid(first) && chart_cell_valid(last) ? p99(last).median / p99(first).median
                                                             : (double)NAN;
}

static void put_title(const struct chart_series *series, size_t count, char *buf, size_t size)
{
    const struct chart_series *most = NULL, *least = NULL;
    const struct chart_point *first, *last;
    char low[32], high[32], rest[128] = "";

    for (size_t i = 0; i < count; i++) {
        if (!(growth(&series[i]) > 0) || series[i].count < 2)
            continue;
        if (!most || growth(&series[i]) > growth(most))
            most = &series[i];
        if (!least || growth(&series[i]) < growth(least))
            least = &series[i];
    }
    if (!most) {
        snprintf(buf, size, "Latency and loop lag by share of blocking jobs");
        return;
    }
    first = &most->points[0];
    last = &most->points[most->count - 1];
    if (least != most && growth(least) < STEADY)
        snprintf(rest, sizeof rest, "; under %s it stays at %s", least->label,
                 units_format_duration(p99(least->points[least->count - 1].cell).median * 1e9, low,
                                       sizeof low));
    snprintf(buf, size, "%.3g%% of poison takes p99 under %s from %s to %s%s", 100 * last->x,
             most->label, units_format_duration(p99(first->cell).median * 1e9, low, sizeof low),
             units_format_duration(p99(last->cell).median * 1e9, high, sizeof high), rest);
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_series *series;
    struct chart_subtitle subtitle = {.quantity = "heartbeat_lag_max_ns"};
    size_t count;
    char title[CHART_TEXT_MAX], what[CHART_TEXT_MAX];
    int status;

    if (chart_series(result, "poison", has_latency, &series, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = chart_series_widest(series, count, &subtitle.left_out);
    if (chart_sweep_needs(result, "poison", series, count)) {
        free(series);
        return err_set(err, -ENODATA, "no job was measured with two shares of poison or more");
    }
    put_title(series, count, title, sizeof title);
    snprintf(what, sizeof what,
             "%s: latency, and how late a 1 ms heartbeat on the loop woke, against the share of "
             "jobs that block the thread of the loop",
             series[0].work);
    subtitle.what = what;
    subtitle.rest =
        "lower is better. Jobs of pool and threads never run on the loop. Thin: theory, where "
        "there is one.";
    status = put_panels(data, series, count);
    if (status == 0)
        status = chart_series_headings(data, result, series, count, title, &subtitle);
    free(series);
    return status < 0 ? err_set(err, status, "out of memory") : 0;
}

const struct chart chart_poison = {
    .name = "poison",
    .summary = "latency and loop lag against the share of jobs that block the loop",
    .script = "plots/poison.gp",
    .extract = extract,
};
