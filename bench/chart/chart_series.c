#include "chart/chart_series.h"

#include "base/text.h"
#include "base/units.h"
#include "job/job.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(const char *text, const char *const *list)
{
    for (; list && *list; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

/* ---- Axes ---- */

const json_t *chart_axes(const json_t *result)
{
    return result_get(result, "sweep.axes");
}

const json_t *chart_axes_find(const json_t *result, const char *name)
{
    const json_t *axis;
    size_t i;

    json_array_foreach(chart_axes(result), i, axis)
    {
        if (strcmp(result_string(axis, "name"), name) == 0)
            return axis;
    }
    return NULL;
}

double chart_axis_value(const json_t *cell, const char *axis)
{
    static const struct {
        const char *axis, *path;
    } own[] = {
        {"rate", "load.rate_per_s"}, {"clients", "load.clients"},
        {"poison", "load.poison"},   {"jobs", "jobs"},
        {"threads", "threads"},
    };
    const json_t *point = json_object_get(json_object_get(cell, "point"), axis);

    if (json_is_number(point))
        return json_number_value(point);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i].axis, axis) == 0)
            return result_number(cell, own[i].path);
    return NAN;
}

struct chart_axis chart_axis_of(const json_t *result, const char *name)
{
    static const char *const kinds[][2] = {{"s", "time"}, {"bytes", "size"}, {"share", "share"}};
    const json_t *axis = chart_axes_find(result, name);
    const char *unit = axis                          ? result_string(axis, "unit")
                       : strcmp(name, "poison") == 0 ? "share"
                                                     : "";

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(unit, kinds[i][0]) == 0)
            return (struct chart_axis){name, kinds[i][1]};
    return (struct chart_axis){name, "count"};
}

char *chart_axis_text(const struct chart_axis *axis, double value, char *buf, size_t size)
{
    char number[32];

    if (strcmp(axis->kind, "share") == 0)
        snprintf(buf, size, "%.3g%%", 100 * value);
    else if (strcmp(axis->kind, "time") == 0)
        units_format_duration(value * 1e9, buf, size);
    else if (strcmp(axis->kind, "size") == 0)
        units_format_size(value, buf, size);
    else if (strcmp(axis->name, "rate") == 0)
        snprintf(buf, size, value < 100 ? "%.3g/s" : "%.0f/s", value);
    else if (value == floor(value) && value < 1e15)
        snprintf(buf, size, "%s %s", units_format_count((uint64_t)value, number, sizeof number),
                 axis->name);
    else
        snprintf(buf, size, "%.3g %s", value, axis->name);
    return buf;
}

/* ---- Lines ---- */

/* What a job's parameter is called that is an axis: "job.delay" is its delay. */
static const char *param_of(const char *axis)
{
    return strncmp(axis, "job.", 4) == 0 ? axis + 4 : axis;
}

/* Is a text that begins with a parameter's name about an axis? */
static bool is_axis_of(const char *param, const char *const *axes)
{
    for (; *axes; axes++) {
        const char *name = param_of(*axes);
        size_t len = strlen(name);

        if (strncmp(param, name, len) == 0 && (param[len] == '=' || param[len] == '\0'))
            return true;
    }
    return false;
}

/* The first parameter of a job's type says the most of it, and a spec leaves it out when it is the
 * default. Nothing when the type is not known, or has none. */
static void add_first_param(const json_t *cell, const char *const *axes, char *buf, size_t size)
{
    char text[32];

    for (size_t i = 0; i < job_types_count; i++) {
        const struct job_type *type = job_types[i];
        double value;

        if (strcmp(type->name, result_string(cell, "job")) != 0 || type->n_params == 0)
            continue;
        value = result_number(json_object_get(cell, "params"), type->params[0].name);
        if (value >= 0 && !is_axis_of(type->params[0].name, axes))
            text_add(buf, size, ":%s=%s", type->params[0].name,
                     param_format(&type->params[0], (uint64_t)value, NULL, text, sizeof text));
    }
}

/* The spec without the parameters that are axes: they differ from point to point. */
static void add_spec(const char *spec, const char *const *axes, char *buf, size_t size)
{
    size_t name = strcspn(spec, ":");
    const char *params = spec[name] ? spec + name : NULL;

    text_add(buf, size, "%.*s", (int)name, spec);
    for (char sep = ':'; params;) {
        const char *param = params + 1, *end = param + strcspn(param, ",");

        if (!is_axis_of(param, axes)) {
            text_add(buf, size, "%c%.*s", sep, (int)(end - param), param);
            sep = ',';
        }
        params = *end ? end : NULL;
    }
}

