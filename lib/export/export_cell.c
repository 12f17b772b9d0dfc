#include "export/export_cell.h"

#include "result/result.h"
#include "result/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The quantities that are worth being followed over time, one a line. */
static const struct {
    const char *name, *path, *unit;
    bool bigger_is_better;
    bool batch; /* says nothing of a loop, whose duration is given */
} quantities[] = {
    {"makespan_s", "makespan_s", "s", false, true},
    {"latency_mean_s", "latency_mean_s", "s", false, false},
    {"latency_p99_s", "latency_p99_s", "s", false, false},
    {"throughput_per_s", "throughput_per_s", "jobs/s", true, false},
    {"heartbeat_lag_max_ns", "heartbeat_lag_max_ns", "ns", false, false},
    {"cpu_user_s", "cpu_user_s", "s", false, false},
    {"cpu_sys_s", "cpu_sys_s", "s", false, false},
    {"memory_per_job_bytes", "memory_per_job_bytes", "bytes", false, false},
};

#define QUANTITIES_COUNT (sizeof quantities / sizeof *quantities)

static const char *const headlines[] = {"makespan_s", "latency_mean_s"};

static bool all_numbers(const json_t *list)
{
    const json_t *value;
    size_t i;

    json_array_foreach(list, i, value)
    {
        if (!json_is_number(value))
            return false;
    }
    return true;
}

static size_t add_quantities(const json_t *summary, struct export_metric *out)
{
    bool loop = json_is_object(json_object_get(summary, "latency_mean_s"));
    size_t n = 0;

    for (size_t i = 0; i < QUANTITIES_COUNT; i++) {
        const json_t *quantity = json_object_get(summary, quantities[i].path);
        struct export_metric m = {
            .name = quantities[i].name,
            .unit = quantities[i].unit,
            .kind = EXPORT_MEASURED,
            .bigger_is_better = quantities[i].bigger_is_better,
            .value = result_number(quantity, "median"),
            .low = result_number(quantity, "ci_low"),
            .high = result_number(quantity, "ci_high"),
            .samples = json_array_size(json_object_get(quantity, "values")),
            .source = quantity,
        };

        if (isfinite(m.value) && m.samples > 0 &&
            all_numbers(json_object_get(quantity, "values")) && !(loop && quantities[i].batch))
            out[n++] = m;
    }
    return n;
}

static enum export_kind kind_of(const json_t *count)
{
    const char *kind = result_string(count, "kind");

    if (strcmp(kind, "exact") == 0)
        return EXPORT_EXACT;
    return strcmp(kind, "instructions") == 0 ? EXPORT_INSTRUCTIONS : EXPORT_SCHEDULED;
}

/* In the order of their names, so that files can be compared line by line. */
static size_t add_counts(json_t *counts, struct export_metric *out)
{
    const char *name;
    json_t *count;
    size_t n = 0;

    json_object_foreach(counts, name, count)
    {
        size_t repeats = json_array_size(json_object_get(count, "totals")), at = n;
        struct export_metric m = {
            .name = name,
            .unit = strstr(name, "bytes") != NULL ? "bytes" : "count",
            .kind = kind_of(count),
            .value = result_number(count, "value"),
            .low = NAN,
            .high = NAN,
            .source = count,
        };

        if (!isfinite(m.value))
            continue;
        m.samples = m.kind == EXPORT_EXACT || repeats == 0 ? 1 : repeats;
        for (; at > 0 && strcmp(out[at - 1].name, name) > 0; at--)
            out[at] = out[at - 1];
        out[at] = m;
        n++;
    }
    return n;
}

/* Per job, from the totals at N and at 2N jobs. */
static double repeat_of(const json_t *count, size_t i)
{
    const json_t *totals = json_array_get(json_object_get(count, "totals"), i);
    const json_t *jobs = json_object_get(count, "jobs");
    double more =
        json_number_value(json_array_get(jobs, 1)) - json_number_value(json_array_get(jobs, 0));

    if (json_array_size(totals) != 2 || !(more > 0))
        return NAN;
    return (json_number_value(json_array_get(totals, 1)) -
            json_number_value(json_array_get(totals, 0))) /
           more;
}

double export_metric_sample(const struct export_metric *m, size_t i)
{
    double repeat;

    if (i >= m->samples)
        return NAN;
    if (m->kind == EXPORT_MEASURED)
        return json_number_value(json_array_get(json_object_get(m->source, "values"), i));
    repeat = m->samples > 1 ? repeat_of(m->source, i) : m->value;
    return isfinite(repeat) ? repeat : NAN;
}

const struct export_metric *export_cell_metric(const struct export_cell *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->metrics[i].name, name) == 0)
            return &c->metrics[i];
    return NULL;
}

bool export_cell_is_loop(const struct export_cell *c)
{
    return c->headline != NULL && strcmp(c->headline->name, headlines[0]) != 0;
}

static size_t same_before(const json_t *cells, size_t index)
{
    const char *name = result_string(json_array_get(cells, index), "name");
    size_t same = 0;

    for (size_t i = 0; i < index; i++)
        same += strcmp(result_string(json_array_get(cells, i), "name"), name) == 0;
    return same;
}

static int visit_cell(struct export_cell *c, int (*visit)(const struct export_cell *c, void *arg),
                      void *arg)
{
    json_t *counts = json_object_get(c->cell, "counts");
    struct export_metric *metrics =
        calloc(QUANTITIES_COUNT + json_object_size(counts), sizeof *metrics);
    const char *plain = result_string(c->cell, "name");
    char *name = NULL;
    int rc = -ENOMEM;

    if (metrics == NULL || (c->same == 0 && asprintf(&name, "%s", plain) < 0) ||
        (c->same > 0 && asprintf(&name, "%s #%zu", plain, c->same + 1) < 0))
        goto out;
    c->name = name;
    c->metrics = metrics;
    if (c->valid) {
        c->count = add_quantities(json_object_get(c->cell, "summary"), metrics);
        c->count += add_counts(counts, metrics + c->count);
    }
    for (size_t i = 0; i < sizeof headlines / sizeof *headlines && c->headline == NULL; i++)
        c->headline = export_cell_metric(c, headlines[i]);
    rc = visit(c, arg);
out:
    free(name);
    free(metrics);
    return rc;
}

int export_cells(const json_t *result, int (*visit)(const struct export_cell *c, void *arg),
                 void *arg)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    size_t i;
    int rc = 0;

    json_array_foreach(cells, i, cell)
    {
        struct export_cell c = {
            .cell = cell,
            .index = i,
            .same = same_before(cells, i),
            .valid = json_is_true(json_object_get(cell, "valid")),
        };

        if ((rc = visit_cell(&c, visit, arg)) != 0)
            break;
    }
    return rc;
}

const char *export_cell_untimed(const struct export_cell *c)
{
    return !c->valid ? "it is invalid" : c->headline == NULL ? "its time is not known" : NULL;
}

const char *export_cell_unknown(const struct export_cell *c)
{
    return !c->valid ? "it is invalid" : c->count == 0 ? "nothing of it is known" : NULL;
}

char *export_cell_reasons(const struct export_cell *c)
{
    const json_t *reasons = json_object_get(c->cell, "reasons"), *reason;
    char *text = NULL;
    size_t size, i;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    if (json_array_size(reasons) == 0)
        fputs("no reason is given", out);
    json_array_foreach(reasons, i, reason)
        fprintf(out, "%s%s", i > 0 ? "; " : "", json_string_value(reason));
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

int export_write_json(json_t *document, int rc, FILE *out)
{
    if (rc == 0)
        rc = value_write(document, out);
    json_decref(document);
    return rc;
}
