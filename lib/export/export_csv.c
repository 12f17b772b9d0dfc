#include "base/clock.h"
#include "export/export.h"
#include "result/metric.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

/* What a column has: a member of the cell; or of a metric of the catalogue the value, an end of its
 * interval, or what that covers. */
enum part { MEMBER, METRIC, METRIC_LOW, METRIC_HIGH, METRIC_CONFIDENCE };

/* One column a line: its name, and its path in a cell or its metric. The catalogue's other metrics
 * follow under their keys. */
static const struct {
    const char *name, *path;
    enum part part;
} columns[] = {
    {"name", "name", MEMBER},
    {"group", "group", MEMBER},
    {"job", "job", MEMBER},
    {"spec", "spec", MEMBER},
    {"model", "model", MEMBER},
    {"jobs", "jobs", MEMBER},
    {"threads", "threads", MEMBER},
    {"stack_bytes", "stack_bytes", MEMBER},
    {"runs", "runs", MEMBER},
    {"valid", "valid", MEMBER},
    {"reasons", "reasons", MEMBER},
    {"warnings", "warnings", MEMBER},
    {"makespan_s", "makespan", METRIC},
    {"makespan_ci_low_s", "makespan", METRIC_LOW},
    {"makespan_ci_high_s", "makespan", METRIC_HIGH},
    {"confidence", "makespan", METRIC_CONFIDENCE},
    {"throughput_per_s", "throughput", METRIC},
    {"ideal_makespan_s", "ideal", METRIC},
    {"efficiency", "efficiency", METRIC},
    {"latency_min_ns", "summary.latency_ns.min", MEMBER},
    {"latency_p50_ns", "p50", METRIC},
    {"latency_p90_ns", "p90", METRIC},
    {"latency_p99_ns", "p99", METRIC},
    {"latency_p999_ns", "p999", METRIC},
    {"latency_max_ns", "max", METRIC},
    {"latency_mean_ns", "mean", METRIC},
    {"wait_p50_ns", "summary.wait_ns.p50", MEMBER},
    {"wait_max_ns", "summary.wait_ns.max", MEMBER},
    {"service_p50_ns", "summary.service_ns.p50", MEMBER},
    {"service_max_ns", "summary.service_ns.max", MEMBER},
    {"samples", "summary.latency_ns.count", MEMBER},
    {"heartbeat_lag_p50_ns", "lag_p50", METRIC},
    {"heartbeat_lag_p99_ns", "lag_p99", METRIC},
    {"heartbeat_lag_max_ns", "lag", METRIC},
    {"cpu_user_s", "cpu_user", METRIC},
    {"cpu_sys_s", "cpu_sys", METRIC},
    {"ctx_voluntary", "summary.ctx_voluntary.median", MEMBER},
    {"ctx_involuntary", "summary.ctx_involuntary.median", MEMBER},
    {"max_rss_bytes", "memory_peak", METRIC},
    {"memory_per_job_bytes", "memory", METRIC},
    {"target_cpu_s", "summary.target_cpu_s.median", MEMBER},
    {"steal_s", "summary.steal_s.median", MEMBER},
    {"warmup_s", "summary.warmup_s.median", MEMBER},
    {"errors", "summary.errors", MEMBER},
    {"load", "load.kind", MEMBER},
    {"rate_per_s", "load.rate_per_s", MEMBER},
    {"arrivals", "load.arrivals", MEMBER},
    {"clients", "load.clients", MEMBER},
    {"duration_s", "load.duration_s", MEMBER},
    {"limit", "load.limit", MEMBER},
    {"poison", "load.poison", MEMBER},
    {"offered", "arrivals.offered", MEMBER},
    {"refused", "arrivals.refused", MEMBER},
    {"unserved", "arrivals.unserved", MEMBER},
    {"offered_per_s", "offered", METRIC},
    {"latency_mean_s", "mean", METRIC},
    {"latency_mean_ci_low_s", "mean", METRIC_LOW},
    {"latency_mean_ci_high_s", "mean", METRIC_HIGH},
    {"latency_uncorrected_p99_ns", "uncorrected_p99", METRIC},
    {"dispatch_lateness_p99_ns", "summary.dispatch_lateness_ns.p99", MEMBER},
    {"dispatch_lateness_p999_ns", "summary.dispatch_lateness_ns.p999", MEMBER},
    {"in_flight_mean", "in_flight", METRIC},
    {"in_flight_max", "summary.in_flight.max", MEMBER},
    {"littles_law_error", "summary.littles_law.error", MEMBER},
    {"wait_mean_s", "summary.mean_wait_ci_s.mean", MEMBER},
    {"wait_mean_ci_low_s", "summary.mean_wait_ci_s.ci_low", MEMBER},
    {"wait_mean_ci_high_s", "summary.mean_wait_ci_s.ci_high", MEMBER},
    {"theory", "summary.theory.model", MEMBER},
    {"theory_utilisation", "utilisation", METRIC},
    {"theory_wait_mean_s", "summary.theory.mean_wait_s", MEMBER},
    {"excess_wait_s", "excess", METRIC},
    {"operations", "ledger.operations", MEMBER},
    {"bytes_in", "ledger.bytes_in", MEMBER},
    {"bytes_out", "ledger.bytes_out", MEMBER},
    {"checksum", "ledger.checksum", MEMBER},
    {"syscalls_per_job", "syscalls", METRIC},
    {"allocations_per_job", "allocations", METRIC},
    {"allocated_bytes_per_job", "allocated", METRIC},
    {"instructions_per_job", "instructions", METRIC},
    {"context_switches_per_job", "switches", METRIC},
    {"memory_calls_per_job", "memory-calls", METRIC},
    {"wakeups_per_job", "wakeups", METRIC},
};