char *chart_load_text(const json_t *cell, const char *const *axes, char *buf, size_t size)
{
    unsigned kind = metric_cells_of(cell);
    double poison = result_number(cell, "load.poison"), limit = result_number(cell, "load.limit");
    char count[32];

    buf[0] = '\0';
    if (kind & METRIC_OPEN && !is_one_of("rate", axes))
        text_add(buf, size, " @ %.5g/s", result_number(cell, "load.rate_per_s"));
    if (kind & METRIC_BATCH && !is_one_of("jobs", axes))
        text_add(buf, size, " × %s",
                 units_format_count((uint64_t)result_number(cell, "jobs"), count, sizeof count));
    if (kind & METRIC_CLOSED && !is_one_of("clients", axes))
        text_add(buf, size, ", %.0f clients", result_number(cell, "load.clients"));
    if (poison > 0 && !is_one_of("poison", axes))
        text_add(buf, size, ", poison %.3g%%", 100 * poison);
    if (limit > 0 && !is_one_of("limit", axes))
        text_add(buf, size, ", limit %.0f", limit);
    return buf;
}

/* Where the cell is on axes that neither its load, nor its label, nor its spec tell of. */
static void add_rest(const json_t *cell, const char *const *axes, char *buf, size_t size)
{
    static const char *const told[] = {"rate",    "clients", "poison", "jobs",
                                       "threads", "limit",   NULL};
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(cell, "point"), name, value)
    {
        char param[CHART_LABEL_MAX];

        snprintf(param, sizeof param, "%.40s=", param_of(name));
        if (json_is_number(value) && !is_one_of(name, axes) && !is_one_of(name, told) &&
            !strstr(result_string(cell, "spec"), param))
            text_add(buf, size, ", %.40s %.4g", param_of(name), json_number_value(value));
    }
}

char *chart_work(const json_t *cell, const char *const *axes, char *buf, size_t size)
{
    char load[CHART_WORK_MAX / 2];

    buf[0] = '\0';
    add_spec(result_string(cell, "spec"), axes, buf, size / 2);
    if (!strchr(result_string(cell, "spec"), ':'))
        add_first_param(cell, axes, buf, size / 2);
    text_add(buf, size, "%s", chart_load_text(cell, axes, load, sizeof load));
    add_rest(cell, axes, buf, size);
    return buf;
}

/* Points by rising x; of two at the same place the first one counts. */
static void add_point(struct chart_series *s, double x, const json_t *cell)
{
    size_t at = s->count;

    for (size_t i = 0; i < s->count; i++)
        if (s->points[i].x == x)
            return;
    if (s->count == CHART_SERIES_POINTS)
        return;
    for (; at > 0 && s->points[at - 1].x > x; at--)
        s->points[at] = s->points[at - 1];
    s->points[at] = (struct chart_point){x, cell};
    s->count++;
}

/* The line of that work and label; a new one goes behind the others of its work. NULL when there
 * are too many. */
static struct chart_series *find_line(struct chart_series *series, size_t *count,
                                      const struct chart_series *wanted)
{
    size_t behind = *count;

    for (size_t i = 0; i < *count; i++) {
        if (strcmp(series[i].work, wanted->work) != 0)
            continue;
        if (strcmp(series[i].label, wanted->label) == 0)
            return &series[i];
        behind = i + 1;
    }
    if (*count == CHART_SERIES_MAX)
        return NULL;
    memmove(&series[behind + 1], &series[behind], (*count - behind) * sizeof *series);
    series[behind] = *wanted;
    (*count)++;
    return &series[behind];
}

static void add_cell(struct chart_series *series, size_t *count, const json_t *axis_found,
                     const json_t *cell, const char *axis)
{
    const char *const axes[] = {axis, NULL};
    const json_t *values = json_object_get(axis_found, "values");
    size_t n = json_array_size(values);
    double x = chart_axis_value(cell, axis);
    struct chart_series wanted = {.model = result_string(cell, "model"), .constant = isnan(x)},
                        *line;

    if (wanted.constant && (!json_object_get(cell, "point") || n == 0))
        return;
    chart_work(cell, axes, wanted.work, sizeof wanted.work);
    if (strcmp(axis, "threads") == 0)
        snprintf(wanted.label, sizeof wanted.label, "%s", wanted.model);
    else
        result_label(cell, wanted.label, sizeof wanted.label);
    line = find_line(series, count, &wanted);
    if (!line)
        return;
    if (line->constant) {
        add_point(line, json_number_value(json_array_get(values, 0)), cell);
        x = json_number_value(json_array_get(values, n - 1));
    }
    add_point(line, x, cell);
}

int chart_series(const json_t *result, const char *axis, bool (*shows)(const json_t *cell),
                 struct chart_series **series, size_t *count)
{
    const json_t *found = chart_axes_find(result, axis), *cell;
    size_t i;

    *count = 0;
    *series = calloc(CHART_SERIES_MAX, sizeof **series);
    if (!*series)
        return -ENOMEM;
    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        if (shows(cell))
            add_cell(*series, count, found, cell, axis);
    }
    return 0;
}

