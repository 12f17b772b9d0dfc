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

/* The first of the groups whose first cell has that value of the member; count for none. */
static size_t find_group(const struct chart_group *groups, size_t count, const char *member,
                         const char *value)
{
    size_t i = 0;

    while (i < count && strcmp(result_string(groups[i].cells[0], member), value) != 0)
        i++;
    return i;
}

/* Bring groups of the same spec together, by count of jobs; else keep the document's order. */
static void sort_groups(struct chart_group *groups, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct chart_group moved = groups[i];
        size_t to = find_group(groups, i, "spec", spec_of(&moved));

        while (to < i && strcmp(spec_of(&groups[to]), spec_of(&moved)) == 0 &&
               jobs_of(&groups[to]) <= jobs_of(&moved))
            to++;
        memmove(&groups[to + 1], &groups[to], (i - to) * sizeof *groups);
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
        if (metric_of(metric_named("lost"), group->cells[i]).median > 0)
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
        size_t k = find_group(groups, kept, member, result_string(groups[i].cells[0], member));

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
