/* Crossover: where along one axis one model overtakes another; of a sweep over two axes a map of
 * the model that is best at each point. */
#include "base/text.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANELS_MAX 6

/* ---- A map over two axes ---- */

/* The two axes: x and y. */
struct map {
    struct chart_axis axis[2];
    const json_t *values[2];
    size_t size[2];
};

/* The document's first two axes of several values; false when it has fewer. */
static bool find_axes(const json_t *result, struct map *m)
{
    const json_t *axis;
    size_t i, found = 0;

    json_array_foreach(result_get(result, "sweep.axes"), i, axis)
    {
        const json_t *values = json_object_get(axis, "values");

        if (json_array_size(values) < 2 || found == 2)
            continue;
        m->axis[found] = chart_axis_of(result, result_string(axis, "name"));
        m->values[found] = values;
        m->size[found++] = json_array_size(values);
    }
    return found == 2;
}

static double value_at(const struct map *m, size_t axis, size_t index)
{
    return json_number_value(json_array_get(m->values[axis], index));
}

/* Is the cell at that place? A cell to which an axis makes no difference has no value on it. */
static bool is_at(const struct map *m, const json_t *cell, size_t axis, size_t index)
{
    double own = chart_axis_value(cell, m->axis[axis].name);

    return isnan(own) || own == value_at(m, axis, index);
}

/* Collect the cells of each point, column by column, that do the work of the first cell. */
static void collect(struct chart_view *v, const struct map *m)
{
    const char *const names[] = {m->axis[0].name, m->axis[1].name, NULL};
    const json_t *cell;
    char work[CHART_WORK_MAX];
    size_t i;

    json_array_foreach(json_object_get(v->result, "cells"), i, cell)
    {
        chart_work(cell, names, work, sizeof work);
        if (!*v->note)
            snprintf(v->note, sizeof v->note, "%s", work);
        if (strcmp(work, v->note) != 0)
            continue;
        for (size_t p = 0; p < v->count; p++) {
            struct chart_group *group = &v->groups[p];

            if (is_at(m, cell, 0, p % m->size[0]) && is_at(m, cell, 1, p / m->size[0]))
                chart_group_add(group, cell);
        }
    }
}

/* 0 or -ENOMEM. */
static int prepare_map(struct chart_view *v, const struct map *m)
{
    v->count = m->size[0] * m->size[1];
    v->groups = v->all.of = calloc(v->count, sizeof *v->groups);
    v->all.lines = calloc(v->count * CHART_GROUP_CELLS, sizeof *v->all.lines);
    if (!v->groups || !v->all.lines)
        return -ENOMEM;
    for (size_t p = 0; p < v->count; p++)
        v->groups[p].lines = &v->all.lines[p * CHART_GROUP_CELLS];
    collect(v, m);
    return 0;
}

/* The models that are first anywhere, by first appearance. */
struct legend {
    const char *models[CHART_GROUP_CELLS];
    size_t count;
};

static void add_legend(struct legend *legend, const char *model)
{
    for (size_t i = 0; i < legend->count; i++)
        if (strcmp(legend->models[i], model) == 0)
            return;
    if (legend->count < CHART_GROUP_CELLS)
        legend->models[legend->count++] = model;
}

/* How much worse the next of the ranking is. */
static char *margin_text(const struct ranking *r, char *buf, size_t size)
{
    double ratio = r->valid > 1 ? r->cells[1].median_s / r->cells[0].median_s : 1;

    ratio = fmax(ratio, 1 / ratio);
    if (r->valid < 2)
        snprintf(buf, size, "%s", r->valid ? "alone" : "–");
    else
        snprintf(buf, size, ratio < 10 ? "%.2f×" : "%.0f×", ratio);
    return buf;
}

/* What stands at that place of an axis. */
static char *label_at(const struct map *m, size_t axis, size_t index, char *buf, size_t size)
{
    chart_axis_text(&m->axis[axis], value_at(m, axis, index), buf, size);
    if (strcmp(m->axis[axis].kind, "count") == 0)
        buf[strcspn(buf, " ")] = '\0'; /* the axis' title says what is counted */
    return buf;
}

/* A place with no valid value is shown as such. Returns whether there is one. */
static bool put_point(struct chart_data *data, const struct chart_view *v, const struct map *m,
                      size_t p, struct legend *legend)
{
    size_t x = p % m->size[0], y = p / m->size[0];
    const char *name = "no value", *model = "";
    char text[32], at_x[64], at_y[64], hover[CHART_HOVER_MAX];
    struct ranking r;
    bool known, tie;

    if (chart_rank_group(&r, &v->groups[p], v->metric, NULL) < 0)
        return false;
    known = r.valid > 0;
    tie = r.valid > 1 && (r.tied > 1 || !r.told);
    if (known) {
        model = result_string(r.cells[0].cell, "model");
        name = tie ? "tie" : r.cells[0].label;
        add_legend(legend, model);
    }
    margin_text(&r, text, sizeof text);
    snprintf(hover, sizeof hover, "%s %s, %s %s: %s, %s", m->axis[0].name,
             label_at(m, 0, x, at_x, sizeof at_x), m->axis[1].name,
             label_at(m, 1, y, at_y, sizeof at_y), name, text);
    CHART_ROW(data, CHART_N(x + 1), CHART_N(y + 1), CHART_T(model), CHART_N(known), CHART_N(tie),
              CHART_T(name), CHART_T(text), CHART_T(hover));
    ranking_deinit(&r);
    return known;
}

