/* Rate: latency against the rate of arrivals, a panel for each model: the hockey stick. */
#include "chart/chart.h"

#include "base/units.h"
#include "chart/chart_curves.h"
#include "chart/chart_load.h"
#include "chart/chart_series.h"
#include "chart/chart_sweep.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The percentiles shown, the rarest in the model's full colour. */
static const struct {
    const char *metric;
    double pale;
} percentiles[] = {{"p50", 0.6}, {"p90", 0.45}, {"p99", 0.3}, {"p999", 0}};

enum { P50, P90, P99, P999, PERCENTILES_COUNT };

static bool any_has(const struct chart_series *series, size_t count, size_t which)
{
    const struct metric *metric = metric_named(percentiles[which].metric);

    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < series[i].count; p++)
            if (metric_of(metric, series[i].points[p].cell).median > 0)
                return true;
    return false;
}

/* Those that any samples support; p90 only when it is what the bound is on, or where it has to
 * stand in for p99. */
static bool is_shown(const json_t *result, const struct chart_series *series, size_t count,
                     size_t which)
{
    if (which == P90 && any_has(series, count, P99) &&
        strcmp(result_string(result, "sweep.slo.metric"), "p90") != 0)
        return false;
    return any_has(series, count, which);
}

static bool is_open(const json_t *cell)
{
    return chart_load_open(cell) && metric_of(metric_named("p50"), cell).median > 0;
}

static void put_measured(struct chart_curves *curves, const struct chart_series *s, size_t which)
{
    const struct metric *metric = metric_named(percentiles[which].metric);
    char time[METRIC_TEXT] = "";

    chart_curves_line(curves, CHART_MEASURED, s->points[0].cell);
    chart_curves_look(curves, metric->column, percentiles[which].pale, CHART_SOLID);
    for (size_t p = 0; p < s->count; p++) {
        struct metric_value v = chart_value(metric, s->points[p].cell);

        chart_curves_cell_point(curves, s->points[p].x, s->points[p].cell, &v);
        if (v.median > 0 && chart_cell_valid(s->points[p].cell))
            metric_cell_text(metric, s->points[p].cell, time, sizeof time);
    }
    chart_curves_end_line(curves, time);
}

/* What theory has no answer for, as it would grow without end, has no point. */
static void put_theory(struct chart_curves *curves, const struct chart_series *s, size_t which)
{
    chart_curves_line(curves, CHART_THEORY, s->points[0].cell);
    for (size_t p = 0; p < s->count; p++)
        chart_curves_point(curves, s->points[p].x,
                           chart_theory(metric_named(percentiles[which].metric), s->points[p].cell),
                           0, 0);
    chart_curves_end_line(curves, "");
}

/* The rate from which on every queue grows without end: servers / mean service time. The latest
 * point knows best. NAN when the model has no limit, or the document no theory. */
static double capacity(const struct chart_series *s)
{
    double found = NAN;

    for (size_t p = 0; p < s->count; p++) {
        double servers = result_number(s->points[p].cell, "summary.theory.servers");
        double service_s = result_number(s->points[p].cell, "summary.theory.service_mean_s");

        if (servers > 0 && service_s > 0)
            found = servers / service_s;
    }
    return found;
}

/* A knee without an interval was not met: the bound held at the highest rate tried. */
static bool is_open_ended(const json_t *knee)
{
    return isnan(result_number(knee, "ci_low")) && isnan(result_number(knee, "ci_high"));
}

static void put_marks(struct chart_curves *curves, const json_t *result,
                      const struct chart_series *s)
{
    const json_t *knee = chart_sweep_knee(result, s);
    double limit = capacity(s), at = result_number(knee, "rate_per_s");
    double bound_s = result_number(result, "sweep.slo.bound_s");
    char text[96], time[32];

    if (limit < 1.5 * s->points[s->count - 1].x) {
        snprintf(text, sizeof text, "capacity %.0f/s", limit);
        chart_curves_mark(curves, limit, NAN, NAN, false, text);
    }
    snprintf(text, sizeof text, "knee %s%.0f/s", is_open_ended(knee) ? "≥ " : "", at);
    chart_curves_mark(curves, at, result_number(knee, "ci_low"), result_number(knee, "ci_high"),
                      true, text);
    snprintf(text, sizeof text, "SLO %s", units_format_duration(bound_s * 1e9, time, sizeof time));
    chart_curves_bound(curves, bound_s, text);
}

