/* Crossover: where along one axis one model overtakes another, or who is best at every point of
 * two.
 */
#include "chart/chart_crossover.h"

#include "chart/chart.h"
#include "chart/chart_curves.h"
#include "chart/chart_series.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANELS_MAX 6

static bool any_cell(const json_t *cell)
{
    return json_is_object(json_object_get(cell, "summary"));
}

static const json_t *crossings(const json_t *result)
{
    return json_object_get(json_object_get(result, "sweep"), "crossovers");
}

/* The line of that label, or of that model. */
static const struct chart_series *find_line(const struct chart_series *series, size_t count,
                                            const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(series[i].label, name) == 0)
            return &series[i];
    for (size_t i = 0; i < count; i++)
        if (strcmp(series[i].model, name) == 0)
            return &series[i];
    return NULL;
}

static void put_line(struct chart_curves *curves, const struct chart_series *s,
                     const struct chart_axis *axis, const struct metric *metric)
{
    char text[48] = "";

    chart_curves_line(curves, CHART_MEASURED, s->points[0].cell);
    chart_curves_look(curves, s->label, 0, CHART_OWN_DASH);
    for (size_t p = 0; p < s->count; p++) {
        struct metric_value v = chart_value(metric, s->points[p].cell);

        chart_curves_cell_point(curves, axis->scale * s->points[p].x, s->points[p].cell, &v);
        if (v.median > 0 && chart_cell_valid(s->points[p].cell))
            metric_cell_text(metric, s->points[p].cell, text, sizeof text);
    }
    chart_curves_end_line(curves, text);
    chart_curves_line(curves, CHART_THEORY, s->points[0].cell);
    for (size_t p = 0; p < s->count; p++)
        chart_curves_point(curves, axis->scale * s->points[p].x,
                           chart_theory(metric, s->points[p].cell), 0, 0);
    chart_curves_end_line(curves, "");
}

static char *interval_text(const json_t *crossing, const struct chart_axis *axis, char *buf,
                           size_t size)
{
    char at[48], low[48], high[48];

    chart_axis_text(axis, result_number(crossing, "at"), at, sizeof at);
    chart_axis_text(axis, result_number(crossing, "ci_low"), low, sizeof low);
    chart_axis_text(axis, result_number(crossing, "ci_high"), high, sizeof high);
    if (strcmp(axis->kind, "count") == 0)
        low[strcspn(low, " ")] = '\0'; /* "6 to 7 clients" */
    if (isnan(result_number(crossing, "ci_low")))
        snprintf(buf, size, "%s", at);
    else
        snprintf(buf, size, "%s (%s to %s)", at, low, high);
    return buf;
}

static bool put_panel(struct chart_curves *curves, const json_t *crossing,
                      const struct chart_axis *axis, const struct chart_series *series,
                      size_t count)
{
    const struct chart_series *from = find_line(series, count, result_string(crossing, "from"));
    const struct chart_series *to = find_line(series, count, result_string(crossing, "to"));
    const struct metric *metric = chart_metric_titled(result_string(crossing, "metric"));
    double at = axis->scale * result_number(crossing, "at");
    char title[2 * CHART_LABEL_MAX + 96], text[160], y_title[64];

    if (!from || !to || !metric)
        return false;
    snprintf(title, sizeof title, "%s, then %s", from->label, to->label);
    snprintf(y_title, sizeof y_title, "%s, log scale", metric->title);
    chart_curves_panel(curves, title, y_title);
    put_line(curves, from, axis, metric);
    put_line(curves, to, axis, metric);
    chart_curves_mark(curves, at, axis->scale * result_number(crossing, "ci_low"),
                      axis->scale * result_number(crossing, "ci_high"), true,
                      interval_text(crossing, axis, text, sizeof text));
    chart_curves_end_panel(curves);
    return true;
}

