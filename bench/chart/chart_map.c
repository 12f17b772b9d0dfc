#include "chart/chart_crossover.h"

#include "chart/chart_load.h"
#include "chart/chart_series.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct map {
    const json_t *result;
    struct chart_axis axis[2];
    const json_t *values[2];
    size_t size[2];
    const struct metric *metric;
    char work[CHART_WORK_MAX];
    struct chart_group *points; /* size[0] * size[1] */
};

bool chart_map_applies(const json_t *result, size_t axes[2])
{
    size_t found = 0;

    for (size_t a = 0; a < chart_axes_count(result) && found < 2; a++)
        if (json_array_size(chart_axes_values(result, a)) > 1)
            axes[found++] = a;
    return found == 2;
}

static double value_at(const struct map *m, size_t axis, size_t index)
{
    return json_number_value(json_array_get(m->values[axis], index));
}

/* Is the cell at that place? An axis that makes no difference to it, it has no value on. */
static bool is_at(const struct map *m, const json_t *cell, size_t axis, size_t index)
{
    double own = chart_axis_value(cell, m->axis[axis].name);

    return isnan(own) || own == value_at(m, axis, index);
}

static void collect(struct map *m)
{
    const char *const names[] = {m->axis[0].name, m->axis[1].name, NULL};
    const json_t *cells = json_object_get(m->result, "cells"), *cell;
    char work[CHART_WORK_MAX];
    size_t i;

    json_array_foreach(cells, i, cell)
    {
        chart_work(cell, names, work, sizeof work);
        if (!*m->work)
            snprintf(m->work, sizeof m->work, "%s", work);
        if (strcmp(work, m->work) != 0)
            continue;
        for (size_t p = 0; p < m->size[0] * m->size[1]; p++) {
            struct chart_group *group = &m->points[p];

            if (group->count < CHART_GROUP_CELLS && is_at(m, cell, 0, p % m->size[0]) &&
                is_at(m, cell, 1, p / m->size[0]))
                group->cells[group->count++] = cell;
        }
    }
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

/* A place with no valid value is shown as such. */
static void put_row(struct chart_data *data, const struct map *m, size_t p, const json_t *best,
                    bool tie, const char *name, const char *text)
{
    chart_data_number(data, (double)(p % m->size[0]) + 1);
    chart_data_number(data, (double)(p / m->size[0]) + 1);
    chart_data_text(data, best ? result_string(best, "model") : "");
    chart_data_number(data, best != NULL);
    chart_data_number(data, tie);
    chart_data_text(data, name);
    chart_data_text(data, text);
    chart_data_end_row(data);
}

static void put_point(struct chart_data *data, const struct map *m, size_t p)
{
    const struct chart_group *group = &m->points[p];
    const json_t *best = chart_best(group, m->metric), *winner;
    char name[CHART_LABEL_MAX], text[32];
    double ratio;
    bool counts;

    if (!best) {
        put_row(data, m, p, NULL, false, "no value", "–");
        return;
    }
    winner = chart_winner(group, m->metric, &counts);
    ratio = margin(group, best, m->metric);
    if (!counts)
        snprintf(text, sizeof text, "alone");
    else
        snprintf(text, sizeof text, ratio < 10 ? "%.2f×" : "%.0f×", ratio);
    put_row(data, m, p, best, winner == NULL,
            winner ? chart_cell_label(best, name, sizeof name) : "tie", text);
}

/* The models that win anywhere, in the order of their colours' legend: by first appearance. */
static void put_legend(struct chart_data *data, const struct map *m)
{
    const char *seen[CHART_GROUP_CELLS];
    size_t n = 0;

    for (size_t p = 0; p < m->size[0] * m->size[1]; p++) {
        const json_t *best = chart_best(&m->points[p], m->metric);
        size_t k = 0;

        while (best && k < n && strcmp(seen[k], result_string(best, "model")) != 0)
            k++;
        if (!best || k < n || n == CHART_GROUP_CELLS)
            continue;
        seen[n++] = result_string(best, "model");
        chart_data_set_text_at(data, "legend", n, seen[n - 1]);
    }
    chart_data_set_number(data, "legends", (double)n);
}

static void put_axis(struct chart_data *data, const struct map *m, size_t axis, const char *prefix)
{
    char name[32], text[64];

    snprintf(name, sizeof name, "%s_label", prefix);
    for (size_t i = 0; i < m->size[axis]; i++) {
        chart_axis_text(&m->axis[axis], value_at(m, axis, i), text, sizeof text);
        if (strcmp(m->axis[axis].kind, "count") == 0)
            text[strcspn(text, " ")] = '\0'; /* the axis' title says what is counted */
        chart_data_set_text_at(data, name, i + 1, text);
    }
    snprintf(name, sizeof name, "%s_title", prefix);
    chart_data_set_text(data, name, "%s", m->axis[axis].name);
    snprintf(name, sizeof name, "%s_count", prefix);
    chart_data_set_number(data, name, (double)m->size[axis]);
}

static void put_headings(struct chart_data *data, const struct map *m)
{
    size_t points = m->size[0] * m->size[1];
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], tally[256], loop[128], runs[128];

    chart_tally(m->points, points, m->metric, tally, sizeof tally);
    snprintf(title, sizeof title, "%s %s%s%s", m->metric->more_is_better ? "Highest" : "Lowest",
             m->metric->title, *tally ? " by point: " : " by model", tally);
    snprintf(subtitle, sizeof subtitle,
             "%s: the model with the %s %s at each point, and how much worse the next one is; %s; "
             "%s. Pale: a tie, as the intervals meet or the medians are within 2%%. Grey: no valid "
             "cell, "
             "or too few samples.",
             m->work, m->metric->more_is_better ? "highest" : "lowest", m->metric->title,
             chart_runs_text(m->points, points, m->metric, runs, sizeof runs),
             chart_load_loop(m->points, points, loop, sizeof loop));
    chart_headings(data, m->result, m->points, points, title, subtitle);
}

int chart_map_extract(const json_t *result, const size_t axes[2], struct chart_data *data,
                      struct err *err)
{
    struct map m = {.result = result, .metric = chart_metric_of(result)};
    size_t filled = 0, points;

    for (size_t i = 0; i < 2; i++) {
        m.axis[i] = chart_axis_of(result, chart_axes_name(result, axes[i]));
        m.values[i] = chart_axes_values(result, axes[i]);
        m.size[i] = json_array_size(m.values[i]);
    }
    points = m.size[0] * m.size[1];
    m.points = calloc(points, sizeof *m.points);
    if (!m.points)
        return err_set(err, -ENOMEM, "out of memory");
    collect(&m);
    chart_data_table(data, "map", "column row model known tie name text");
    for (size_t p = 0; p < points; p++) {
        filled += chart_best(&m.points[p], m.metric) != NULL;
        put_point(data, &m, p);
    }
    if (filled > 0) {
        put_legend(data, &m);
        put_axis(data, &m, 0, "x");
        put_axis(data, &m, 1, "y");
        put_headings(data, &m);
    }
    free(m.points);
    return filled > 0 ? 0 : err_set(err, -ENODATA, "no point of the sweep has a valid cell");
}
