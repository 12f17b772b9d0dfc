#include "gate/gate_ratio.h"

#include "math/stats.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE_MODEL "tasks"

/* What is kept of a session, under their keys. */
static const char *const kept[] = {"makespan", "cpu_total"};

const json_t *gate_ratio_reference(const json_t *run, const json_t *cell)
{
    const char *group = result_string(cell, "group");
    const json_t *first = NULL, *other;
    size_t i;

    json_array_foreach(json_object_get(run, "cells"), i, other)
    {
        if (strcmp(result_string(other, "group"), group) != 0)
            continue;
        if (strcmp(result_string(other, "model"), REFERENCE_MODEL) == 0)
            return other;
        if (first == NULL)
            first = other;
    }
    return first;
}

/* A cell's name without its group's: "pool(4)". */
static int label_length(const json_t *cell)
{
    const char *name = result_string(cell, "name"), *group = result_string(cell, "group");
    size_t len = strlen(name), tail = strlen(group) + 1;

    return (int)(len > tail && strcmp(name + len - tail + 1, group) == 0 ? len - tail : len);
}

char *gate_ratio_name(const json_t *cell, const json_t *reference, char *buf, size_t size)
{
    snprintf(buf, size, "%.*s/%.*s %s", label_length(cell), result_string(cell, "name"),
             label_length(reference), result_string(reference, "name"),
             result_string(cell, "group"));
    return buf;
}

/* The median over the runs of log(cell / reference). 0 and *out NAN when no run has it; or -ENOMEM.
 */
static int median_log(const json_t *cell, const json_t *reference, const struct metric *m,
                      double *out)
{
    size_t runs = metric_runs(m, cell), n = 0;
    double *logs = malloc((runs + 1) * sizeof *logs);
    struct stats_median median;
    int rc = 0;

    *out = NAN;
    if (logs == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < runs; i++) {
        double a = metric_run(m, cell, i), b = metric_run(m, reference, i);

        if (a > 0 && b > 0)
            logs[n++] = log(a / b);
    }
    if (n > 0 && (rc = stats_median_of(logs, n, &median)) == 0)
        *out = median.median;
    free(logs);
    return rc;
}

/* Of the cell itself where there is no reference. */
static json_t *medians_of(const json_t *cell, const json_t *reference)
{
    json_t *out = json_object();
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof kept / sizeof *kept; i++) {
        const struct metric *m = metric_named(kept[i]);
        double v = metric_of(m, cell).median;

        if (reference != NULL) {
            rc = median_log(cell, reference, m, &v);
            v = exp(v);
        }
        if (rc == 0 && isfinite(v) && v > 0)
            rc = json_object_set_new(out, m->key, result_new_number(v));
    }
    return result_built(out, rc);
}

json_t *gate_ratio_times(const json_t *cell)
{
    return medians_of(cell, NULL);
}

json_t *gate_ratio_of(const json_t *cell, const json_t *reference)
{
    return medians_of(cell, reference);
}
