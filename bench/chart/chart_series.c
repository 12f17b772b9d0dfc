#include "chart/chart_series.h"

#include "base/text.h"
#include "base/units.h"
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

/* ---- Values ---- */

bool chart_cell_valid(const json_t *cell)
{
    return json_is_true(json_object_get(cell, "valid"));
}

bool chart_cell_batch(const json_t *cell)
{
    return metric_cells_of(cell) & METRIC_BATCH;
}

struct metric_value chart_value(const struct metric *m, const json_t *cell)
{
    struct metric_value v = metric_of(m, cell);
    double scale = metric_unit_scale(m);

    if (isnan(v.low) || isnan(v.high))
        v.low = v.high = v.median;
    return (struct metric_value){scale * v.median, scale * v.low, scale * v.high, v.confidence};
}

double chart_theory(const struct metric *m, const json_t *cell)
{
    double theory = metric_unit_scale(m) * metric_ideal(m, cell);
    double factor = chart_value(m, cell).median / theory;
    bool off = factor > CHART_THEORY_OFF || factor < 1 / CHART_THEORY_OFF;

    return off && metric_cells_of(cell) & METRIC_OPEN ? (double)NAN : theory;
}

const char *chart_kind(const struct metric *m)
{
    if (m->unit == METRIC_S || m->unit == METRIC_NS)
        return "time";
    return m->unit == METRIC_BYTES ? "size" : m->unit == METRIC_SHARE ? "share" : "count";
}

/* ---- Axes ---- */

const json_t *chart_axes_find(const json_t *result, const char *name)
{
    const json_t *axis;
    size_t i;

    json_array_foreach(result_get(result, "sweep.axes"), i, axis)
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
        if (strcmp(own[i].axis, axis) == 0 && (i > 0 || result_get(cell, "load.rates") == NULL))
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
    size_t noun = strlen(axis->name);

    noun -= value == 1 && noun > 0 && axis->name[noun - 1] == 's'; /* "1 client" */
    if (strcmp(axis->kind, "share") == 0)
        snprintf(buf, size, "%.3g%%", 100 * value);
    else if (strcmp(axis->kind, "time") == 0)
        units_format_duration(value * 1e9, buf, size);
    else if (strcmp(axis->kind, "size") == 0)
        units_format_size(value, buf, size);
    else if (strcmp(axis->name, "rate") == 0)
        snprintf(buf, size, value < 100 ? "%.3g/s" : "%.0f/s", value);
    else if (value == floor(value) && value < 1e15)
        snprintf(buf, size, "%s %.*s", units_format_count((uint64_t)value, number, sizeof number),
                 (int)noun, axis->name);
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

/* And without the number of the part that has it. */
static const char *own_name(const char *axis)
{
    const char *param = param_of(axis), *dot = strchr(param, '.');

    return dot != NULL ? dot + 1 : param;
}

/* Is a text that begins with a parameter's name, in the part of that number, about an axis? */
static bool is_axis_of(const char *param, unsigned long part, const char *const *axes)
{
    for (; axes && *axes; axes++) {
        const char *name = own_name(*axes);
        size_t len = strlen(name);

        if (name != param_of(*axes) && strtoul(param_of(*axes), NULL, 10) != part)
            continue;
        if (strncmp(param, name, len) == 0 && param[len] == '=')
            return true;
    }
    return false;
}

/* One part of a spec. Returns its end. */
static const char *add_part(const char *spec, unsigned long part, const char *const *axes,
                            char *buf, size_t size)
{
    const char *end = spec + strcspn(spec, ": ");
    char sep = ':';

    text_add(buf, size, "%.*s", (int)(end - spec), spec);
    while (*end == ':' || *end == ',') {
        const char *param = end + 1;

        end = param + strcspn(param, ", ");
        if (is_axis_of(param, part, axes))
            continue;
        text_add(buf, size, "%c%.*s", sep, (int)(end - param), param);
        sep = ',';
    }
    return end;
}

/* The spec without the parameters that are axes: they differ from point to point. Blanks are only
 * around a + between two parts. */
static void add_spec(const char *spec, const char *const *axes, char *buf, size_t size)
{
    spec = add_part(spec, 1, axes, buf, size);
    for (unsigned long part = 2; strncmp(spec, " + ", 3) == 0; part++) {
        text_add(buf, size, " + ");
        spec = add_part(spec + 3, part, axes, buf, size);
    }
}

/* The cell's load behind a job's spec: " × 100", " @ 80/s, poison 2%", ", 16 clients". */
static void add_load(const json_t *cell, const char *const *axes, char *buf, size_t size)
{
    unsigned kind = metric_cells_of(cell);
    double poison = result_number(cell, "load.poison"), limit = result_number(cell, "load.limit");
    const char *changing = result_string(cell, "load.rates.text");
    double clients = result_number(cell, "load.clients");
    char count[32];

    if (*changing != '\0')
        text_add(buf, size, " @ %s", changing);
    else if (kind & METRIC_OPEN && !is_one_of("rate", axes))
        text_add(buf, size, " @ %.5g/s", result_number(cell, "load.rate_per_s"));
    if (kind & METRIC_BATCH && !is_one_of("jobs", axes))
        text_add(buf, size, " × %s",
                 units_format_count((uint64_t)result_number(cell, "jobs"), count, sizeof count));
    if (kind & METRIC_CLOSED && !is_one_of("clients", axes))
        text_add(buf, size, ", %.0f client%s", clients, TEXT_S(clients));
    if (poison > 0 && !is_one_of("poison", axes))
        text_add(buf, size, ", poison %.3g%%", 100 * poison);
    if (limit > 0 && !is_one_of("limit", axes))
        text_add(buf, size, ", limit %.0f", limit);
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

        snprintf(param, sizeof param, "%.40s=", own_name(name));
        if (json_is_number(value) && !is_one_of(name, axes) && !is_one_of(name, told) &&
            !strstr(result_string(cell, "spec"), param))
            text_add(buf, size, ", %.40s %.4g", param_of(name), json_number_value(value));
    }
}

