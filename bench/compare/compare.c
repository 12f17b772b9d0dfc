#include "compare/compare.h"

#include "base/text.h"
#include "base/units.h"
#include "export/export.h"
#include "math/stats_ranks.h"
#include "result/ledger.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Ratios ---- */

static bool all_equal(const double *a, size_t a_count, const double *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        if (a[i] != a[0])
            return false;
    for (size_t i = 0; i < b_count; i++)
        if (b[i] != a[0])
            return false;
    return true;
}

/* false when a value has no logarithm. */
static bool take_logarithms(const double *values, size_t count, double *logs)
{
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] > 0) || !isfinite(values[i]))
            return false;
        logs[i] = log(values[i]);
    }
    return true;
}

static enum compare_verdict verdict_of(const struct compare_ratio *r, double effect)
{
    double above = log1p(effect);

    if (log(r->low) >= -above && log(r->high) <= above)
        return COMPARE_SAME;
    if (r->low > 1 && log(r->ratio) > above)
        return COMPARE_MORE;
    if (r->high < 1 && log(r->ratio) < -above)
        return COMPARE_LESS;
    return COMPARE_UNCLEAR;
}

int compare_ratio_of(const double *a, size_t a_count, const double *b, size_t b_count,
                     double effect, struct compare_ratio *out)
{
    double a_logs[METRIC_RUNS_MAX], b_logs[METRIC_RUNS_MAX];
    struct stats_hodges_lehmann shift;
    bool constant = all_equal(a, a_count, b, b_count);
    int status;

    *out = (struct compare_ratio){NAN, NAN, NAN, NAN, COMPARE_UNKNOWN, NULL};
    if (constant && a_count > 1 && b_count > 1) {
        *out = (struct compare_ratio){1, 1, 1, 1, COMPARE_SAME, NULL};
        return 0;
    }
    if (!take_logarithms(a, a_count, a_logs) || !take_logarithms(b, b_count, b_logs)) {
        out->why = "runs with 0";
        return 0;
    }
    status =
        stats_hodges_lehmann_shift(b_logs, b_count, a_logs, a_count, COMPARE_CONFIDENCE, &shift);
    if (status < 0)
        return status;
    out->ratio = exp(shift.estimate);
    out->low = exp(shift.ci_low);
    out->high = exp(shift.ci_high);
    out->confidence = shift.confidence;
    if (shift.confidence < COMPARE_CONFIDENCE)
        out->why = "too few runs";
    else
        out->verdict = verdict_of(out, effect);
    return 0;
}

/* Of one value each that has no spread, as a count that is exact: any change beyond the effect is
 * one. */
static void ratio_exact(double a, double b, double effect, struct compare_ratio *out)
{
    double ratio = a == b ? 1 : b / a;

    *out = (struct compare_ratio){ratio, ratio, ratio, 1, COMPARE_SAME, NULL};
    if (b > a * (1 + effect))
        out->verdict = COMPARE_MORE;
    else if (b < a / (1 + effect))
        out->verdict = COMPARE_LESS;
}

void compare_ratio_bare(double a, double b, const char *why, struct compare_ratio *out)
{
    double ratio = a > 0 && b > 0 ? b / a : (double)NAN;

    *out = (struct compare_ratio){ratio, NAN, NAN, NAN, COMPARE_UNKNOWN, why};
}

/* ---- Two results ---- */

bool compare_can(const struct metric *metric)
{
    return metric->compared != 0;
}

static bool applies(const struct metric *metric, const json_t *cell)
{
    return (metric->compared & metric_cells_of(cell)) != 0;
}

double compare_value(const struct metric *metric, const json_t *cell)
{
    return applies(metric, cell) ? metric_of(metric, cell).median : (double)NAN;
}

static bool is_valid(const json_t *cell)
{
    return json_is_true(json_object_get(cell, "valid"));
}

/* Inputs drawn by another seed have other checksums, and a loop by time does another number of
 * jobs; what each of them does is the same. */
