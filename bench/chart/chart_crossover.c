/* Crossover: where along one axis one model overtakes another. chart_map.c draws the document of a
 * sweep over two axes in its place. */
#include "base/text.h"
#include "chart/chart_curves.h"
#include "chart/chart_map.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PANELS_MAX 6

static bool any_cell(const json_t *cell)
{
    return json_is_object(json_object_get(cell, "summary"));
}

static const json_t *crossings(const json_t *result)
{
    return result_get(result, "sweep.crossovers");
}

static int prepare(struct chart_view *v, struct err *err)
{
    const json_t *first = json_array_get(crossings(v->result), 0);

    if (json_array_size(chart_axes(v->result)) == 0)
        return err_set(err, -ENODATA, "the document is not a sweep");
    if (chart_map_applies(v->result)) {
        v->chart = &chart_map;
        return chart_map.prepare(v, err);
    }
    if (!first)
        return err_set(err, -ENODATA, "no model overtakes another along the sweep's axis");
    v->axis = result_string(first, "axis");
    return 0;
}

/* The line of that label, or of that model. */
static const struct chart_series *find_line(const struct chart_view *v, const char *name)
{
    const struct chart_series *by_model = NULL;

    for (size_t i = 0; i < v->count; i++) {
        if (strcmp(v->series[i].label, name) == 0)
            return &v->series[i];
        if (!by_model && strcmp(v->series[i].model, name) == 0)
            by_model = &v->series[i];
    }
    return by_model;
}

/* "38% (33% to 44%)" */
static char *interval_text(const json_t *crossing, const struct chart_axis *axis, char *buf,
                           size_t size)
{
    char at[64], low[64], high[64];

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

/* A panel for the two models that cross; false when the document does not tell of both. */
static bool put_panel(struct chart_curves *curves, const struct chart_view *v,
                      const json_t *crossing, const struct chart_axis *axis)
{
    const struct chart_series *lines[] = {find_line(v, result_string(crossing, "from")),
                                          find_line(v, result_string(crossing, "to"))};
    const struct metric *metric = chart_crossing_metric(crossing);
    char title[2 * CHART_LABEL_MAX + 96], text[200], y_title[64];

    if (!lines[0] || !lines[1] || !metric)
        return false;
    snprintf(title, sizeof title, "%s, then %s", lines[0]->label, lines[1]->label);
    snprintf(y_title, sizeof y_title, "%s, log scale", metric->title);
    chart_curves_panel(curves, title, y_title);
    for (size_t i = 0; i < 2; i++) {
        chart_curves_series(curves, lines[i], metric, (struct chart_curve){0});
        chart_curves_theory(curves, lines[i], metric);
    }
    chart_curves_mark(curves, result_number(crossing, "at"), result_number(crossing, "ci_low"),
                      result_number(crossing, "ci_high"), true,
                      interval_text(crossing, axis, text, sizeof text));
    return true;
}

/* Shares, and what begins at 0 or spans little, are drawn on a linear axis. */
static bool is_linear(const json_t *result, const struct chart_axis *axis)
{
    const json_t *values = json_object_get(chart_axes_find(result, axis->name), "values");
    double lo = json_number_value(json_array_get(values, 0));
    double hi = json_number_value(json_array_get(values, json_array_size(values) - 1));

    return strcmp(axis->kind, "share") == 0 || !(lo > 0) || hi / lo < 5;
}

static bool put_panels(struct chart_view *v, struct chart_data *data)
{
    struct chart_axis axis = chart_axis_of(v->result, v->axis);
    bool linear = is_linear(v->result, &axis);
    struct chart_curves curves;
    const json_t *crossing;
    size_t i, panels = 0;
    char x_title[96];

    snprintf(x_title, sizeof x_title, "%s%s", v->axis, linear ? "" : ", log scale");
    chart_curves_begin(&curves, data,
                       &(struct chart_curves_axes){.x_title = x_title,
                                                   .x_kind = axis.kind,
                                                   .x_linear = linear,
                                                   .y_kind = chart_kind(v->metric)});
    json_array_foreach(crossings(v->result), i, crossing)
    {
        if (panels < PANELS_MAX && strcmp(result_string(crossing, "axis"), v->axis) == 0)
            panels += put_panel(&curves, v, crossing, &axis);
    }
    if (panels > 1)
        snprintf(v->note, sizeof v->note, " (and %zu more)", panels - 1);
    return chart_curves_end(&curves);
}

/* The document's own sentence about its first crossing. */
static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    const json_t *crossing = json_array_get(crossings(v->result), 0);
    const char *sentence = result_string(crossing, "sentence");

    if (*sentence)
        text_add(buf, size, "%.300s%s", sentence, v->note);
    else
        text_add(buf, size, "%s overtakes %s%s", result_string(crossing, "to"),
                 result_string(crossing, "from"), v->note);
}

const struct chart chart_crossover = {
    .name = "crossover",
    .summary = "where one model overtakes another along a sweep, or a map of who is best",
    .form = "curves",
    .shows = any_cell,
    .keep = CHART_WIDEST,
    .prepare = prepare,
    .put = put_panels,
    .title = put_title,
    .subtitle =
        "{work}: {metric} against {axis}; {runs}; {loop}; {better} is better. Red: the "
        "crossing and its 95% interval. Thin: theory, where there is one, " CHART_THEORY_LEFT_OUT
        ".",
    .left_out = "Other jobs and loads",
    .missing = "no model is seen to overtake another",
};