char *chart_work(const json_t *cell, const char *const *axes, char *buf, size_t size)
{
    buf[0] = '\0';
    add_spec(result_string(cell, "spec"), axes, buf, size / 4 * 3);
    add_load(cell, axes, buf, size);
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

/* The line of that work and label; a new one goes behind the others of its work. Along no axis each
 * cell is a line. */
static struct chart_series *find_line(struct chart_groups *g, size_t *count, const char *axis,
                                      const struct chart_series *wanted)
{
    size_t behind = *count;

    for (size_t i = 0; i < *count; i++) {
        if (strcmp(g->lines[i].work, wanted->work) != 0)
            continue;
        if (axis && strcmp(g->lines[i].label, wanted->label) == 0)
            return &g->lines[i];
        behind = i + 1;
    }
    memmove(&g->lines[behind + 1], &g->lines[behind], (*count - behind) * sizeof *g->lines);
    g->lines[behind] = *wanted;
    (*count)++;
    return &g->lines[behind];
}

static void add_cell(struct chart_groups *g, size_t *count, const json_t *values, const char *axis,
                     const json_t *cell)
{
    const char *const axes[] = {axis, NULL};
    size_t n = json_array_size(values);
    double x = axis ? chart_axis_value(cell, axis) : 0;
    struct chart_series wanted = {.model = result_string(cell, "model"), .constant = isnan(x)},
                        *line;

    if (wanted.constant && (!json_object_get(cell, "point") || n == 0))
        return;
    if (axis)
        chart_work(cell, axes, wanted.work, sizeof wanted.work);
    else
        snprintf(wanted.work, sizeof wanted.work, "%s", result_string(cell, "group"));
    if (axis && strcmp(axis, "threads") == 0)
        snprintf(wanted.label, sizeof wanted.label, "%s", wanted.model);
    else
        result_label(cell, wanted.label, sizeof wanted.label);
    line = find_line(g, count, axis, &wanted);
    if (line->constant) {
        add_point(line, json_number_value(json_array_get(values, 0)), cell);
        x = json_number_value(json_array_get(values, n - 1));
    }
    add_point(line, x, cell);
}

void chart_group_add(struct chart_group *group, const json_t *cell)
{
    struct chart_series *line = &group->lines[group->count];

    if (group->count == CHART_GROUP_CELLS)
        return;
    line->model = result_string(cell, "model");
    add_point(line, 0, cell);
    group->count++;
}

const json_t *chart_group_cell(const struct chart_group *group, size_t i)
{
    return group->lines[i].points[0].cell;
}

size_t chart_models(const struct chart_group *group)
{
    size_t models = 0;

    for (size_t i = 0; i < group->count; i++) {
        size_t k = 0;

        while (k < i && strcmp(group->lines[k].model, group->lines[i].model) != 0)
            k++;
        models += k == i;
    }
    return models;
}

static size_t all_points(const struct chart_group *group)
{
    size_t points = 0;

    for (size_t i = 0; i < group->count; i++)
        points += group->lines[i].count;
    return points;
}

bool chart_more_points(const struct chart_group *a, const struct chart_group *b)
{
    return all_points(a) > all_points(b);
}

size_t chart_group_points(const struct chart_group *group)
{
    size_t most = 0;

    for (size_t i = 0; i < group->count; i++)
        most = group->lines[i].count > most ? group->lines[i].count : most;
    return most;
}

bool chart_group_has(const struct chart_group *group, const struct metric *metric)
{
    for (size_t i = 0; i < group->count; i++)
        for (size_t p = 0; p < group->lines[i].count; p++)
            if (metric_of(metric, group->lines[i].points[p].cell).median > 0)
                return true;
    return false;
}

/* The valid cells of the lines that have a value at x. */
static size_t cells_at(const struct chart_group *group, const struct metric *metric, double x,
                       const json_t **cells)
{
    size_t n = 0;

    for (size_t i = 0; i < group->count; i++)
        for (size_t p = 0; p < group->lines[i].count; p++) {
            const json_t *cell = group->lines[i].points[p].cell;

            if (group->lines[i].points[p].x == x && chart_cell_valid(cell) &&
                metric_of(metric, cell).median >= 0)
                cells[n++] = cell;
        }
    return n;
}

size_t chart_group_widest_x(const struct chart_group *group, const struct metric *metric,
                            const json_t **cells, double *x)
{
    size_t most = 0;

    *x = 0;
    for (size_t i = 0; i < group->count; i++) {
        for (size_t p = 0; p < group->lines[i].count; p++) {
            double here = group->lines[i].points[p].x;
            size_t n = cells_at(group, metric, here, cells);

            if (n > most || (n > 0 && n == most && here > *x)) {
                most = n;
                *x = here;
            }
        }
    }
    return cells_at(group, metric, *x, cells);
}

/* ---- Which groups ---- */

static double jobs_of(const struct chart_group *group)
{
    return result_number(chart_group_cell(group, group->count - 1), "jobs");
}

/* The first of the groups whose first cell has the member in common with this one; count for none.
 */
static size_t find_group(const struct chart_group *groups, size_t count, const char *member,
                         const struct chart_group *like)
{
    const char *value = result_string(chart_group_cell(like, 0), member);
    size_t i = 0;

    while (i < count && strcmp(result_string(chart_group_cell(&groups[i], 0), member), value) != 0)
        i++;
    return i;
}

/* Bring groups of the same spec together, by count of jobs; else keep the document's order. */
static void sort_groups(struct chart_group *groups, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct chart_group moved = groups[i];
        size_t to = find_group(groups, i, "spec", &moved);

        while (to < i && find_group(&groups[to], 1, "spec", &moved) == 0 &&
               jobs_of(&groups[to]) <= jobs_of(&moved))
            to++;
        memmove(&groups[to + 1], &groups[to], (i - to) * sizeof *groups);
        groups[to] = moved;
    }
}