static const size_t columns_count = sizeof columns / sizeof columns[0];

static void put_escaped(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
}

/* Quoted where RFC 4180 demands it. */
static void put_text(const char *text, FILE *out)
{
    const char *quote = text[strcspn(text, ",\"\r\n")] != '\0' ? "\"" : "";

    fputs(quote, out);
    put_escaped(text, out);
    fputs(quote, out);
}

static void put_sentences(const json_t *list, FILE *out)
{
    size_t i;
    const json_t *text;

    if (json_array_size(list) == 0)
        return;
    fputc('"', out);
    json_array_foreach(list, i, text)
    {
        fputs(i > 0 ? "; " : "", out);
        put_escaped(json_string_value(text), out);
    }
    fputc('"', out);
}

/* Empty where there is no number. */
static void put_number(double v, FILE *out)
{
    if (!isnan(v))
        fprintf(out, "%.15g", v);
}

static void put_member(const json_t *value, FILE *out)
{
    if (json_is_string(value))
        put_text(json_string_value(value), out);
    else if (json_is_number(value))
        put_number(json_number_value(value), out);
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "true" : "false", out);
    else
        put_sentences(value, out);
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name);

    return len >= strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

/* In the unit that the column's name ends in. */
static void put_metric(const struct metric *m, enum part part, const char *column,
                       const json_t *cell, FILE *out)
{
    bool in_ns = m->unit == METRIC_S && ends_in(column, "_ns");
    struct metric_value v = metric_of(m, cell);
    const double values[] = {[METRIC] = v.median,
                             [METRIC_LOW] = v.low,
                             [METRIC_HIGH] = v.high,
                             [METRIC_CONFIDENCE] = v.confidence};

    put_number(values[part] * (in_ns ? NS_PER_S : 1), out);
}

static bool has_column(const struct metric *m)
{
    for (size_t i = 0; i < columns_count; i++)
        if (columns[i].part == METRIC && strcmp(columns[i].path, m->name) == 0)
            return true;
    return false;
}

static void put_row(const json_t *cell, FILE *out)
{
    for (size_t i = 0; i < columns_count; i++) {
        const char *path = columns[i].path;

        fputs(i > 0 ? "," : "", out);
        if (columns[i].part == MEMBER)
            put_member(result_get(cell, path), out);
        else
            put_metric(metric_named(path), columns[i].part, columns[i].name, cell, out);
    }
    for (size_t i = 0; i < metrics_count; i++) {
        if (has_column(&metrics[i]))
            continue;
        fputc(',', out);
        put_metric(&metrics[i], METRIC, metrics[i].key, cell, out);
    }
    fputc('\n', out);
}

static int write_csv(const json_t *result, FILE *out)
{
    size_t i;
    const json_t *cell;

    for (size_t k = 0; k < columns_count; k++)
        fprintf(out, "%s%s", k > 0 ? "," : "", columns[k].name);
    for (size_t k = 0; k < metrics_count; k++)
        if (!has_column(&metrics[k]))
            fprintf(out, ",%s", metrics[k].key);
    fputc('\n', out);
    json_array_foreach(json_object_get(result, "cells"), i, cell) put_row(cell, out);
    return 0;
}

const struct exporter export_csv = {
    .name = "csv",
    .suffix = ".csv",
    .summary = "one row a cell, for spreadsheets",
    .beside = true,
    .write = write_csv,
};
