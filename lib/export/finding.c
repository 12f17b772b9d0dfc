#include "export/finding.h"

#include "base/clock.h"
#include "base/units.h"
#include "export/finding_text.h"
#include "export/ranking.h"
#include "result/metric.h"
#include "result/result.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BLOCKED_SHARE_MIN 0.5   /* of the makespan, in one piece */
#define BLOCKED_S_MIN     0.010 /* shorter ones are not felt */
#define SAME_IDEAL_MIN    0.75

/* "100 sleeps", "1 tcp job" */
static void add_work(struct finding_text *t, const struct ranked *r)
{
    const char *job = result_string(r->cell, "job");
    char count[32];

    finding_add(t, "%s %s%s%s", units_format_count((uint64_t)r->jobs, count, sizeof count), job,
                strcmp(job, "sleep") == 0 ? "" : " job", r->jobs == 1 ? "" : "s");
}

static const struct ranked *find_model(const struct ranking *r, const char *model)
{
    for (size_t i = 0; i < r->valid; i++)
        if (strcmp(result_string(r->cells[i].cell, "model"), model) == 0)
            return &r->cells[i];
    return NULL;
}

static void add_single(struct finding_text *t, const struct ranked *r)
{
    char rate[32];

    finding_add(t, "%s finished ", r->label);
    add_work(t, r);
    finding_add(t, " in ");
    finding_add_duration(t, r->median_s);
    if (isnan(r->ideal_s)) {
        finding_add(
            t, ", %s a second",
            units_format_count((uint64_t)llround(r->jobs / r->median_s), rate, sizeof rate));
    } else {
        finding_add(t, "; ideal ");
        finding_add_duration(t, r->ideal_s);
    }
}

static void add_all_tied(struct finding_text *t, const struct ranking *r)
{
    finding_add(t, "no difference larger than the noise between ");
    finding_add_labels(t, r->cells, r->valid);
    finding_add(t, ": each finished ");
    add_work(t, &r->cells[0]);
    finding_add(t, " in about ");
    finding_add_duration(t, r->cells[0].median_s);
}

/* Sequential is what the others are held against; where it is not surely slower, the slowest that
 * is. */
static const struct ranked *reference(const struct ranking *r)
{
    const struct ranked *first = &r->cells[0], *sequential = find_model(r, "sequential");
    size_t i = r->valid - 1;

    if (sequential != NULL && ranking_differ(first, sequential))
        return sequential;
    while (i > 0 && !ranking_differ(first, &r->cells[i]))
        i--;
    return &r->cells[i];
}

/* The fastest and those that cannot be told from it. */
static void add_winners(struct finding_text *t, const struct ranked *cells, size_t n)
{
    char from[32], to[32];

    units_format_duration(cells[0].median_s * NS_PER_S, from, sizeof from);
    units_format_duration(cells[n - 1].median_s * NS_PER_S, to, sizeof to);
    finding_add_labels(t, cells, n);
    finding_add(t, " finished ");
    add_work(t, &cells[0]);
    finding_add(t, " in %s", from);
    if (strcmp(from, to) != 0)
        finding_add(t, " to %s", to);
    if (n > 1)
        finding_add(t, " (no difference larger than the noise)");
}

static void add_comparison(struct finding_text *t, const struct ranking *r, size_t tied)
{
    const struct ranked *first = &r->cells[0], *other = reference(r);

    add_winners(t, r->cells, tied);
    finding_add(t, ", ");
    finding_add_ratio(t, other->median_s / first->median_s);
    finding_add(t, " faster than %s", other->label);
    if (first->ideal_s > 0 && other->ideal_s > 0) {
        finding_add(t, "; ideal ");
        finding_add_ratio(t, other->ideal_s / first->ideal_s);
    }
}

/* The null job does nothing, so all its time is the harness's. */
static void add_harness_cost(struct finding_text *t, const struct ranking *r)
{
    for (size_t i = 0; i < r->valid; i++) {
        finding_add(t, "%s", i == 0 ? "the harness itself costs " : finding_separator(i, r->valid));
        finding_add_duration(t, r->cells[i].median_s / r->cells[i].jobs);
        finding_add(t, "%s in %s", i == 0 ? " a job" : "", r->cells[i].label);
    }
}

