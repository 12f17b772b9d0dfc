#include "result/finding.h"

#include "base/clock.h"
#include "base/units.h"
#include "result/ranking.h"
#include "result/result.h"
#include "result/trust.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FROZEN_SHARE_MIN 0.5   /* of the makespan, in one piece */
#define FROZEN_S_MIN     0.010 /* shorter ones are not felt */
#define SAME_IDEAL_MIN   0.75
#define RATIO_DIGITS_MAX 1000 /* from here on ratios are whole numbers */

/* A sentence that grows in the caller's buffer; what does not fit is cut. */
struct text {
    char *buf;
    size_t size, len;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(t->buf + t->len, t->size - t->len, format, args);
    va_end(args);
    if (n > 0)
        t->len = t->len + (size_t)n < t->size ? t->len + (size_t)n : t->size - 1;
}

static void add_duration(struct text *t, double s)
{
    char buf[32];

    add(t, "%s", units_format_duration(s * NS_PER_S, buf, sizeof buf));
}

static void add_ratio(struct text *t, double ratio)
{
    char buf[32];

    if (ratio >= RATIO_DIGITS_MAX)
        add(t, "%sx", units_format_count((uint64_t)llround(ratio), buf, sizeof buf));
    else
        add(t, "%.3gx", ratio);
}

/* What stands before item i of n in "a, b and c". */
static const char *separator(size_t i, size_t n)
{
    return i == 0 ? "" : i + 1 == n ? " and " : ", ";
}

/* "100 sleeps", "1 tcp job" */
static void add_work(struct text *t, const struct ranked *r)
{
    const char *job = result_string(r->cell, "job");
    char count[32];

    add(t, "%s %s%s%s", units_format_count((uint64_t)r->jobs, count, sizeof count), job,
        strcmp(job, "sleep") == 0 ? "" : " job", r->jobs == 1 ? "" : "s");
}

static const struct ranked *find_model(const struct ranking *r, const char *model)
{
    for (size_t i = 0; i < r->valid; i++)
        if (strcmp(result_string(r->cells[i].cell, "model"), model) == 0)
            return &r->cells[i];
    return NULL;
}

static void add_single(struct text *t, const struct ranked *r)
{
    char rate[32];

    add(t, "%s finished ", r->label);
    add_work(t, r);
    add(t, " in ");
    add_duration(t, r->median_s);
    if (isnan(r->ideal_s)) {
        add(t, ", %s a second",
            units_format_count((uint64_t)llround(r->jobs / r->median_s), rate, sizeof rate));
    } else {
        add(t, "; ideal ");
        add_duration(t, r->ideal_s);
    }
}

static void add_labels(struct text *t, const struct ranked *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add(t, "%s%s", separator(i, n), cells[i].label);
}