static bool other_work(const struct compare *c, const json_t *a, const json_t *b)
{
    bool per_job = result_number(c->a, "seed") != result_number(c->b, "seed") ||
                   result_number(a, "load.duration_s") > 0;
    struct ledger one, other;
    char difference[128];

    return ledger_read(json_object_get(a, "ledger"), &one) &&
           ledger_read(json_object_get(b, "ledger"), &other) &&
           ledger_differs(&one, &other, per_job, difference, sizeof difference);
}

/* The cell of b that a cell of a is compared with; NULL when there is none, and into *left why. */
static const json_t *partner_of(const struct compare *c, const char *name, const json_t *cell,
                                struct compare_left_out *left)
{
    const json_t *other = json_object_get(c->b_names, name);
    const char *why = other == NULL                ? "only"
                      : !is_valid(cell)            ? "invalid"
                      : !is_valid(other)           ? "invalid"
                      : other_work(c, cell, other) ? "its jobs did other work"
                                                   : NULL;

    left->cell = name;
    if (why == NULL)
        return other;
    snprintf(left->why, sizeof left->why, "%s in %c", why,
             other == NULL || !is_valid(cell) ? 'A' : c->label);
    return NULL;
}

static bool wanted(const struct compare_options *options, const struct metric *metric)
{
    for (size_t i = 0; i < options->metrics_count; i++)
        if (options->metrics[i] == metric)
            return true;
    return options->metrics_count == 0 && compare_can(metric);
}

/* Counts: exact ones changed if they differ at all, instructions by more than their
 * effect. */
static void compare_counts(struct compare_row *row)
{
    enum metric_kind kind = metric_kind(row->metric, row->a);
    double effect = kind == METRIC_INSTRUCTIONS ? COMPARE_INSTRUCTIONS_EFFECT : 0;

    if (kind != metric_kind(row->metric, row->b))
        compare_ratio_bare(row->a_value, row->b_value, "counted otherwise", &row->ratio);
    else if (kind == METRIC_EXACT || kind == METRIC_INSTRUCTIONS)
        ratio_exact(row->a_value, row->b_value, effect, &row->ratio);
    else
        compare_ratio_bare(row->a_value, row->b_value, "up to the scheduler", &row->ratio);
}

/* How a cell stands to the base of its group, run by run: runs of one index are of one round. */
static size_t values_of(const struct metric *metric, const json_t *cell, const json_t *base,
                        double *values)
{
    double others[METRIC_RUNS_MAX];
    size_t count = applies(metric, cell) ? metric_values(metric, cell, values) : 0, i;

    if (base == NULL)
        return count;
    if (metric_values(metric, base, others) != count)
        return 0;
    for (i = 0; i < count && others[i] > 0; i++)
        values[i] /= others[i];
    return i == count ? count : 0;
}

static double value_of(const struct metric *metric, const json_t *cell, const json_t *base)
{
    double value = compare_value(metric, cell);

    return base != NULL ? value / compare_value(metric, base) : value;
}

/* 0 or -ENOMEM; the row is kept if both results have the metric. */
static int add_row(struct compare *c, struct compare_row *row)
{
    double a[METRIC_RUNS_MAX], b[METRIC_RUNS_MAX];
    size_t a_count, b_count;
    int status = 0;

    row->a_value = value_of(row->metric, row->a, row->a_base);
    row->b_value = value_of(row->metric, row->b, row->b_base);
    if (!isfinite(row->a_value) || !isfinite(row->b_value))
        return 0;
    a_count = values_of(row->metric, row->a, row->a_base, a);
    b_count = values_of(row->metric, row->b, row->b_base, b);
    if (metric_is_count(row->metric))
        compare_counts(row);
    else if (a_count > 0 && b_count > 0)
        status = compare_ratio_of(a, a_count, b, b_count, c->effect, &row->ratio);
    else
        compare_ratio_bare(row->a_value, row->b_value, "no value a run", &row->ratio);
    if (status == 0)
        c->rows[c->rows_count++] = *row;
    return status;
}

/* The first cell of the group that can be compared in both results, into *a and *b. */
static void find_base(const struct compare *c, const json_t *cell, const json_t **a,
                      const json_t **b)
{
    const char *group = result_string(cell, "group");
    const char *name;
    json_t *other;
    struct compare_left_out left;

    json_object_foreach(c->a_names, name, other)
    {
        *a = other;
        if (strcmp(result_string(other, "group"), group) == 0 &&
            (*b = partner_of(c, name, other, &left)) != NULL)
            return;
    }
}

