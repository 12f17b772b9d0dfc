#include "chart/chart_sweep.h"

#include "result/result.h"

#include <math.h>
#include <string.h>

bool chart_sweep_needs(const json_t *result, const char *axis, const struct chart_series *series,
                       size_t count)
{
    size_t points = chart_series_points(series, count);

    for (size_t i = 0; i < chart_axes_count(result); i++)
        if (strcmp(chart_axes_name(result, i), axis) == 0)
            return points == 0;
    return points < 2;
}

/* Is the entry about the place on other axes at which the line was measured? Axes along which the
 * line itself runs do not count. */
static bool is_there(const json_t *entry, const struct chart_series *series)
{
    const json_t *place = json_object_get(entry, "where"), *value;
    const char *axis;

    json_object_foreach((json_t *)place, axis, value)
    {
        double first = chart_axis_value(series->points[0].cell, axis);
        double last = chart_axis_value(series->points[series->count - 1].cell, axis);

        if (json_is_number(value) && first == last && json_number_value(value) != first)
            return false;
    }
    return true;
}

static const json_t *find_entry(const json_t *result, const char *list,
                                const struct chart_series *series)
{
    const json_t *entries = json_object_get(json_object_get(result, "sweep"), list), *entry;
    const json_t *by_model = NULL;
    size_t i;

    json_array_foreach(entries, i, entry)
    {
        const char *model = result_string(entry, "model");

        if (series->count > 0 && !is_there(entry, series))
            continue;
        if (strcmp(model, series->label) == 0)
            return entry;
        if (strcmp(model, series->model) == 0)
            by_model = entry;
    }
    return by_model;
}

const json_t *chart_sweep_knee(const json_t *result, const struct chart_series *series)
{
    return find_entry(result, "knees", series);
}

const json_t *chart_sweep_law(const json_t *result, const struct chart_series *series)
{
    return find_entry(result, "scalability", series);
}

static bool counts(const struct chart_point *point, const struct metric *metric)
{
    return chart_cell_valid(point->cell) && chart_value(metric, point->cell).median > 0;
}

/* How many lines have a valid value at x. */
static size_t support(const struct chart_series *series, size_t count, const struct metric *metric,
                      double x)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < series[i].count; p++)
            n += series[i].points[p].x == x && counts(&series[i].points[p], metric);
    return n;
}

bool chart_sweep_extremes(const struct chart_series *series, size_t count,
                          const struct metric *metric, struct chart_extremes *out)
{
    size_t most = 0;
    double lowest = INFINITY, highest = 0;

    *out = (struct chart_extremes){.x = -INFINITY};
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < series[i].count; p++) {
            double x = series[i].points[p].x;
            size_t n = support(series, count, metric, x);

            if (n > most || (n > 0 && n == most && x > out->x)) {
                most = n;
                out->x = x;
            }
        }
    }
    for (size_t i = 0; most > 0 && i < count; i++) {
        for (size_t p = 0; p < series[i].count; p++) {
            const struct chart_point *point = &series[i].points[p];
            double value = chart_value(metric, point->cell).median;

            if (point->x != out->x || !counts(point, metric))
                continue;
            if (value < lowest) {
                lowest = value;
                out->best = &series[i];
                out->best_at = p;
            }
            if (value > highest) {
                highest = value;
                out->worst = &series[i];
                out->worst_at = p;
            }
        }
    }
    return most > 0;
}
