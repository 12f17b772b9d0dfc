/* Poison: what a share of jobs that block the loop does to latency and to the loop's lag. */
#include "base/text.h"
#include "chart/chart.h"
#include "chart/chart_curves.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A percentile that grows by less has not grown. */
#define STEADY 1.25

static bool has_latency(const json_t *cell)
{
    return metric_of(metric_named("p50"), cell).median > 0;
}

static void put_panel(struct chart_curves *curves, const struct chart_view *v, const char *title,
                      const char *y_title, const struct metric *metric)
{
    if (!chart_series_has(v->series, v->count, metric))
        return;
    chart_curves_panel(curves, title, y_title);
    for (size_t i = 0; i < v->count; i++)
        chart_curves_series(curves, &v->series[i], metric, (struct chart_curve){0});
    for (size_t i = 0; i < v->count; i++)
        chart_curves_theory(curves, &v->series[i], metric);
}

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    const struct metric *p50 = metric_named("p50"),
                        *rare = chart_series_rarest(v->series, v->count);
    const char *latency = "latency, log scale", *lag = "loop lag, log scale";
    char title[64];

    put_panel(curves, v, "Latency p50: what half of the jobs see", latency, p50);
    snprintf(title, sizeof title, "Latency %s: what one job in %s sees", rare->column,
             strcmp(rare->name, "p99") == 0 ? "a hundred" : "ten");
    if (rare != p50)
        put_panel(curves, v, title, latency, rare);
    put_panel(curves, v, "The loop's lag: p99 of beats", lag, metric_named("lag_p99"));
    put_panel(curves, v, "The loop's lag: the longest of a run", lag, v->metric);
}

/* By how much a line's metric grows from its first point to its last, where both are valid. */
static double growth(const struct chart_series *s, const struct metric *metric)
{
    const json_t *first = s->points[0].cell, *last = s->points[s->count - 1].cell;

    if (s->count < 2 || !chart_cell_valid(first) || !chart_cell_valid(last))
        return NAN;
    return metric_of(metric, last).median / metric_of(metric, first).median;
}

/* The model that poison harms most, beside one that it does not harm. */
static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    const struct metric *rare = chart_series_rarest(v->series, v->count);
    const struct chart_series *most = NULL, *least = NULL;
    const struct chart_point *last;
    char low[METRIC_TEXT], high[METRIC_TEXT];

    for (size_t i = 0; i < v->count; i++) {
        double own = growth(&v->series[i], rare);

        if (own > (most ? growth(most, rare) : 0))
            most = &v->series[i];
        if (own < (least ? growth(least, rare) : INFINITY))
            least = &v->series[i];
    }
    if (!most) {
        text_add(buf, size, "Latency and loop lag by share of blocking jobs");
        return;
    }
    last = &most->points[most->count - 1];
    metric_cell_text(rare, most->points[0].cell, low, sizeof low);
    metric_cell_text(rare, last->cell, high, sizeof high);
    text_add(buf, size, "%.3g%% of poison ", 100 * last->x);
    if (growth(most, rare) < STEADY)
        text_add(buf, size, "leaves %s under %s at %s", rare->title, most->label, high);
    else
        text_add(buf, size, "takes %s under %s from %s to %s", rare->title, most->label, low, high);
    if (least != NULL && least != most && growth(least, rare) < STEADY)
        text_add(buf, size, "; under %s it stays at %s", least->label,
                 metric_cell_text(rare, least->points[least->count - 1].cell, low, sizeof low));
}

const struct chart chart_poison = {
    .name = "poison",
    .summary = "latency and loop lag against the share of jobs that block the loop",
    .metric = "lag",
    .shows = has_latency,
    .axis = "poison",
    .keep = CHART_WIDEST,
    .axes =
        &(const struct chart_curves_axes){
            .x_title = "share of jobs that block",
            .x_kind = "share",
            .x_linear = true,
        },
    .put_panels = put_panels,
    .title = put_title,
    .subtitle = "{work}: latency, and how late a 1 ms heartbeat on the loop woke, against the "
                "share of jobs that block the thread of the loop; {runs}; {loop}; lower is better. "
                "Jobs of pool and threads never run on the loop. Thin: theory, where there is "
                "one, " CHART_THEORY_LEFT_OUT ".",
    .left_out = "Other jobs and loads",
    .missing = "no job was measured with two shares of poison or more",
};