static int add_cell(struct compare *c, const struct compare_options *options, const char *name,
                    const json_t *a, const json_t *b)
{
    struct compare_row row = {.name = name, .a = a, .b = b};
    const json_t *a_base = a, *b_base = b;
    int status = 0;

    if (c->relative)
        find_base(c, a, &a_base, &b_base);
    for (size_t i = 0; i < metrics_count && status == 0; i++) {
        const struct metric *metric = &metrics[i];

        if (!wanted(options, metric))
            continue;
        row.metric = metric;
        row.a_base = row.b_base = NULL;
        row.elsewhere = metric->timed && !c->same_machine;
        status = add_row(c, &row);
        if (status < 0 || !c->relative || !metric->timed || a_base == a)
            continue;
        row.a_base = a_base;
        row.b_base = b_base;
        status = add_row(c, &row);
    }
    return status;
}

static int add_cells(struct compare *c, const struct compare_options *options)
{
    const char *name;
    json_t *cell;
    int status = 0;

    json_object_foreach(c->a_names, name, cell)
    {
        const json_t *other = partner_of(c, name, cell, &c->left_out[c->left_out_count]);

        c->left_out_count += other == NULL;
        c->cells += other != NULL;
        if (other != NULL && (status = add_cell(c, options, name, cell, other)) < 0)
            return status;
    }
    json_object_foreach(c->b_names, name, cell)
    {
        struct compare_left_out *left = &c->left_out[c->left_out_count];

        left->cell = name;
        snprintf(left->why, sizeof left->why, "only in %c", c->label);
        c->left_out_count += json_object_get(c->a_names, name) == NULL;
    }
    return 0;
}

int compare_create(const json_t *a, const json_t *b, const struct compare_options *options,
                   struct compare *out, struct err *err)
{
    size_t a_cells = json_array_size(json_object_get(a, "cells"));
    size_t b_cells = json_array_size(json_object_get(b, "cells"));
    char text[512];

    *out = (struct compare){.a = a, .b = b, .label = options->label, .effect = options->effect};
    out->same_machine = compare_machine_same(a, b, text, sizeof text);
    out->relative = options->relative || !out->same_machine;
    out->rows = calloc(2 * metrics_count * a_cells + 1, sizeof *out->rows);
    out->left_out = calloc(a_cells + b_cells + 1, sizeof *out->left_out);
    out->a_names = compare_cells_by_name(a);
    out->b_names = compare_cells_by_name(b);
    if (out->rows == NULL || out->left_out == NULL || out->a_names == NULL ||
        out->b_names == NULL || add_cells(out, options) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    if (out->cells == 0)
        return err_set(err, -EINVAL,
                       "there is no cell that both results have, valid and of the "
                       "same work%s%s",
                       out->same_machine ? "" : "; their machines differ, too: ", text);
    if (out->rows_count == 0)
        return err_set(err, -EINVAL, "the results have none of these metrics in common");
    return 0;
}

void compare_destroy(struct compare *c)
{
    free(c->rows);
    free(c->left_out);
    json_decref(c->a_names);
    json_decref(c->b_names);
    *c = (struct compare){.rows = NULL};
}

enum compare_outcome compare_outcome(const struct compare_row *row)
{
    enum compare_verdict verdict = row->ratio.verdict;

