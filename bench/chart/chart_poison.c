/* Poison: what a share of jobs that block the loop does to latency and to the loop's lag. */
#include "chart/chart.h"

#include "chart/chart_curves.h"
#include "chart/chart_series.h"
#include "chart/chart_sweep.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A percentile that grows by less has not grown. */
#define STEADY 1.25

static bool has_latency(const json_t *cell)
{
    return metric_of(metric_named("p50"), cell).median > 0;
}

static bool any_has(const struct chart_series *series, size_t count, const struct metric *metric)
{
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < series[i].count; p++)
            if (metric_of(metric, series[i].points[p].cell).median > 0)
                return true;
    return false;
}

/* The rarest percentile that any samples support. */
static const struct metric *rarest(const struct chart_series *series, size_t count)
{
    const struct metric *p99 = metric_named("p99"), *p90 = metric_named("p90");

    return any_has(series, count, p99)   ? p99
           : any_has(series, count, p90) ? p90
                                         : metric_named("p50");
}

static void put_line(struct chart_curves *curves, const struct chart_series *s,
                     const struct metric *metric)
{
    char time[METRIC_TEXT] = "";

    chart_curves_line(curves, CHART_MEASURED, s->points[0].cell);
    for (size_t p = 0; p < s->count; p++) {
        struct metric_value v = chart_value(metric, s->points[p].cell);

        chart_curves_cell_point(curves, s->points[p].x, s->points[p].cell, &v);
        if (v.median > 0 && chart_cell_valid(s->points[p].cell))
            metric_cell_text(metric, s->points[p].cell, time, sizeof time);
    }
    chart_curves_end_line(curves, time);
}

static void put_theory(struct chart_curves *curves, const struct chart_series *s,
                       const struct metric *metric)
{
    chart_curves_line(curves, CHART_THEORY, s->points[0].cell);
    for (size_t p = 0; p < s->count; p++)
        chart_curves_point(curves, s->points[p].x, chart_theory(metric, s->points[p].cell), 0, 0);
    chart_curves_end_line(curves, "");
}

static void put_panel(struct chart_curves *curves, const struct chart_series *series, size_t count,
                      const char *title, const struct metric *metric)
{
    if (!any_has(series, count, metric))
        return;
    chart_curves_panel(curves, title,
                       strncmp(title, "Latency", 7) == 0 ? "latency, log scale"
                                                         : "loop lag, log scale");
    for (size_t i = 0; i < count; i++)
        put_line(curves, &series[i], metric);
    for (size_t i = 0; i < count; i++)
        put_theory(curves, &series[i], metric);
    chart_curves_end_panel(curves);
}

static int put_panels(struct chart_data *data, const struct chart_series *series, size_t count)
{
    const struct metric *p50 = metric_named("p50"), *rare = rarest(series, count);
    struct chart_curves *curves = chart_curves_create(data);
    char title[64];

    if (!curves)
        return -ENOMEM;
    chart_curves_linear_x(curves);
    put_panel(curves, series, count, "Latency p50: what half of the jobs see", p50);
    snprintf(title, sizeof title, "Latency %s: what one job in %s sees",
             rare->title + strlen("latency "),
             strcmp(rare->name, "p99") == 0 ? "a hundred" : "ten");
    if (rare != p50)
        put_panel(curves, series, count, title, rare);
    put_panel(curves, series, count, "The loop's lag: p99 of beats", metric_named("lag_p99"));
    put_panel(curves, series, count, "The loop's lag: the longest of a run", metric_named("lag"));
    chart_curves_destroy(curves);
    return 0;
}

/* By how much a line's metric grows from its first point to its last, where both are valid. */
static double growth(const struct chart_series *s, const struct metric *metric)
{
    const json_t *first = s->points[0].cell, *last = s->points[s->count - 1].cell;

    if (s->count < 2 || !chart_cell_valid(first) || !chart_cell_valid(last))
        return NAN;
    return metric_of(metric, last).median / metric_of(metric, first).median;
}

static void put_title(const struct chart_series *series, size_t count, char *buf, size_t size)
{
    const struct metric *rare = rarest(series, count);
    const struct chart_series *most = NULL, *least = NULL;
    const struct chart_point *first, *last;
    char low[32], high[32], rest[128] = "";

    for (size_t i = 0; i < count; i++) {
        double own = growth(&series[i], rare);

        if (own > (most ? growth(most, rare) : 0))
            most = &series[i];
        if (own < (least ? growth(least, rare) : INFINITY))
            least = &series[i];
    }
    if (!most) {
        snprintf(buf, size, "Latency and loop lag by share of blocking jobs");
        return;
    }
    first = &most->points[0];
    last = &most->points[most->count - 1];
    if (least != NULL && least != most && growth(least, rare) < STEADY)
        snprintf(rest, sizeof rest, "; under %s it stays at %s", least->label,
                 metric_cell_text(rare, least->points[least->count - 1].cell, low, sizeof low));
    if (growth(most, rare) < STEADY) {
        snprintf(buf, size, "%.3g%% of poison leaves %s under %s at %s%s", 100 * last->x,
                 rare->title, most->label, metric_cell_text(rare, last->cell, high, sizeof high),
                 rest);
        return;
    }
    snprintf(buf, size, "%.3g%% of poison takes %s under %s from %s to %s%s", 100 * last->x,
             rare->title, most->label, metric_cell_text(rare, first->cell, low, sizeof low),
             metric_cell_text(rare, last->cell, high, sizeof high), rest);
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_series *series;
    struct chart_subtitle subtitle = {.metric = metric_named("lag")};
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
