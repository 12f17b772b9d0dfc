#include "chart/chart_cells.h"

#include "export/finding.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool chart_cell_valid(const json_t *cell)
{
    return json_is_true(json_object_get(cell, "valid"));
}

char *chart_cell_label(const json_t *cell, char *buf, size_t size)
{
    double threads = result_number(cell, "threads");

    if (isnan(threads))
        snprintf(buf, size, "%s", result_string(cell, "model"));
    else
        snprintf(buf, size, "%s(%.0f)", result_string(cell, "model"), threads);
    return buf;
}

static void collect(const json_t *cells, struct chart_group *group)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(cells, i, cell)
    {
        if (strcmp(result_string(cell, "group"), group->key) != 0)
            continue;
        if (group->count == CHART_GROUP_CELLS)
            break;
        group->spec = result_string(cell, "spec");
        group->job = result_string(cell, "job");
        group->jobs = result_number(cell, "jobs");
        group->cells[group->count++] = cell;
    }
}

/* Bring groups of the same spec together, by count of jobs; else keep the document's order. */
static void sort_groups(struct chart_group *groups, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct chart_group moved = groups[i];
        size_t same = i, to;

        while (same > 0 && strcmp(groups[same - 1].spec, moved.spec) != 0)
            same--;
        if (same == 0)
            continue;
        for (to = i; to > same; to--)
            groups[to] = groups[to - 1];
        for (; to > 0 && strcmp(groups[to - 1].spec, moved.spec) == 0 &&
               groups[to - 1].jobs > moved.jobs;
             to--)
            groups[to] = groups[to - 1];
        groups[to] = moved;
    }
}

int chart_groups(const json_t *result, struct chart_group **groups, size_t *count)
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
    *count = finding_groups(result, keys, most);
    for (size_t i = 0; i < *count; i++) {
        (*groups)[i].key = keys[i];
        collect(cells, &(*groups)[i]);
    }
    free(keys);
    sort_groups(*groups, *count);
    return 0;
}

size_t chart_groups_filter(struct chart_group *groups, size_t count,
                           bool (*use)(const json_t *cell))
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct chart_group group = groups[i];

        group.count = 0;
        for (size_t c = 0; c < groups[i].count; c++)
            if (use(groups[i].cells[c]))
                group.cells[group.count++] = groups[i].cells[c];
        if (group.count > 0)
            groups[kept++] = group;
    }
    return kept;
}

size_t chart_groups_having(struct chart_group *groups, size_t count,
                           bool (*has)(const json_t *cell))
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        bool any = false;

        for (size_t c = 0; c < groups[i].count; c++)
            any = any || has(groups[i].cells[c]);
        if (any)
            groups[kept++] = groups[i];
    }
    return kept;
}

size_t chart_groups_rows(const struct chart_group *groups, size_t count)
{
    size_t rows = 0;

    for (size_t i = 0; i < count; i++)
        if (groups[i].count > rows)
            rows = groups[i].count;
    return rows;
}

size_t chart_groups_widest(struct chart_group *groups, size_t count)
{
    size_t rows = chart_groups_rows(groups, count), kept = 0;

    for (size_t i = 0; i < count; i++)
        if (groups[i].count == rows)
            groups[kept++] = groups[i];
    return kept;
}

/* Was every job done that was wanted? In overload models differ in how little they did. */
static bool all_served(const struct chart_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (result_number(group->cells[i], "arrivals.unserved") > 0 ||
            result_number(group->cells[i], "arrivals.refused") > 0)
            return false;
    return true;
}

static bool says_more(const struct chart_group *a, const struct chart_group *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    if (all_served(a) != all_served(b))
        return all_served(a);
    return a->jobs > b->jobs;
}

static bool same_spec(const struct chart_group *a, const struct chart_group *b)
{
    return strcmp(a->spec, b->spec) == 0;
}

static bool same_job(const struct chart_group *a, const struct chart_group *b)
{
    return strcmp(a->job, b->job) == 0;
}

static size_t keep_one_a(struct chart_group *groups, size_t count,
                         bool (*same)(const struct chart_group *, const struct chart_group *))
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t k = 0;

        while (k < kept && !same(&groups[k], &groups[i]))
            k++;
        if (k == kept)
            groups[kept++] = groups[i];
        else if (says_more(&groups[i], &groups[k]))
            groups[k] = groups[i];
    }
    return kept;
}

size_t chart_groups_one_a_spec(struct chart_group *groups, size_t count)
{
    return keep_one_a(groups, count, same_spec);
}

size_t chart_groups_one_a_job(struct chart_group *groups, size_t count)
{
    return keep_one_a(groups, count, same_job);
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

const json_t *chart_worst(const struct chart_group *group, const struct metric *metric)
{
    return extreme(group, metric, !metric->more_is_better);
}

bool chart_clearly_better(const json_t *a, const json_t *b, const struct metric *metric)
{
    const double effect = 1.02;
    struct metric_value low = chart_value(metric, metric->more_is_better ? b : a);
    struct metric_value high = chart_value(metric, metric->more_is_better ? a : b);

    return low.high < high.low && high.median >= effect * low.median;
}

void chart_range_include(struct chart_range *range, double value)
{
    if (!(value > 0) || !isfinite(value))
        return;
    range->lo = fmin(range->lo, value);
    range->hi = fmax(range->hi, value);
}

void chart_range_include_quantity(struct chart_range *range, const struct metric_value *v)
{
    chart_range_include(range, v->median);
    chart_range_include(range, v->low);
    chart_range_include(range, v->high);
}

void chart_range_finish(struct chart_range *range)
{
    const double margin = 1.25, least = 4;
    double missing;

    if (!(range->hi > 0))
        range->lo = range->hi = 1;
    range->lo /= margin;
    range->hi *= margin;
    missing = sqrt(least / (range->hi / range->lo));
    if (missing > 1) {
        range->lo /= missing;
        range->hi *= missing;
    }
}

/* The classic one-pass relaxation: push down from the top, then back up from the bottom. */
void chart_spread(double *positions, size_t n, double gap, double lo, double hi)
{
    size_t order[64];
    double limit;

    for (size_t i = 0; i < n; i++) {
        size_t at = i;

        for (; at > 0 && positions[order[at - 1]] > positions[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    limit = lo;
    for (size_t i = 0; i < n; i++, limit += gap)
        limit = positions[order[i]] = fmax(positions[order[i]], limit);
    limit = hi;
    for (size_t i = n; i-- > 0; limit -= gap)
        limit = positions[order[i]] = fmin(positions[order[i]], limit);
}