/* Was every job done that was wanted? In overload models differ in how little they did. */
static bool all_served(const struct chart_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (metric_of(metric_named("lost"), chart_group_cell(group, i)).median > 0)
            return false;
    return true;
}

static bool says_more(const struct chart_group *a, const struct chart_group *b)
{
    if (chart_models(a) != chart_models(b))
        return chart_models(a) > chart_models(b);
    if (all_served(a) != all_served(b))
        return all_served(a);
    return jobs_of(a) > jobs_of(b);
}

/* Keep one group for each value of the cells' member. */
static size_t keep_one_a(const char *member, struct chart_group *groups, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t k = find_group(groups, kept, member, &groups[i]);

        if (k == kept)
            groups[kept++] = groups[i];
        else if (says_more(&groups[i], &groups[k]))
            groups[k] = groups[i];
    }
    return kept;
}

static size_t keep_widest(struct chart_group *groups, size_t count)
{
    size_t most = 0, kept = 0;

    for (size_t i = 0; i < count; i++)
        most = chart_models(&groups[i]) > most ? chart_models(&groups[i]) : most;
    for (size_t i = 0; i < count; i++)
        if (chart_models(&groups[i]) == most)
            groups[kept++] = groups[i];
    return kept;
}

static bool shows(const struct chart_choice *choice, const json_t *cell)
{
    if (choice->shows)
        return choice->shows(cell);
    return (!choice->load || metric_cells_of(cell) & choice->load) &&
           metric_of(metric_named(choice->has), cell).median > 0;
}