size_t chart_series_same_work(const struct chart_series *series, size_t count)
{
    size_t n = 0;

    while (n < count && strcmp(series[n].work, series[0].work) == 0)
        n++;
    return n;
}

size_t chart_series_keep(struct chart_series *series, size_t count, size_t points, size_t most,
                         bool widest, size_t *left_out)
{
    size_t kept = 0, works = 0, most_points = 0;

    *left_out = 0;
    for (size_t from = 0, n; from < count; from += n) {
        size_t all = 0;

        n = chart_series_same_work(series + from, count - from);
        for (size_t i = from; i < from + n; i++)
            all += series[i].count;
        if (chart_series_points(series + from, n) < points ||
            (widest ? all <= most_points : most > 0 && works == most)) {
            ++*left_out;
            continue;
        }
        if (widest && works > 0)
            ++*left_out;
        kept = widest ? 0 : kept;
        memmove(series + kept, series + from, n * sizeof *series);
        kept += n;
        works++;
        most_points = all;
    }
    return widest && most > 0 && kept > most ? most : kept;
}

size_t chart_series_points(const struct chart_series *series, size_t count)
{
    size_t most = 0;

    for (size_t i = 0; i < count; i++)
        most = series[i].count > most ? series[i].count : most;
    return most;
}

bool chart_series_has(const struct chart_series *series, size_t count, const struct metric *metric)
{
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < series[i].count; p++)
            if (metric_of(metric, series[i].points[p].cell).median > 0)
                return true;
    return false;
}

/* ---- What a sweep found ---- */

const struct metric *chart_crossing_metric(const json_t *crossing)
{
    for (size_t i = 0; i < metrics_count; i++)
        if (strcmp(metrics[i].title, result_string(crossing, "metric")) == 0)
            return &metrics[i];
    return NULL;
}

const struct metric *chart_rarest(const json_t *result)
{
    static const char *const names[] = {"p99", "p90"};
    const json_t *cell;
    size_t i;

    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        json_array_foreach(json_object_get(result, "cells"), i, cell)
        {
            if (metric_of(metric_named(names[k]), cell).median > 0)
                return metric_named(names[k]);
        }
    return metric_named("p50");
}

static bool has_open_loop(const json_t *result)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        if (metric_cells_of(cell) & METRIC_OPEN)
            return true;
    }
    return false;
}

const struct metric *chart_sweep_metric(const json_t *result)
{
    const json_t *sweep = json_object_get(result, "sweep");
    const struct metric *found =
        chart_crossing_metric(json_array_get(json_object_get(sweep, "crossovers"), 0));

    if (!found)
        found = metric_find(result_string(sweep, "metric"), NULL, NULL);
    if (!found)
        found = metric_find(result_string(sweep, "slo.metric"), NULL, NULL);
    if (!found)
        found = has_open_loop(result) ? chart_rarest(result) : metric_named("throughput");
    return found;
}

/* Is the entry about the place on other axes at which the line was measured? Axes along which the
 * line itself runs do not count. */
static bool is_there(const json_t *entry, const struct chart_series *series)
{
    const char *axis;
    json_t *value;

    json_object_foreach(json_object_get(entry, "where"), axis, value)
    {
        double first = chart_axis_value(series->points[0].cell, axis);
        double last = chart_axis_value(series->points[series->count - 1].cell, axis);

        if (json_is_number(value) && first == last && json_number_value(value) != first)
            return false;
    }
    return true;
}

static const json_t *find_entry(const json_t *entries, const struct chart_series *series)
{
    const json_t *entry, *by_model = NULL;
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
    return find_entry(result_get(result, "sweep.knees"), series);
}

const json_t *chart_sweep_law(const json_t *result, const struct chart_series *series)
{
    return find_entry(result_get(result, "sweep.scalability"), series);
}

/* The valid cells of the lines that have a value at x. */
static size_t cells_at(const struct chart_series *series, size_t count, const struct metric *metric,
                       double x, const json_t **cells, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < series[i].count && n < room; p++)
            if (series[i].points[p].x == x && chart_cell_valid(series[i].points[p].cell) &&
                metric_of(metric, series[i].points[p].cell).median > 0)
                cells[n++] = series[i].points[p].cell;
    return n;
}

size_t chart_series_widest_x(const struct chart_series *series, size_t count,
                             const struct metric *metric, const json_t **cells, size_t room,
                             double *x)
{
    size_t most = 0;

    *x = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < series[i].count; p++) {
            double here = series[i].points[p].x;
            size_t n = cells_at(series, count, metric, here, cells, room);

            if (n > most || (n > 0 && n == most && here > *x)) {
                most = n;
                *x = here;
            }
        }
    }
    return cells_at(series, count, metric, *x, cells, room);
}
