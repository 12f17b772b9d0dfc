#include "gate/gate_ratio.h"

#include "math/stats.h"
#include "result/result.h"
#include "result/value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE_MODEL "tasks"

/* Each figure is the sum of what it lists. */
static const struct figure {
    const char *name, *parts[2];
} figures[] = {
    {"makespan_s", {"makespan_s", NULL}},
    {"cpu_s", {"cpu_user_s", "cpu_sys_s"}},
};

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

static const json_t *values_of(const json_t *cell, const char *quantity)
{
    const json_t *summary = json_object_get(cell, "summary");

    return json_object_get(json_object_get(summary, quantity), "values");
}

/* The figure in run i; NAN without it. */
static double value_at(const json_t *cell, const struct figure *f, size_t i)
{
    double sum = 0;

    for (size_t k = 0; k < 2 && f->parts[k] != NULL; k++) {
        const json_t *v = json_array_get(values_of(cell, f->parts[k]), i);

        sum += json_is_number(v) ? json_number_value(v) : NAN;
    }
    return sum;
}

/* The median of log(cell / reference), or of log(cell) without one, over the runs that have it. 0
 * and *out NAN when none has; or -ENOMEM. */
static int median_log(const json_t *cell, const json_t *reference, const struct figure *f,
                      double *out)
{
    size_t runs = json_array_size(values_of(cell, f->parts[0])), n = 0;
    double *logs = malloc((runs + 1) * sizeof *logs);
    struct stats_median median;
    int rc = 0;

    *out = NAN;
    if (logs == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < runs; i++) {
        double a = value_at(cell, f, i), b = reference ? value_at(reference, f, i) : 1;

        if (a > 0 && b > 0 && isfinite(a) && isfinite(b))
            logs[n++] = log(a / b);
    }
    if (n > 0 && (rc = stats_median_of(logs, n, &median)) == 0)
        *out = median.median;
    free(logs);
    return rc;
}

static json_t *figures_of(const json_t *cell, const json_t *reference)
{
    json_t *out = json_object();
    int rc = out != NULL ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < sizeof figures / sizeof *figures; i++) {
        double v;

        rc = median_log(cell, reference, &figures[i], &v);
        if (rc == 0 && isfinite(v))
            rc = json_object_set_new(out, figures[i].name, value_number(exp(v)));
    }
    if (rc == 0)
        return out;
    json_decref(out);
    return NULL;
}

json_t *gate_ratio_times(const json_t *cell)
{
    return figures_of(cell, NULL);
}

json_t *gate_ratio_of(const json_t *cell, const json_t *reference)
{
    return figures_of(cell, reference);
}