/* Is any cell one to show? */
static bool is_shown(const struct chart_group *group, const struct chart_choice *choice)
{
    bool any = false;

    for (size_t i = 0; i < group->count; i++)
        any = any || shows(choice, chart_group_cell(group, i));
    return any;
}

/* Make groups of the lines that stand together. */
static void split(struct chart_groups *g, size_t lines, const struct chart_choice *choice)
{
    for (size_t from = 0, n; from < lines; from += n) {
        struct chart_group group = {&g->lines[from], 0};

        for (n = 0; from + n < lines && strcmp(group.lines[n].work, group.lines[0].work) == 0;)
            n++;
        group.count = !choice->axis && n > CHART_GROUP_CELLS ? CHART_GROUP_CELLS : n;
        if (is_shown(&group, choice))
            g->of[g->count++] = group;
    }
}

int chart_groups_init(struct chart_groups *g, const json_t *result,
                      const struct chart_choice *choice)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    const json_t *axis = choice->axis ? chart_axes_find(result, choice->axis) : NULL;
    size_t most = json_array_size(cells) + 1, lines = 0, i; /* calloc(0) may be NULL */
    size_t kept = 0, all;

    *g = (struct chart_groups){.of = calloc(most, sizeof *g->of),
                               .lines = calloc(most, sizeof *g->lines)};
    if (!g->of || !g->lines) {
        chart_groups_deinit(g);
        return -ENOMEM;
    }
    json_array_foreach(cells, i, cell)
    {
        if (choice->keep & CHART_WHOLE || shows(choice, cell))
            add_cell(g, &lines, json_object_get(axis, "values"), choice->axis, cell);
    }
    split(g, lines, choice);
    if (!choice->axis)
        sort_groups(g->of, g->count);
    all = g->count;
    for (i = 0; i < all; i++)
        if (chart_group_points(&g->of[i]) >= choice->points)
            g->of[kept++] = g->of[i];
    g->count = kept;
    if (choice->keep & CHART_WIDEST)
        g->count = keep_widest(g->of, g->count);
    if (choice->keep & CHART_ONE_A_SPEC)
        g->count = keep_one_a("spec", g->of, g->count);
    if (choice->keep & CHART_ONE_A_JOB)
        g->count = keep_one_a("job", g->of, g->count);
    g->left_out = all - g->count;
    return 0;
}

void chart_groups_deinit(struct chart_groups *g)
{
    free(g->of);
    free(g->lines);
    *g = (struct chart_groups){0};
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

const struct metric *chart_sweep_metric(const json_t *result)
{
    const json_t *sweep = json_object_get(result, "sweep");
    const json_t *first = json_array_get(json_object_get(result, "cells"), 0);
    const struct metric *found =
        chart_crossing_metric(json_array_get(json_object_get(sweep, "crossovers"), 0));

    if (!found)
        found = metric_find(result_string(sweep, "metric"), NULL, NULL);
    if (!found)
        found = metric_find(result_string(sweep, "slo.metric"), NULL, NULL);
    if (!found)
        found = metric_cells_of(first) & METRIC_OPEN ? chart_rarest(result)
                                                     : metric_named("throughput");
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

const json_t *chart_sweep_entry(const json_t *result, const char *list,
                                const struct chart_series *series)
{
    const json_t *entry, *by_model = NULL;
    size_t i;

    json_array_foreach(json_object_get(json_object_get(result, "sweep"), list), i, entry)
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
