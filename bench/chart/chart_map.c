#include "chart/chart_map.h"

#include "base/text.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

    json_array_foreach(chart_axes(result), i, axis)
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

bool chart_map_applies(const json_t *result)
{
    struct map m;

    return find_axes(result, &m);
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

            if (group->count < CHART_GROUP_CELLS && is_at(m, cell, 0, p % m->size[0]) &&
                is_at(m, cell, 1, p / m->size[0]))
                group->cells[group->count++] = cell;
        }
    }
}

static int prepare(struct chart_view *v, struct err *err)
{
    struct map m;

    (void)err;
    find_axes(v->result, &m);
    v->count = m.size[0] * m.size[1];
    v->groups = calloc(v->count, sizeof *v->groups);
    if (!v->groups)
        return -ENOMEM;
    collect(v, &m);
    return 0;
}

/* How much worse the best of the others is, as a ratio; NAN when there is none. */
static double margin(const struct chart_group *group, const json_t *best,
                     const struct metric *metric)
{
    double own = chart_value(metric, best).median, least = INFINITY;

    for (size_t c = 0; c < group->count; c++) {
        double other = chart_value(metric, group->cells[c]).median;

        if (group->cells[c] != best && chart_cell_valid(group->cells[c]))
            least = fmin(least, metric->more_is_better ? own / other : other / own);
    }
    return isfinite(least) ? least : (double)NAN;
}

/* A place with no valid value is shown as such. Returns whether there is one. */
static bool put_point(struct chart_data *data, const struct chart_view *v, size_t columns, size_t p)
{
    const struct chart_group *group = &v->groups[p];
    const json_t *best = chart_best(group, v->metric), *winner = NULL;
    char name[CHART_LABEL_MAX] = "no value", text[32] = "–";
    bool counts;

    if (best) {
        double ratio = margin(group, best, v->metric);

        winner = chart_winner(group, v->metric, &counts);
        if (!counts)
            snprintf(text, sizeof text, "alone");
        else
            snprintf(text, sizeof text, ratio < 10 ? "%.2f×" : "%.0f×", ratio);
        if (winner)
            result_label(best, name, sizeof name);
        else
            snprintf(name, sizeof name, "tie");
    }
    CHART_ROW(data, CHART_N(p % columns + 1), CHART_N(p / columns + 1),
              CHART_T(result_string(best, "model")), CHART_N(best != NULL),
              CHART_N(best && !winner), CHART_T(name), CHART_T(text));
    return best != NULL;
}

/* The models that are best anywhere, by first appearance. */
static void put_legend(struct chart_data *data, const struct chart_view *v)
{
    const char *seen[CHART_GROUP_CELLS];
    size_t n = 0;

    for (size_t p = 0; p < v->count; p++) {
        const json_t *best = chart_best(&v->groups[p], v->metric);
        size_t k = 0;

        while (best && k < n && strcmp(seen[k], result_string(best, "model")) != 0)
            k++;
        if (!best || k < n || n == CHART_GROUP_CELLS)
            continue;
        seen[n++] = result_string(best, "model");
        chart_data_text_at(data, "legend", n, "%s", seen[n - 1]);
    }
    chart_data_number(data, "legends", (double)n);
}

static void put_axis(struct chart_data *data, const struct map *m, size_t axis)
{
    static const char *const names[][3] = {{"x_label", "x_title", "x_count"},
                                           {"y_label", "y_title", "y_count"}};
    char text[64];

    for (size_t i = 0; i < m->size[axis]; i++) {
        chart_axis_text(&m->axis[axis], value_at(m, axis, i), text, sizeof text);
        if (strcmp(m->axis[axis].kind, "count") == 0)
            text[strcspn(text, " ")] = '\0'; /* the axis' title says what is counted */
        chart_data_text_at(data, names[axis][0], i + 1, "%s", text);
    }
    chart_data_text(data, names[axis][1], "%s", m->axis[axis].name);
    chart_data_number(data, names[axis][2], (double)m->size[axis]);
}

static bool put_map(struct chart_view *v, struct chart_data *data)
{
    bool any = false;
    struct map m;

    find_axes(v->result, &m);
    chart_data_table(data, "map", "column row model known tie name text");
    for (size_t p = 0; p < v->count; p++)
        any = put_point(data, v, m.size[0], p) || any;
    put_legend(data, v);
    put_axis(data, &m, 0);
    put_axis(data, &m, 1);
    return any;
}

static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    char tally[256];

    chart_tally(v->groups, v->count, v->metric, tally, sizeof tally);
    text_add(buf, size, "%s %s%s%s", v->metric->more_is_better ? "Highest" : "Lowest",
             v->metric->title, *tally ? " by point: " : " by model", tally);
}

const struct chart chart_map = {
    .name = "crossover",
    .form = "map",
    .prepare = prepare,
    .put = put_map,
    .title = put_title,
    .subtitle = "{note}: the model with the {best} {metric} at each point, and how much worse the "
                "next one is; {runs}; {loop}. Pale: a tie, as the intervals meet or the medians "
                "are within 2%. Grey: no valid cell, or too few samples.",
    .missing = "no point of the sweep has a valid cell",
};
