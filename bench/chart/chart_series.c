#include "chart/chart_series.h"

#include "base/units.h"
#include "chart/chart_load.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

/* What a job's parameter is called that is an axis: "job.delay" is its delay. */
static const char *param_of(const char *axis)
{
    return strncmp(axis, "job.", 4) == 0 ? axis + 4 : axis;
}

static bool is_param_of(const char *param, const char *const *axes)
{
    for (; *axes; axes++) {
        const char *name = param_of(*axes);

        if (strncmp(param, name, strlen(name)) == 0 && param[strlen(name)] == '=')
            return true;
    }
    return false;
}

/* The spec without the parameters that are axes: they differ from point to point. */
static void strip_params(const char *spec, const char *const *axes, char *buf, size_t size)
{
    size_t name = strcspn(spec, ":"), used = (size_t)snprintf(buf, size, "%.*s", (int)name, spec);
    const char *params = spec[name] ? spec + name : NULL;

    for (char sep = ':'; params && used < size;) {
        const char *param = params + 1, *end = param + strcspn(param, ",");

        if (!is_param_of(param, axes)) {
            used +=
                (size_t)snprintf(buf + used, size - used, "%c%.*s", sep, (int)(end - param), param);
            sep = ',';
        }
        params = *end ? end : NULL;
    }
}

/* Where the cell is on axes that neither its load, nor its label, nor its spec tell of. */
static void add_rest(const json_t *cell, const char *const *axes, const char *spec, char *buf,
                     size_t size)
{
    static const char *const told[] = {"rate",    "clients", "poison", "jobs",
                                       "threads", "pool",    "limit",  NULL};
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(cell, "point"), name, value)
    {
        size_t used = strlen(buf);
        char param[CHART_LABEL_MAX];

        snprintf(param, sizeof param, "%.40s=", param_of(name));
        if (json_is_number(value) && !is_one_of(name, axes) && !is_one_of(name, told) &&
            !strstr(spec, param) && used < size)
            snprintf(buf + used, size - used, ", %.40s %.4g", param_of(name),
                     json_number_value(value));
    }
}

char *chart_work(const json_t *cell, const char *const *axes, char *buf, size_t size)
{
    char spec[CHART_WORK_MAX / 2], load[CHART_WORK_MAX / 2];

    strip_params(result_string(cell, "spec"), axes, spec, sizeof spec);
    chart_load_text(cell, axes, load, sizeof load);
    snprintf(buf, size, "%s%s", spec, load);
    add_rest(cell, axes, spec, buf, size);
    return buf;
}

static void describe_label(const json_t *cell, const char *axis, char *buf, size_t size)
{
    if (strcmp(axis, "threads") == 0 || strcmp(axis, "pool") == 0)
        snprintf(buf, size, "%s", result_string(cell, "model"));
    else
        chart_cell_label(cell, buf, size);
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

static void add_cell(struct chart_series *series, size_t *count, const json_t *result,
                     const json_t *cell, const char *axis)
{
    const char *const axes[] = {axis, NULL};
    double x = chart_axis_value(cell, axis), ends[2] = {x, x};
    struct chart_series wanted = {.model = result_string(cell, "model"), .constant = isnan(x)},
                        *line;

    if (wanted.constant &&
        (!json_object_get(cell, "point") || !chart_axes_ends(result, axis, ends)))
        return;
    chart_work(cell, axes, wanted.work, sizeof wanted.work);
    describe_label(cell, axis, wanted.label, sizeof wanted.label);
    line = find_line(series, count, &wanted);
    if (!line)
        return;
    add_point(line, line->constant ? ends[0] : x, cell);
    if (line->constant)
        add_point(line, ends[1], cell);
}

int chart_series(const json_t *result, const char *axis, bool (*use)(const json_t *cell),
                 struct chart_series **series, size_t *count)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    size_t i;

    *count = 0;
    *series = calloc(CHART_SERIES_MAX, sizeof **series);
    if (!*series)
        return -ENOMEM;
    json_array_foreach(cells, i, cell)
    {
        if (use(cell))
            add_cell(*series, count, result, cell, axis);
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

size_t chart_series_widest(struct chart_series *series, size_t count, size_t *left_out)
{
    size_t best = 0, best_n = 0, most = 0, works = 0;

    for (size_t from = 0, n; from < count; from += n, works++) {
        size_t points = 0;

        n = chart_series_same_work(series + from, count - from);
        for (size_t i = 0; i < n; i++)
            points += series[from + i].count;
        if (points > most) {
            most = points;
            best = from;
            best_n = n;
        }
    }
    memmove(series, series + best, best_n * sizeof *series);
    *left_out = works > 0 ? works - 1 : 0;
    return best_n;
}

size_t chart_series_points(const struct chart_series *series, size_t count)
{
    size_t most = 0;

    for (size_t i = 0; i < count; i++)
        most = series[i].count > most ? series[i].count : most;
    return most;
}

const json_t *chart_series_at(const struct chart_series *series, double x)
{
    for (size_t i = 0; i < series->count; i++)
        if (series->points[i].x == x || series->constant)
            return series->points[i].cell;
    return NULL;
}

/* All cells of the lines as groups, for texts about groups. The caller frees it. */
static struct chart_group *make_groups(const struct chart_series *series, size_t count,
                                       size_t *groups_count)
{
    struct chart_group *groups, *group;
    size_t cells = 0;

    for (size_t i = 0; i < count; i++)
        cells += series[i].count;
    *groups_count = 0;
    groups = calloc(cells / CHART_GROUP_CELLS + 1, sizeof *groups);
    if (!groups)
        return NULL;
    for (size_t i = 0, n = 0; i < count; i++) {
        for (size_t p = 0; p < series[i].count; p++, n++) {
            group = &groups[n / CHART_GROUP_CELLS];
            group->cells[group->count++] = series[i].points[p].cell;
            *groups_count = n / CHART_GROUP_CELLS + 1;
        }
    }
    return groups;
}

/* How the marks came to be, also where the document has no figure for each run. */
static char *describe_runs(const struct chart_group *groups, size_t count,
                           const struct metric *metric, char *buf, size_t size)
{
    for (size_t g = 0; g < count; g++)
        for (size_t c = 0; c < groups[g].count; c++)
            if (metric_runs(metric, groups[g].cells[c]) > 0)
                return chart_runs_text(groups, count, metric, buf, size);
    snprintf(buf, size, "over the jobs of all runs (%.0f)",
             result_number(groups[0].cells[0], "runs"));
    return buf;
}

int chart_series_headings(struct chart_data *data, const json_t *result,
                          const struct chart_series *series, size_t count, const char *title,
                          const struct chart_subtitle *subtitle)
{
    size_t groups_count;
    struct chart_group *groups = make_groups(series, count, &groups_count);
    char text[CHART_TEXT_MAX], runs[128], loop[128], left_out[64] = "";

    if (!groups)
        return -ENOMEM;
    if (subtitle->left_out)
        snprintf(left_out, sizeof left_out, " Other jobs and loads are left out (%zu).",
                 subtitle->left_out);
    snprintf(text, sizeof text, "%.300s; %s; %s; %.300s%s", subtitle->what,
             describe_runs(groups, groups_count, subtitle->metric, runs, sizeof runs),
             chart_load_loop(groups, groups_count, loop, sizeof loop), subtitle->rest, left_out);
    chart_headings(data, result, groups, groups_count, title, text);
    free(groups);
    return 0;
}