/* Shares, and what begins at 0 or spans little, are drawn on a linear axis. */
static bool is_linear(const json_t *result, const struct chart_axis *axis)
{
    for (size_t a = 0; a < chart_axes_count(result); a++) {
        const json_t *values = chart_axes_values(result, a);
        double lo = json_number_value(json_array_get(values, 0));
        double hi = json_number_value(json_array_get(values, json_array_size(values) - 1));

        if (strcmp(chart_axes_name(result, a), axis->name) == 0)
            return strcmp(axis->kind, "share") == 0 || !(lo > 0) || hi / lo < 5;
    }
    return false;
}

static int put_panels(struct chart_data *data, const json_t *result, const struct chart_axis *axis,
                      const struct chart_series *series, size_t count, size_t *panels)
{
    struct chart_curves *curves = chart_curves_create(data);
    const json_t *crossing;
    bool linear = is_linear(result, axis);
    size_t i;

    if (!curves)
        return -ENOMEM;
    if (linear)
        chart_curves_linear_x(curves);
    json_array_foreach(crossings(result), i, crossing)
    {
        if (*panels < PANELS_MAX && strcmp(result_string(crossing, "axis"), axis->name) == 0)
            *panels += put_panel(curves, crossing, axis, series, count);
    }
    if (chart_curves_lines(curves) == 0)
        *panels = 0;
    chart_curves_destroy(curves);
    chart_data_set_text(data, "x_kind", "%s", axis->kind);
    chart_data_set_text(data, "x_title", "%s%s", axis->name, linear ? "" : ", log scale");
    chart_data_set_text(data, "y_kind", "%s", chart_kind(chart_metric_of(result)));
    return 0;
}

/* The document's own sentence about its first crossing. */
static void put_title(const json_t *result, size_t panels, char *buf, size_t size)
{
    const json_t *crossing = json_array_get(crossings(result), 0);
    const char *sentence = result_string(crossing, "sentence");
    char more[48] = "";

    if (panels > 1)
        snprintf(more, sizeof more, " (and %zu more)", panels - 1);
    if (*sentence)
        snprintf(buf, size, "%.300s%s", sentence, more);
    else
        snprintf(buf, size, "%s overtakes %s%s", result_string(crossing, "to"),
                 result_string(crossing, "from"), more);
}

static int extract_curves(const json_t *result, const char *axis_name, struct chart_data *data,
                          struct err *err)
{
    struct chart_axis axis = chart_axis_of(result, axis_name);
    const struct metric *metric = chart_metric_of(result);
    struct chart_series *series;
    struct chart_subtitle subtitle = {.metric = metric};
    size_t count, panels = 0;
    char title[CHART_TEXT_MAX], what[CHART_TEXT_MAX], better[128];
    int status;

    if (chart_series(result, axis_name, any_cell, &series, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = chart_series_widest(series, count, &subtitle.left_out);
    status = put_panels(data, result, &axis, series, count, &panels);
    if (status == 0 && panels == 0) {
        free(series);
        return err_set(err, -ENODATA, "no model is seen to overtake another");
    }
    put_title(result, panels, title, sizeof title);
    snprintf(what, sizeof what, "%s: %s against %s", series[0].work, metric->title, axis_name);
    snprintf(better, sizeof better,
             "%s is better. Red: the crossing and its 95%% interval. Thin: "
             "theory, where there is one.",
             metric->more_is_better ? "higher" : "lower");
    subtitle.what = what;
    subtitle.rest = better;
    if (status == 0)
        status = chart_series_headings(data, result, series, count, title, &subtitle);
    free(series);
    return status < 0 ? err_set(err, status, "out of memory") : 0;
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    const json_t *first = json_array_get(crossings(result), 0);
    size_t axes[2];

    if (chart_axes_count(result) == 0)
        return err_set(err, -ENODATA, "the document is not a sweep");
    if (chart_map_applies(result, axes)) {
        chart_data_set_number(data, "map", 1);
        return chart_map_extract(result, axes, data, err);
    }
    chart_data_set_number(data, "map", 0);
    if (!first)
        return err_set(err, -ENODATA, "no model overtakes another along the sweep's axis");
    return extract_curves(result, result_string(first, "axis"), data, err);
}

const struct chart chart_crossover = {
    .name = "crossover",
    .summary = "where one model overtakes another along a sweep, or a map of who is best",
    .script = "plots/crossover.gp",
    .extract = extract,
};