/* Where theory gives tasks no more than sequential, the jobs compute instead of waiting. The two
 * ideals come from measurements of their own, so they are hardly ever equal; overlapped waits would
 * halve it. */
static void add_computation(struct finding_text *t, const struct ranking *r)
{
    const struct ranked *sequential = find_model(r, "sequential"), *tasks = find_model(r, "tasks");

    if (sequential == NULL || tasks == NULL || tasks->jobs <= 1 ||
        !(tasks->ideal_s >= SAME_IDEAL_MIN * sequential->ideal_s))
        return;
    finding_add(
        t,
        "; no event loop makes a computation faster: tasks took %.2f times as long as sequential",
        tasks->median_s / sequential->median_s);
}

static bool blocked(const struct ranked *r)
{
    return r->lag_s >= BLOCKED_S_MIN && r->lag_s >= BLOCKED_SHARE_MIN * r->median_s;
}

static void add_blocked(struct finding_text *t, const struct ranking *r)
{
    size_t n = 0, i = 0;
    double longest = 0;

    for (size_t k = 0; k < r->valid; k++)
        if (blocked(&r->cells[k])) {
            n++;
            longest = fmax(longest, r->cells[k].lag_s);
        }
    if (n == 0)
        return;
    finding_add(t, "; ");
    for (size_t k = 0; k < r->valid; k++)
        if (blocked(&r->cells[k]))
            finding_add(t, "%s%s", finding_separator(i++, n), r->cells[k].label);
    finding_add(t, " blocked the loop for %s", n > 1 ? "up to " : "");
    finding_add_duration(t, longest);
}

static void add_valid(struct finding_text *t, const struct ranking *r)
{
    size_t tied = ranking_tied(r);
    const char *job = result_string(r->cells[0].cell, "job");

    if (r->loop)
        finding_loop(t, r);
    else if (strcmp(job, "null") == 0)
        add_harness_cost(t, r);
    else if (r->valid == 1)
        add_single(t, &r->cells[0]);
    else if (tied == r->valid)
        add_all_tied(t, r);
    else
        add_comparison(t, r, tied);
    if (!r->loop) {
        add_computation(t, r);
        add_blocked(t, r);
    }
    finding_add_few_runs(t, r);
    if (r->count > r->valid)
        finding_add(t, "; invalid and not ranked: ");
}

char *finding_group(const json_t *result, const char *group, char *buf, size_t size)
{
    struct finding_text t = {.buf = buf, .size = size};
    struct ranking r;

    buf[0] = '\0';
    if (ranking_init(&r, result, group) != 0)
        return buf;
    if (r.valid > 0) {
        add_valid(&t, &r);
    } else if (r.count > 0) {
        finding_add(&t, "nothing valid was measured of ");
        add_work(&t, &r.cells[0]);
        finding_add(&t, ": ");
    }
    finding_add_invalid(&t, &r);
    ranking_deinit(&r);
    return buf;
}

size_t finding_groups(const json_t *result, const char **groups, size_t cap)
{
    size_t n = 0, i;
    const json_t *cell;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        const char *group = result_string(cell, "group");
        size_t k = 0;

        while (k < n && strcmp(groups[k], group) != 0)
            k++;
        if (k == n && n < cap)
            groups[n++] = group;
    }
    return n;
}

static bool any_of_group(const json_t *result, const char *group, bool (*is)(const json_t *cell))
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) == 0 && is(cell))
            return true;
    }
    return false;
}

static bool is_counted(const json_t *cell)
{
    return (metric_cells_of(cell) & METRIC_COUNTED) != 0;
}

static bool is_measured(const json_t *cell)
{
    return json_object_get(cell, "counts") == NULL || result_number(cell, "runs") > 0;
}

bool finding_group_counted(const json_t *result, const char *group)
{
    return any_of_group(result, group, is_counted);
}

bool finding_group_measured(const json_t *result, const char *group)
{
    return any_of_group(result, group, is_measured);
}
