#include "compare/compare_metric.h"

#include "base/suggest.h"
#include "base/units.h"
#include "result/result.h"
#include "math/stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A batch's throughput is its makespan once more, and a loop's makespan is its schedule. */
const struct compare_metric compare_metrics[] = {
    {.name = "makespan",
     .title = "makespan",
     .more = "longer",
     .less = "shorter",
     .unit = COMPARE_SECONDS,
     .path = "makespan_s",
     .scale = 1,
     .timed = true,
     .batch_only = true},
    {.name = "throughput",
     .title = "throughput",
     .more = "higher",
     .less = "lower",
     .unit = COMPARE_RATE,
     .path = "throughput_per_s",
     .scale = 1,
     .more_is_better = true,
     .timed = true,
     .loop_only = true},
    {.name = "p50",
     .title = "latency p50",
     .more = "higher",
     .less = "lower",
     .unit = COMPARE_SECONDS,
     .path = "latency_p50_s",
     .scale = 1,
     .pooled = "summary.latency_ns.p50",
     .timed = true},
    {.name = "p99",
     .title = "latency p99",
     .more = "higher",
     .less = "lower",
     .unit = COMPARE_SECONDS,
     .path = "latency_p99_s",
     .scale = 1,
     .pooled = "summary.latency_ns.p99",
     .timed = true},
    {.name = "cpu",
     .title = "CPU a job",
     .more = "more",
     .less = "less",
     .unit = COMPARE_SECONDS,
     .source = COMPARE_PER_JOB,
     .path = "cpu_user_s",
     .plus = "cpu_sys_s",
     .scale = 1,
     .timed = true},
    {.name = "memory",
     .title = "memory a job",
     .more = "more",
     .less = "less",
     .unit = COMPARE_BYTES,
     .path = "memory_per_job_bytes",
     .scale = 1},
    {.name = "lag",
     .title = "longest loop lag",
     .more = "longer",
     .less = "shorter",
     .unit = COMPARE_SECONDS,
     .path = "heartbeat_lag_max_ns",
     .scale = 1e-9,
     .timed = true},
    {.name = "syscalls",
     .title = "system calls a job",
     .more = "more",
     .less = "fewer",
     .unit = COMPARE_COUNT,
     .source = COMPARE_COUNTED,
     .path = "syscalls_per_job"},
    {.name = "allocations",
     .title = "allocations a job",
     .more = "more",
     .less = "fewer",
     .unit = COMPARE_COUNT,
     .source = COMPARE_COUNTED,
     .path = "allocations_per_job"},
    {.name = "allocated",
     .title = "bytes allocated a job",
     .more = "more",
     .less = "fewer",
     .unit = COMPARE_BYTES,
     .source = COMPARE_COUNTED,
     .path = "allocated_bytes_per_job"},
    {.name = "instructions",
     .title = "instructions a job",
     .more = "more",
     .less = "fewer",
     .unit = COMPARE_COUNT,
     .source = COMPARE_COUNTED,
     .path = "instructions_per_job"},
    {.name = "memory-calls",
     .title = "memory calls a job",
     .more = "more",
     .less = "fewer",
     .unit = COMPARE_COUNT,
     .source = COMPARE_COUNTED,
     .path = "memory_calls_per_job"},
    {.name = "switches",
     .title = "context switches a job",
     .more = "more",
     .less = "fewer",
     .unit = COMPARE_COUNT,
     .source = COMPARE_COUNTED,
     .path = "context_switches_per_job"},
    {.name = "wakeups",
     .title = "wake-ups a job",
     .more = "more",
     .less = "fewer",
     .unit = COMPARE_COUNT,
     .source = COMPARE_COUNTED,
     .path = "wakeups_per_job"},
};

const size_t compare_metrics_count = sizeof compare_metrics / sizeof *compare_metrics;

const struct compare_metric *compare_metric_find(const char *name, struct err *err)
{
    const char *names[sizeof compare_metrics / sizeof *compare_metrics];

    for (size_t i = 0; i < compare_metrics_count; i++) {
        names[i] = compare_metrics[i].name;
        if (strcmp(name, names[i]) == 0)
            return &compare_metrics[i];
    }
    suggest_unknown("metric", name, names, compare_metrics_count, err);
    return NULL;
}

static bool applies(const struct compare_metric *metric, const json_t *cell)
{
    const char *load = result_string(cell, "load.kind");
    bool batch = *load == '\0' || strcmp(load, "batch") == 0;

    return batch ? !metric->loop_only : !metric->batch_only;
}

static const json_t *quantity(const json_t *cell, const char *name)
{
    return json_object_get(json_object_get(cell, "summary"), name);
}

size_t compare_metric_values(const struct compare_metric *metric, const json_t *cell,
                             double *values)
{
    const json_t *list, *more = NULL;
    double jobs = result_number(cell, "jobs"), scale = metric->scale;
    size_t count;

    if (metric->source == COMPARE_COUNTED || !applies(metric, cell))
        return 0;
    list = json_object_get(quantity(cell, metric->path), "values");
    count = json_array_size(list);
    if (metric->source == COMPARE_PER_JOB) {
        more = json_object_get(quantity(cell, metric->plus), "values");
        if (json_array_size(more) != count || !(jobs > 0))
            return 0;
        scale /= jobs;
    }
    if (count > COMPARE_VALUES_MAX)
        count = COMPARE_VALUES_MAX;
    for (size_t i = 0; i < count; i++)
        values[i] = scale * (json_number_value(json_array_get(list, i)) +
                             json_number_value(json_array_get(more, i)));
    return count;
}

static const json_t *count_of(const struct compare_metric *metric, const json_t *cell)
{
    return json_object_get(json_object_get(cell, "counts"), metric->path);
}

double compare_metric_value(const struct compare_metric *metric, const json_t *cell)
{
    double values[COMPARE_VALUES_MAX];
    struct stats_median median;
    size_t count;

    if (metric->source == COMPARE_COUNTED)
        return result_number(count_of(metric, cell), "value");
    count = compare_metric_values(metric, cell, values);
    if (count > 0 && stats_median_of(values, count, &median) == 0)
        return median.median;
    return metric->pooled && applies(metric, cell) ? result_number(cell, metric->pooled) * 1e-9
                                                   : (double)NAN;
}

const char *compare_metric_kind(const struct compare_metric *metric, const json_t *cell)
{
    return metric->source == COMPARE_COUNTED ? result_string(count_of(metric, cell), "kind") : "";
}

char *compare_metric_text(const struct compare_metric *metric, double value, char *buf, size_t size)
{
    char text[32];

    if (isnan(value))
        snprintf(buf, size, "-");
    else if (metric->unit == COMPARE_SECONDS)
        units_format_duration(value * 1e9, buf, size);
    else if (metric->unit == COMPARE_BYTES)
        units_format_size(value, buf, size);
    else if (fabs(value) < 1000)
        snprintf(buf, size, "%.4g%s", value, metric->unit == COMPARE_RATE ? "/s" : "");
    else
        snprintf(buf, size, "%s%s",
                 units_format_count((uint64_t)fmin(fabs(value), 1e18), text, sizeof text),
                 metric->unit == COMPARE_RATE ? "/s" : "");
    return buf;
}
