#include "chart/chart_cells.h"

#include "export/ranking.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    return m->unit == METRIC_BYTES ? "size" : "count";
}

static const char *spec_of(const struct chart_group *group)
{
    return result_string(group->cells[0], "spec");
}

static double jobs_of(const struct chart_group *group)
{
    return result_number(group->cells[group->count - 1], "jobs");
}

static void collect(const json_t *cells, struct chart_group *group)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(cells, i, cell)
    {
        if (group->count < CHART_GROUP_CELLS &&
            strcmp(result_string(cell, "group"), group->key) == 0)
            group->cells[group->count++] = cell;
    }
}

/* Bring groups of the same spec together, by count of jobs; else keep the document's order. */
static void sort_groups(struct chart_group *groups, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct chart_group moved = groups[i];
        size_t same = i, to;

        while (same > 0 && strcmp(spec_of(&groups[same - 1]), spec_of(&moved)) != 0)
            same--;
        if (same == 0)
            continue;
        for (to = i; to > same; to--)
            groups[to] = groups[to - 1];
        for (; to > 0 && strcmp(spec_of(&groups[to - 1]), spec_of(&moved)) == 0 &&
               jobs_of(&groups[to - 1]) > jobs_of(&moved);
             to--)
            groups[to] = groups[to - 1];
        groups[to] = moved;
    }
}

/* Keep the cells to show, or the whole group if it has one, and the groups that have any. */
static size_t keep_shown(struct chart_group *groups, size_t count,
                         bool (*shows)(const json_t *cell), bool whole)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct chart_group all = groups[i], shown = {.key = all.key};

        for (size_t c = 0; c < all.count; c++)
            if (shows(all.cells[c]))
                shown.cells[shown.count++] = all.cells[c];
        if (shown.count > 0)
            groups[kept++] = whole ? all : shown;
    }
    return kept;
}

size_t chart_models(const struct chart_group *group)
{
    size_t models = 0;

    for (size_t i = 0; i < group->count; i++) {
        const char *model = result_string(group->cells[i], "model");
        size_t k = 0;

        while (k < i && strcmp(result_string(group->cells[k], "model"), model) != 0)
            k++;
        models += k == i;
    }
    return models;
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

/* Was every job done that was wanted? In overload models differ in how little they did. */
static bool all_served(const struct chart_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (metric_of(metric_named("refused"), group->cells[i]).median > 0 ||
            metric_of(metric_named("unserved"), group->cells[i]).median > 0)
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
        const char *own = result_string(groups[i].cells[0], member);
        size_t k = 0;

        while (k < kept && strcmp(result_string(groups[k].cells[0], member), own) != 0)
            k++;
        if (k == kept)
            groups[kept++] = groups[i];
        else if (says_more(&groups[i], &groups[k]))
            groups[k] = groups[i];
    }
    return kept;
}

int chart_groups(const json_t *result, bool (*shows)(const json_t *cell), unsigned keep,
                 struct chart_group **groups, size_t *count, size_t *left_out)
{
    const json_t *cells = json_object_get(result, "cells");
    size_t most = json_array_size(cells) + 1; /* calloc(0) may be NULL */
    const char **keys = calloc(most, sizeof *keys);

    *groups = calloc(most, sizeof **groups);
    if (!keys || !*groups) {
        free(keys);
        free(*groups);
        *groups = NULL;
        return -ENOMEM;
    }
    *count = ranking_groups(result, keys, most);
    for (size_t i = 0; i < *count; i++) {
        (*groups)[i].key = keys[i];
        collect(cells, &(*groups)[i]);
    }
    free(keys);
    sort_groups(*groups, *count);
    *left_out = *count = keep_shown(*groups, *count, shows, keep & CHART_WHOLE);
    if (keep & CHART_WIDEST)
        *count = keep_widest(*groups, *count);
    if (keep & CHART_ONE_A_SPEC)
        *count = keep_one_a("spec", *groups, *count);
    if (keep & CHART_ONE_A_JOB)
        *count = keep_one_a("job", *groups, *count);
    *left_out -= *count;
    return 0;
}

static const json_t *extreme(const struct chart_group *group, const struct metric *metric,
                             bool highest)
{
    const json_t *found = NULL;
    double at = INFINITY;

    for (size_t i = 0; i < group->count; i++) {
        double value = chart_value(metric, group->cells[i]).median * (highest ? -1 : 1);

        if (chart_cell_valid(group->cells[i]) && value < at) {
            found = group->cells[i];
            at = value;
        }
    }
    return found;
}

const json_t *chart_best(const struct chart_group *group, const struct metric *metric)
{
    return extreme(group, metric, metric->more_is_better);
}

double chart_widest_gap(const struct chart_group *groups, size_t count, const struct metric *metric,
                        const json_t **best, const json_t **worst)
{
    double widest = 0;

    for (size_t g = 0; g < count; g++) {
        const json_t *high = extreme(&groups[g], metric, true);
        const json_t *low = extreme(&groups[g], metric, false);
        double gap =
            low != high ? metric_of(metric, high).median / metric_of(metric, low).median : 0;

        if (gap <= widest)
            continue;
        widest = gap;
        *best = metric->more_is_better ? high : low;
        *worst = metric->more_is_better ? low : high;
    }
    return widest;
}

bool chart_clearly_better(const json_t *a, const json_t *b, const struct metric *metric)
{
    const double effect = 1.02;
    struct metric_value low = chart_value(metric, metric->more_is_better ? b : a);
    struct metric_value high = chart_value(metric, metric->more_is_better ? a : b);

    return low.high < high.low && high.median >= effect * low.median;
}

const json_t *chart_winner(const struct chart_group *group, const struct metric *metric,
                           bool *counts)
{
    const json_t *best = chart_best(group, metric);
    bool clear = true;

    *counts = false;
    for (size_t c = 0; best && c < group->count; c++) {
        const json_t *other = group->cells[c];

        if (other == best || !chart_cell_valid(other) || isnan(metric_of(metric, other).median))
            continue;
        *counts = true;
        clear = clear && chart_clearly_better(best, other, metric);
    }
    return clear ? best : NULL;
}
