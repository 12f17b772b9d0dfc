#include "result/counts.h"

#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WHOLE_FROM 1000 /* larger figures are shown without decimals */

const struct counts_metric counts_metrics[] = {
    {"syscalls_per_job", "syscalls"},         {"allocations_per_job", "allocs"},
    {"allocated_bytes_per_job", "bytes"},     {"instructions_per_job", "instructions"},
    {"wakeups_per_job", "waits, wakes"},      {"memory_calls_per_job", "memory calls"},
    {"context_switches_per_job", "switches"},
};

const size_t counts_metrics_count = sizeof counts_metrics / sizeof *counts_metrics;

bool counts_there(const json_t *cell)
{
    return json_object_size(json_object_get(cell, "counts")) > 0;
}

static bool in(const char *group, const json_t *cell)
{
    return strcmp(result_string(cell, "group"), group) == 0;
}

bool counts_in_group(const json_t *result, const char *group)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    size_t i;

    json_array_foreach(cells, i, cell)
    {
        if (in(group, cell) && counts_there(cell))
            return true;
    }
    return false;
}

/* A cell that was to be measured and could not be says why; one that was counted only says nothing
 * of runs. */
bool counts_measured(const json_t *result, const char *group)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    size_t i;

    json_array_foreach(cells, i, cell)
    {
        if (in(group, cell) &&
            (json_object_get(cell, "counts") == NULL || result_number(cell, "runs") > 0))
            return true;
    }
    return false;
}

/* Two decimals, without zeros at the end. */
static void write_number(double v, char *buf, size_t size)
{
    char *end;

    snprintf(buf, size, "%.*f", fabs(v) < WHOLE_FROM ? 2 : 0, v);
    if (strchr(buf, '.') == NULL)
        return;
    end = buf + strlen(buf);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
    if (strcmp(buf, "-0") == 0)
        snprintf(buf, size, "0");
}

const char *counts_text(const json_t *cell, const char *metric, char *buf, size_t size)
{
    const json_t *m = json_object_get(json_object_get(cell, "counts"), metric);
    double value = result_number(m, "value");
    size_t loose = strcmp(result_string(m, "kind"), "scheduled") == 0;

    buf[0] = '\0';
    if (!isfinite(value))
        return buf;
    if (loose)
        buf[0] = '~';
    write_number(value, buf + loose, size - loose);
    return buf;
}