    if (row->elsewhere)
        return COMPARE_ELSEWHERE;
    if (verdict == COMPARE_MORE || verdict == COMPARE_LESS)
        return (verdict == COMPARE_LESS) == row->metric->more_is_better ? COMPARE_WORSE
                                                                        : COMPARE_BETTER;
    return verdict == COMPARE_SAME ? COMPARE_UNCHANGED : COMPARE_CANNOT_TELL;
}

bool compare_changed(const struct compare_row *row)
{
    return compare_outcome(row) <= COMPARE_BETTER;
}

bool compare_worse(const struct compare_row *row)
{
    return compare_outcome(row) == COMPARE_WORSE;
}

static int keep(const struct export_cell *c, void *cells)
{
    return json_object_set(cells, c->name, (json_t *)c->cell) == 0 ? 0 : -ENOMEM;
}

json_t *compare_cells_by_name(const json_t *result)
{
    json_t *cells = json_object();

    return result_built(cells, cells != NULL ? export_cells(result, keep, cells) : -ENOMEM);
}

/* A member of the context and what it is called. */
struct trait {
    const char *key, *title;
};

static const struct trait machine[] = {
    {"cpu", "CPU"},
    {"architecture", "architecture"},
    {"cores", "cores"},
    {"cpu_quota", "CPU quota"},
    {"governor", "governor"},
    {"virtual_machine", "virtual machine"},
    {"kernel", "kernel"},
    {"memory_bytes", "memory"},
    {NULL, NULL},
};

static const struct trait software[] = {
    {"compiler", "compiler"},
    {"build_type", "build"},
    {"libuv", "libuv"},
    {"liburing", "liburing"},
    {"libcurl", "libcurl"},
    {"libc", "libc"},
    {"timer_slack_ns", "timer slack"},
    {"uv_threadpool_size", "libuv's threads"},
    {NULL, NULL},
};

static const char *as_text(const json_t *value, const char *key, char *buf, size_t size)
{
    if (json_is_string(value))
        snprintf(buf, size, "%s", json_string_value(value));
    else if (strcmp(key, "memory_bytes") == 0)
        units_format_size(json_number_value(value), buf, size);
    else if (json_is_number(value))
        snprintf(buf, size, "%.12g", json_number_value(value));
    else
        snprintf(buf, size, "%s",
                 json_is_true(value)             ? "yes"
                 : json_is_false(value)          ? "no"
                 : strcmp(key, "cpu_quota") == 0 ? "none"
                                                 : "unknown");
    return buf;
}

/* The kernel of a machine tells a little less memory after some updates, and is the same machine.
 */
static bool differs(const json_t *a, const json_t *b, const char *key)
{
    if (strcmp(key, "memory_bytes") == 0)
        return fabs(json_number_value(a) - json_number_value(b)) >
               0.02 * fmax(json_number_value(a), json_number_value(b));
    if ((strcmp(key, "libcurl") == 0 || strcmp(key, "liburing") == 0 ||
         strcmp(key, "architecture") == 0) &&
        (a == NULL || b == NULL))
        return false; /* where none was used, none is named; earlier versions named none of these */
    if (a == NULL || b == NULL)
        return (a != NULL && !json_is_null(a)) || (b != NULL && !json_is_null(b));
    return !json_equal(a, b);
}

static bool same(const struct trait *traits, const json_t *a, const json_t *b, char *buf,
                 size_t size)
{
    const json_t *ours = json_object_get(a, "context"), *theirs = json_object_get(b, "context");
    char one[96], other[96];

    *buf = '\0';
    for (; traits->key != NULL; traits++) {
        const json_t *x = json_object_get(ours, traits->key);
        const json_t *y = json_object_get(theirs, traits->key);

        if (differs(x, y, traits->key))
            text_add(buf, size, "%s%s %s against %s", *buf ? ", " : "", traits->title,
                     as_text(x, traits->key, one, sizeof one),
                     as_text(y, traits->key, other, sizeof other));
    }
    return *buf == '\0';
}

bool compare_machine_same(const json_t *a, const json_t *b, char *buf, size_t size)
{
    const json_t *ours = json_object_get(a, "context"), *theirs = json_object_get(b, "context");
    const char *apart = result_primitive_apart(ours, theirs);
    bool alike = same(machine, a, b, buf, size);
    char one[32], other[32];

    if (apart != NULL)
        text_add(buf, size, "%s%s %s against %s", alike ? "" : ", ", apart,
                 units_format_duration(result_number(ours, apart), one, sizeof one),
                 units_format_duration(result_number(theirs, apart), other, sizeof other));
    return alike && apart == NULL;
}

bool compare_machine_same_software(const json_t *a, const json_t *b, char *buf, size_t size)
{
    return same(software, a, b, buf, size);
}