static int put_panels(struct chart_data *data, const json_t *result,
                      const struct chart_series *series, size_t count)
{
    struct chart_curves *curves = chart_curves_create(data);

    if (!curves)
        return -ENOMEM;
    chart_curves_share_ranges(curves);
    for (size_t i = 0; i < count; i++) {
        const struct chart_series *s = &series[i];
        const char *queue = result_string(s->points[s->count - 1].cell, "summary.theory.model");
        char title[CHART_LABEL_MAX + 64];

        snprintf(title, sizeof title, "%s%s%.32s", s->label, *queue ? "   theory: " : "", queue);
        chart_curves_panel(curves, title, NULL);
        for (size_t which = 0; which < PERCENTILES_COUNT; which++) {
            if (!is_shown(result, series, count, which))
                continue;
            put_measured(curves, s, which);
            put_theory(curves, s, which);
        }
        put_marks(curves, result, s);
        chart_curves_end_panel(curves);
    }
    chart_curves_destroy(curves);
    return 0;
}

/* The knees, from the highest down. */
static void tell_knees(const json_t *result, const struct chart_series *series, size_t count,
                       char *buf, size_t size)
{
    char time[32];
    size_t used, told = 0;
    double below = INFINITY;

    used = (size_t)snprintf(
        buf, size, "%s stays under %s ", result_string(result, "sweep.slo.metric"),
        units_format_duration(result_number(result, "sweep.slo.bound_s") * 1e9, time, sizeof time));
    for (; told < 3 && used < size; told++) {
        const struct chart_series *next = NULL;
        double at = 0;

        for (size_t i = 0; i < count; i++) {
            double knee = result_number(chart_sweep_knee(result, &series[i]), "rate_per_s");

            if (knee < below && knee > at) {
                at = knee;
                next = &series[i];
            }
        }
        if (!next)
            break;
        used += (size_t)snprintf(
            buf + used, size - used, "%sup to %s%.0f/s under %s", told ? ", " : "",
            is_open_ended(chart_sweep_knee(result, next)) ? "at least " : "", at, next->label);
        below = at;
    }
    if (told == 0)
        buf[0] = '\0';
}

static void put_title(const json_t *result, const struct chart_series *series, size_t count,
                      char *buf, size_t size)
{
    static const char *const by[] = {"p99", "p90", "p50"};
    struct chart_extremes e;
    const struct metric *metric;
    char low[METRIC_TEXT], high[METRIC_TEXT];
    size_t k = 0, used;

    tell_knees(result, series, count, buf, size);
    if (*buf)
        return;
    while (k < 3 && !chart_sweep_extremes(series, count, metric_named(by[k]), &e))
        k++;
    if (k == 3) {
        snprintf(buf, size, "Latency by rate of arrivals");
        return;
    }
    metric = metric_named(by[k]);
    metric_cell_text(metric, e.best->points[e.best_at].cell, low, sizeof low);
    metric_cell_text(metric, e.worst->points[e.worst_at].cell, high, sizeof high);
    used = (size_t)snprintf(buf, size, "At %.5g/s %s latency is %s under %s", e.x, by[k], low,
                            e.best->label);
    if (e.best != e.worst && used < size)
        snprintf(buf + used, size - used, ", %s under %s", high, e.worst->label);
}

static bool has_theory(const struct chart_series *series, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < series[i].count; p++)
            if (*result_string(series[i].points[p].cell, "summary.theory.model"))
                return true;
    return false;
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_series *series;
    struct chart_subtitle subtitle = {.metric = metric_named("p99")};
    size_t count;
    char title[CHART_TEXT_MAX], what[CHART_TEXT_MAX];
    int status;

    if (chart_series(result, "rate", is_open, &series, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = chart_series_widest(series, count, &subtitle.left_out);
    count = count < CHART_PANELS_MAX ? count : CHART_PANELS_MAX;
    if (chart_sweep_needs(result, "rate", series, count)) {
        free(series);
        return err_set(err, -ENODATA, "no job was measured at two rates of arrivals or more");
    }
    put_title(result, series, count, title, sizeof title);
    snprintf(what, sizeof what,
             "%s: latency from the intended time against the rate of arrivals, both log scale",
             series[0].work);
    subtitle.what = what;
    subtitle.rest = has_theory(series, count)
                        ? "lower and further right is better. Thin black: what queueing theory "
                          "predicts, up to capacity."
                        : "lower and further right is better.";
    status = put_panels(data, result, series, count);
    if (status == 0)
        status = chart_series_headings(data, result, series, count, title, &subtitle);
    free(series);
    return status < 0 ? err_set(err, status, "out of memory") : 0;
}

const struct chart chart_rate = {
    .name = "rate",
    .summary = "latency against the rate of arrivals, beside what theory predicts",
    .script = "plots/rate.gp",
    .extract = extract,
};