static void put_axis(struct chart_data *data, const struct map *m, size_t axis)
{
    static const char *const names[][3] = {{"x_label", "x_title", "x_count"},
                                           {"y_label", "y_title", "y_count"}};
    char text[64];

    for (size_t i = 0; i < m->size[axis]; i++)
        chart_data_text_at(data, names[axis][0], i + 1, "%s",
                           label_at(m, axis, i, text, sizeof text));
    chart_data_text(data, names[axis][1], "%s", m->axis[axis].name);
    chart_data_number(data, names[axis][2], (double)m->size[axis]);
}

static bool put_map(struct chart_view *v, struct chart_data *data)
{
    struct legend legend = {.count = 0};
    bool any = false;
    struct map m;

    find_axes(v->result, &m);
    chart_data_table(data, "map", "column row model known tie name text hover");
    for (size_t p = 0; p < v->count; p++)
        any = put_point(data, v, &m, p, &legend) || any;
    for (size_t i = 0; i < legend.count; i++)
        chart_data_text_at(data, "legend", i + 1, "%s", legend.models[i]);
    chart_data_number(data, "legends", (double)legend.count);
    put_axis(data, &m, 0);
    put_axis(data, &m, 1);
    return any;
}

static const struct chart map = {
    .name = "crossover",
    .form = "map",
    .put = put_map,
    .finding = "The {best} {metric} by point: {tally}",
    .subtitle = "{note}: the model with the {best} {metric} at each point, and how much worse the "
                "next one is; {runs}; {loop}. Pale: a tie by the rank-sum test, or too few runs "
                "for it. Grey: no valid cell, or too few samples.",
    .missing = "no point of the sweep has a valid cell",
};

/* ---- Lines over one axis ---- */

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
    struct map m;

    if (json_array_size(result_get(v->result, "sweep.axes")) == 0)
        return err_set(err, -ENODATA, "the document is not a sweep");
    if (find_axes(v->result, &m)) {
        v->chart = &map;
        return prepare_map(v, &m);
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

    for (size_t i = 0; i < v->groups->count; i++) {
        if (strcmp(v->groups->lines[i].label, name) == 0)
            return &v->groups->lines[i];
        if (!by_model && strcmp(v->groups->lines[i].model, name) == 0)
            by_model = &v->groups->lines[i];
    }
    return by_model;
}

/* "38% (33% to 44%)" */
static char *interval_text(const json_t *crossing, const struct chart_axis *axis, char *buf,
                           size_t size)
{
    static const char *const keys[] = {"at", "ci_low", "ci_high"};
    char text[3][64];

    for (size_t i = 0; i < 3; i++) {
        double value = result_number(crossing, keys[i]);

        if (strcmp(axis->kind, "count") == 0)
            value = round(value);
        chart_axis_text(axis, value, text[i], sizeof text[i]);
        if (i < 2 && strcmp(axis->kind, "count") == 0 && !isnan(result_number(crossing, "ci_low")))
            text[i][strcspn(text[i], " ")] = '\0'; /* "5 (4 to 16 clients)" */
    }
    if (isnan(result_number(crossing, "ci_low")))
        snprintf(buf, size, "%s", text[0]);
    else
        snprintf(buf, size, "%s (%s to %s)", text[0], text[1], text[2]);
    return buf;
}

/* A panel for the two models that cross; false when the document does not tell of both. */
static bool put_panel(struct chart_curves *curves, const struct chart_view *v,
                      const json_t *crossing, const struct chart_axis *axis)
{
    const struct chart_series *lines[] = {find_line(v, result_string(crossing, "from")),
                                          find_line(v, result_string(crossing, "to"))};
    const struct metric *metric = chart_crossing_metric(crossing);
    char title[2 * CHART_LABEL_MAX + 96], text[200];

    if (!lines[0] || !lines[1] || !metric)
        return false;
    snprintf(title, sizeof title, "%s, then %s", lines[0]->label, lines[1]->label);
    chart_curves_panel(curves, title, metric->title);
    for (size_t i = 0; i < 2; i++) {
        chart_curves_series(curves, lines[i], metric, (struct chart_curve){0});
        chart_curves_theory(curves, lines[i], metric, "theory");
    }
    chart_curves_mark(curves, result_number(crossing, "at"), result_number(crossing, "ci_low"),
                      result_number(crossing, "ci_high"), true,
                      interval_text(crossing, axis, text, sizeof text));
    return true;
}

/* The axis is as the sweep went over it, where it can be; a linear one spans little, or begins at
 * 0. */
static bool is_linear(const json_t *result, const char *name)
{
    const json_t *axis = chart_axes_find(result, name), *values = json_object_get(axis, "values");
    const json_t *log = json_object_get(axis, "log");
    double lo = json_number_value(json_array_get(values, 0));
    double hi = json_number_value(json_array_get(values, json_array_size(values) - 1));

    return !(lo > 0) || hi / lo < 5 || json_is_false(log);
}

static bool put_panels(struct chart_view *v, struct chart_data *data)
{
    struct chart_axis axis = chart_axis_of(v->result, v->axis);
    bool linear = is_linear(v->result, v->axis);
    struct chart_curves curves;
    const json_t *crossing;
    size_t i, panels = 0;
    char x_title[96];

    snprintf(x_title, sizeof x_title, "%s%s", v->axis, linear ? "" : ", log scale");
    chart_curves_begin(&curves, data,
                       &(struct chart_curves_axes){.x_name = v->axis,
                                                   .x_title = x_title,
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
    .choice = {.shows = any_cell},
    .better = chart_more_points,
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