static void add_all_tied(struct text *t, const struct ranking *r)
{
    add(t, "no difference larger than the noise between ");
    add_labels(t, r->cells, r->valid);
    add(t, ": each finished ");
    add_work(t, &r->cells[0]);
    add(t, " in about ");
    add_duration(t, r->cells[0].median_s);
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
static void add_winners(struct text *t, const struct ranked *cells, size_t n)
{
    char from[32], to[32];

    units_format_duration(cells[0].median_s * NS_PER_S, from, sizeof from);
    units_format_duration(cells[n - 1].median_s * NS_PER_S, to, sizeof to);
    add_labels(t, cells, n);
    add(t, " finished ");
    add_work(t, &cells[0]);
    add(t, " in %s", from);
    if (strcmp(from, to) != 0)
        add(t, " to %s", to);
    if (n > 1)
        add(t, " (no difference larger than the noise)");
}

static void add_comparison(struct text *t, const struct ranking *r, size_t tied)
{
    const struct ranked *first = &r->cells[0], *other = reference(r);

    add_winners(t, r->cells, tied);
    add(t, ", ");
    add_ratio(t, other->median_s / first->median_s);
    add(t, " faster than %s", other->label);
    if (first->ideal_s > 0 && other->ideal_s > 0) {
        add(t, "; ideal ");
        add_ratio(t, other->ideal_s / first->ideal_s);
    }
}

/* The null job does nothing, so all its time is the harness's. */
static void add_harness_cost(struct text *t, const struct ranking *r)
{
    for (size_t i = 0; i < r->valid; i++) {
        add(t, "%s", i == 0 ? "the harness itself costs " : separator(i, r->valid));
        add_duration(t, r->cells[i].median_s / r->cells[i].jobs);
        add(t, "%s in %s", i == 0 ? " a job" : "", r->cells[i].label);
    }
}

/* Where theory gives tasks no more than sequential, the jobs compute instead of waiting. The two
 * ideals come from measurements of their own, so they are hardly ever equal; overlapped waits would
 * halve it. */
static void add_computation(struct text *t, const struct ranking *r)
{
    const struct ranked *sequential = find_model(r, "sequential"), *tasks = find_model(r, "tasks");

    if (sequential == NULL || tasks == NULL || tasks->jobs <= 1 ||
        !(tasks->ideal_s >= SAME_IDEAL_MIN * sequential->ideal_s))
        return;
    add(t,
        "; no event loop makes a computation faster: tasks took %.2f times as long as sequential",
        tasks->median_s / sequential->median_s);
}

static bool froze(const struct ranked *r)
{
    return r->lag_s >= FROZEN_S_MIN && r->lag_s >= FROZEN_SHARE_MIN * r->median_s;
}

static void add_frozen(struct text *t, const struct ranking *r)
{
    size_t n = 0, i = 0;
    double longest = 0;

    for (size_t k = 0; k < r->valid; k++)
        if (froze(&r->cells[k])) {
            n++;
            longest = fmax(longest, r->cells[k].lag_s);
        }
    if (n == 0)
        return;
    add(t, "; ");
    for (size_t k = 0; k < r->valid; k++)
        if (froze(&r->cells[k]))
            add(t, "%s%s", separator(i++, n), r->cells[k].label);
    add(t, " froze the loop for %s", n > 1 ? "up to " : "");
    add_duration(t, longest);
}

static void add_invalid(struct text *t, const struct ranking *r)
{
    for (size_t i = r->valid; i < r->count; i++) {
        const json_t *reasons = json_object_get(r->cells[i].cell, "reasons");
        const char *why = json_string_value(json_array_get(reasons, 0));

        add(t, "%s%s (%s)", i == r->valid ? "" : ", ", r->cells[i].label,
            why != NULL ? why : "not measured");
    }
}

static void add_few_runs(struct text *t, const struct ranking *r)
{
    double fewest = INFINITY;

    for (size_t i = 0; i < r->valid; i++)
        fewest = fmin(fewest, r->cells[i].runs);
    if (fewest < TRUST_RUNS_MIN)
        add(t, "; from only %.0f run%s, so repeat it before relying on it", fewest,
            fewest == 1 ? "" : "s");
}

static void add_valid(struct text *t, const struct ranking *r)
{
    size_t tied = ranking_tied(r);
    const char *job = result_string(r->cells[0].cell, "job");

    if (strcmp(job, "null") == 0)
        add_harness_cost(t, r);
    else if (r->valid == 1)
        add_single(t, &r->cells[0]);
    else if (tied == r->valid)
        add_all_tied(t, r);
    else
        add_comparison(t, r, tied);
    add_computation(t, r);
    add_frozen(t, r);
    add_few_runs(t, r);
    if (r->count > r->valid)
        add(t, "; invalid and not ranked: ");
}

char *finding_group(const json_t *result, const char *group, char *buf, size_t size)
{
    struct text t = {.buf = buf, .size = size};
    struct ranking r;

    buf[0] = '\0';
    if (ranking_init(&r, result, group) != 0)
        return buf;
    if (r.valid > 0) {
        add_valid(&t, &r);
    } else if (r.count > 0) {
        add(&t, "nothing valid was measured of ");
        add_work(&t, &r.cells[0]);
        add(&t, ": ");
    }
    add_invalid(&t, &r);
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
