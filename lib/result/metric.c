#include "result/metric.h"

#include "base/clock.h"
#include "base/suggest.h"
#include "base/units.h"
#include "math/stats.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX  64
#define WHOLE_FROM 1000 /* larger counts are shown without decimals */

#define SUMMARY "summary."
#define THEORY  "summary.theory."

/* What families of metrics share. */
#define SPAN    .unit = METRIC_S, .more = "longer", .less = "shorter", .timed = true
#define LATENCY .unit = METRIC_S, .more = "higher", .less = "lower", .timed = true
#define LAG     .unit = METRIC_NS, .more = "longer", .less = "shorter", .timed = true
#define CPU     .unit = METRIC_S, .more = "more", .less = "less", .timed = true
#define RATE    .unit = METRIC_RATE, .more = "higher", .less = "lower", .more_is_better = true
#define LOST    .unit = METRIC_SHARE, .more = "more", .less = "less", .timed = true
#define MEMORY  .unit = METRIC_BYTES, .more = "more", .less = "less"
#define COUNT   .unit = METRIC_COUNT, .more = "more", .less = "fewer"

/* Counts are in a table of their own, and compared whatever the load was. */
#define COUNTED .table = METRIC_COUNTED, .compared = METRIC_ALL, .exported = METRIC_COUNTED

/* clang-format off */
const struct metric metrics[] = {
    {"makespan", "makespan", "makespan", "makespan_s", SPAN,
     .paths = {SUMMARY "makespan_s"}, .ideal = SUMMARY "ideal_makespan_s",
     .headline = METRIC_BATCH, /* a loop's is its schedule */
     .table = METRIC_BATCH, .compared = METRIC_BATCH, .exported = METRIC_BATCH},
    {"first", "makespan of the first batch", "first", "first_makespan_s", SPAN,
     .paths = {SUMMARY "first_makespan_s"}, .table = METRIC_BATCH, .aside = true},
    {"ideal", "ideal makespan", "ideal", "ideal_makespan_s", SPAN,
     .paths = {SUMMARY "ideal_makespan_s"}, .table = METRIC_BATCH},
    {"efficiency", "efficiency", "eff.", "efficiency", .unit = METRIC_SHARE,
     .more = "higher", .less = "lower", .more_is_better = true, .timed = true,
     .paths = {SUMMARY "efficiency"}, .table = METRIC_BATCH},
    {"offered", "arrivals", "offered", "offered_per_s", RATE,
     .paths = {SUMMARY "offered_per_s"}, .table = METRIC_OPEN},
    {"throughput", "throughput", "jobs/s", "throughput_per_s", RATE, .timed = true,
     .paths = {SUMMARY "throughput_per_s"}, .ranked_from = 1,
     .compared = METRIC_LOOP, /* a batch's is its makespan once more */
     .table = METRIC_ALL, .exported = METRIC_ALL},
    {"in_flight", "jobs in flight", "in flight", "in_flight_mean", COUNT, .timed = true,
     .paths = {SUMMARY "in_flight.mean"}, .table = METRIC_CLOSED},
    {"mean", "mean latency", "mean", "latency_mean_s", LATENCY,
     .paths = {SUMMARY "latency_mean_s"}, .pooled = SUMMARY "latency_ns.mean",
     .ideal = THEORY "mean_latency_s", .ranked_from = 1,
     .headline = METRIC_LOOP, .table = METRIC_LOOP, .exported = METRIC_LOOP},
    {"p50", "latency p50", "p50", "latency_p50_s", LATENCY,
     .paths = {SUMMARY "latency_p50_s"}, .pooled = SUMMARY "latency_ns.p50",
     .ideal = THEORY "latency_p50_s", .ranked_from = 20,
     .table = METRIC_ALL, .compared = METRIC_ALL},
    {"p90", "latency p90", "p90", "latency_p90_s", LATENCY,
     .paths = {SUMMARY "latency_p90_s"}, .pooled = SUMMARY "latency_ns.p90",
     .ideal = THEORY "latency_p90_s", .ranked_from = 100},
    {"p99", "latency p99", "p99", "latency_p99_s", LATENCY,
     .paths = {SUMMARY "latency_p99_s"}, .pooled = SUMMARY "latency_ns.p99",
     .ideal = THEORY "latency_p99_s", .ranked_from = 1000,
     .table = METRIC_ALL, .compared = METRIC_ALL, .exported = METRIC_ALL},
    {"p999", "latency p99.9", "p99.9", "latency_p999_s", LATENCY,
     .paths = {SUMMARY "latency_p999_s"}, .pooled = SUMMARY "latency_ns.p999",
     .ideal = THEORY "latency_p999_s", .ranked_from = 10000},
    {"max", "longest latency", "longest", "latency_max_s", SPAN,
     .paths = {SUMMARY "latency_max_s"}, .pooled = SUMMARY "latency_ns.max", .ranked_from = 1},
    {"uncorrected_p50", "latency p50 counted from when jobs began", "unc. p50",
     "latency_uncorrected_p50_s", LATENCY,
     .paths = {SUMMARY "latency_uncorrected_p50_s"},
     .pooled = SUMMARY "latency_uncorrected_ns.p50"},
    {"uncorrected_p90", "latency p90 counted from when jobs began", "unc. p90",
     "latency_uncorrected_p90_s", LATENCY,
     .paths = {SUMMARY "latency_uncorrected_p90_s"},
     .pooled = SUMMARY "latency_uncorrected_ns.p90"},
    {"uncorrected_p99", "latency p99 counted from when jobs began", "unc. p99",
     "latency_uncorrected_p99_s", LATENCY,
     .paths = {SUMMARY "latency_uncorrected_p99_s"},
     .pooled = SUMMARY "latency_uncorrected_ns.p99", .table = METRIC_LOOP},
    {"refused", "share of jobs refused", "refused", "refused_share", LOST,
     .paths = {"arrivals.refused"}, .over = "arrivals.offered", .table = METRIC_OPEN},
    {"unserved", "share of jobs not served", "unserved", "unserved_share", LOST,
     .paths = {"arrivals.unserved"}, .over = "arrivals.offered", .table = METRIC_OPEN},
    {"lost", "share of jobs refused or not served", "lost", "lost_share", LOST,
     .paths = {"arrivals.refused", "arrivals.unserved"}, .over = "arrivals.offered"},
    {"utilisation", "utilisation by theory", "util.", "theory_utilisation", .unit = METRIC_SHARE,
     .more = "higher", .less = "lower", .paths = {THEORY "utilisation"}, .table = METRIC_OPEN},
    {"excess", "mean wait beyond theory's", "excess", "excess_wait_s", SPAN,
     .paths = {THEORY "excess_wait_s"}, .table = METRIC_OPEN},
    {"lag", "longest loop lag", "lag max", "heartbeat_lag_max_ns", LAG,
     .paths = {SUMMARY "heartbeat_lag_max_ns"},
     .table = METRIC_ALL, .compared = METRIC_ALL, .exported = METRIC_ALL},
    {"lag_p50", "loop lag p50", "lag p50", "heartbeat_lag_p50_ns", LAG,
     .paths = {SUMMARY "heartbeat_lag_p50_ns"}, .pooled = SUMMARY "heartbeat_lag_ns.p50"},
    {"lag_p99", "loop lag p99", "lag p99", "heartbeat_lag_p99_ns", LAG, .ranked_from = 1,
     .paths = {SUMMARY "heartbeat_lag_p99_ns"}, .pooled = SUMMARY "heartbeat_lag_ns.p99"},
    {"cpu", "CPU a job", "CPU/job", "cpu_per_job_s", CPU,
     .paths = {SUMMARY "cpu_user_s", SUMMARY "cpu_sys_s"}, .over = "jobs",
     .table = METRIC_ALL, .compared = METRIC_ALL},
    {"cpu_total", "CPU of a run", "CPU", "cpu_s", CPU,
     .paths = {SUMMARY "cpu_user_s", SUMMARY "cpu_sys_s"}},
    {"cpu_user", "user CPU of a run", "user", "cpu_user_s", CPU,
     .paths = {SUMMARY "cpu_user_s"}, .exported = METRIC_ALL},
    {"cpu_sys", "system CPU of a run", "system", "cpu_sys_s", CPU,
     .paths = {SUMMARY "cpu_sys_s"}, .exported = METRIC_ALL},
    {"memory", "memory a job", "mem/job", "memory_per_job_bytes", MEMORY,
     .paths = {SUMMARY "memory_per_job_bytes"},
     .table = METRIC_BATCH | METRIC_CLOSED, .compared = METRIC_ALL, .exported = METRIC_ALL},
    {"memory_kernel", "kernel memory a job", "kernel/job", "memory_kernel_per_job_bytes", MEMORY,
     .paths = {SUMMARY "memory_kernel_per_job_bytes"}},
    {"faults", "page faults a job", "faults/job", "faults_per_job", COUNT,
     .paths = {SUMMARY "faults"}, .over = "jobs"},
    {"first_faults", "page faults of the first batch", "first faults", "first_faults", COUNT,
     .paths = {SUMMARY "first_faults"}},
    {"retransmits", "TCP segments sent again a job", "sent again/job", "tcp_retransmits_per_job",
     .unit = METRIC_SHARE, .more = "more", .less = "fewer", .paths = {SUMMARY "tcp_retransmits"},
     .over = "jobs"},
    {"memory_peak", "peak memory", "peak", "max_rss_bytes", MEMORY,
     .paths = {SUMMARY "max_rss_bytes"}},
    {"syscalls", "system calls a job", "syscalls", "syscalls_per_job", COUNT,
     .paths = {"counts.syscalls_per_job"}, COUNTED},
    {"allocations", "allocations a job", "allocs", "allocations_per_job", COUNT,
     .paths = {"counts.allocations_per_job"}, COUNTED},
    {"allocated", "bytes allocated a job", "bytes", "allocated_bytes_per_job", MEMORY,
     .paths = {"counts.allocated_bytes_per_job"}, COUNTED},
    {"instructions", "instructions a job", "instructions", "instructions_per_job", COUNT,
     .paths = {"counts.instructions_per_job"}, COUNTED},
    {"pages", "pages a job touches first", "pages", "pages_per_job", COUNT,
     .paths = {"counts.pages_per_job"}, COUNTED},
    {"wakeups", "wake-ups a job", "waits, wakes", "wakeups_per_job", COUNT,
     .paths = {"counts.wakeups_per_job"}, COUNTED},
    {"memory-calls", "memory calls a job", "memory calls", "memory_calls_per_job", COUNT,
     .paths = {"counts.memory_calls_per_job"}, COUNTED},
    {"switches", "context switches a job", "switches", "context_switches_per_job", COUNT,
     .paths = {"counts.context_switches_per_job"}, COUNTED},
};
/* clang-format on */

const size_t metrics_count = sizeof metrics / sizeof *metrics;

static const struct {
    const char *name;
    double scale;
} units[METRIC_UNITS] = {
    [METRIC_S] = {"s", 1},         [METRIC_NS] = {"ns", 1e-9},    [METRIC_RATE] = {"jobs/s", 1},
    [METRIC_BYTES] = {"bytes", 1}, [METRIC_COUNT] = {"count", 1}, [METRIC_SHARE] = {"share", 1},
};

const char *metric_unit_name(const struct metric *m)
{
    return units[m->unit].name;
}

double metric_unit_scale(const struct metric *m)
{
    return units[m->unit].scale;
}

const struct metric *metric_find(const char *name, bool (*which)(const struct metric *m),
                                 struct err *err)
{
    const char *names[NAMES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < metrics_count && n < NAMES_MAX; i++) {
        if (which != NULL && !which(&metrics[i]))
            continue;
        if (strcmp(name, metrics[i].name) == 0)
            return &metrics[i];
        names[n++] = metrics[i].name;
    }
    suggest_unknown("metric", name, names, n, err);
    return NULL;
}

const struct metric *metric_named(const char *name)
{
    size_t i = 0;

    while (strcmp(metrics[i].name, name) != 0)
        i++;
    return &metrics[i];
}

/* Documents of earlier versions say nothing of the load: they are of batches. */
unsigned metric_cells_of(const json_t *cell)
{
    const char *kind = result_string(cell, "load.kind");
    unsigned counted = json_object_size(json_object_get(cell, "counts")) > 0 ? METRIC_COUNTED : 0;

    return counted | (strcmp(kind, "open") == 0     ? METRIC_OPEN
                      : strcmp(kind, "closed") == 0 ? METRIC_CLOSED
                                                    : METRIC_BATCH);
}

const struct metric *metric_headline(const json_t *cell)
{
    unsigned cells = metric_cells_of(cell);
    size_t i = 0;

    while ((metrics[i].headline & cells) == 0)
        i++;
    return &metrics[i];
}

static const json_t *values_at(const json_t *cell, const char *path)
{
    return path != NULL ? json_object_get(result_get(cell, path), "values") : NULL;
}

size_t metric_runs(const struct metric *m, const json_t *cell)
{
    size_t n = json_array_size(values_at(cell, m->paths[0]));

    if (m->paths[1] != NULL && json_array_size(values_at(cell, m->paths[1])) != n)
        return 0;
    return n < METRIC_RUNS_MAX ? n : METRIC_RUNS_MAX;
}

/* The runs of a load by time do not all have the same number of jobs. */
static double divisor(const struct metric *m, const json_t *cell, size_t i)
{
    const json_t *jobs;

    if (m->over == NULL)
        return 1;
    jobs = strcmp(m->over, "jobs") == 0 ? values_at(cell, SUMMARY "jobs") : NULL;
    if (i != SIZE_MAX && jobs != NULL && json_array_size(jobs) != metric_runs(m, cell))
        return NAN; /* some runs lack what is divided, and nobody knows which */
    if (i < json_array_size(jobs))
        return json_number_value(json_array_get(jobs, i));
    return result_number(cell, m->over);
}

double metric_run(const struct metric *m, const json_t *cell, size_t i)
{
    double sum = 0;

    for (size_t k = 0; k < 2 && m->paths[k] != NULL; k++) {
        const json_t *value = json_array_get(values_at(cell, m->paths[k]), i);

        sum += json_is_number(value) ? json_number_value(value) : NAN;
    }
    return sum / divisor(m, cell, i);
}

size_t metric_values(const struct metric *m, const json_t *cell, double *values)
{
    size_t n = metric_runs(m, cell);

    for (size_t i = 0; i < n; i++)
        values[i] = metric_run(m, cell, i);
    return n;
}

static struct metric_value only(double value)
{
    return (struct metric_value){isfinite(value) ? value : NAN, NAN, NAN, NAN};
}

/* A number, or a count's value. */
static double number_at(const json_t *cell, const char *path)
{
    const json_t *at = result_get(cell, path);

    return json_is_object(at) ? result_number(at, "value") : result_number(cell, path);
}

static struct metric_value without_runs(const struct metric *m, const json_t *cell)
{
    double sum = number_at(cell, m->paths[0]);

    if (m->paths[1] != NULL)
        sum += number_at(cell, m->paths[1]);
    if (m->pooled != NULL && result_get(cell, m->paths[0]) == NULL)
        sum = result_number(cell, m->pooled) * (m->unit == METRIC_S ? 1.0 / NS_PER_S : 1);
    return only(sum / divisor(m, cell, SIZE_MAX));
}

/* The median of the runs, computed here since the document has only those of the parts. */
static struct metric_value over_runs(const struct metric *m, const json_t *cell)
{
    double values[METRIC_RUNS_MAX];
    size_t n = metric_values(m, cell, values);
    struct stats_median median;

    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return only(NAN);
    stats_median_of(values, n, &median);
    return (struct metric_value){median.median, median.ci_low, median.ci_high, median.confidence};
}

struct metric_value metric_of(const struct metric *m, const json_t *cell)
{
    size_t n = metric_runs(m, cell);
    const json_t *quantity = result_get(cell, m->paths[0]);
    bool computed = m->paths[1] != NULL || m->over != NULL;

    if (computed || !isfinite(result_number(quantity, "median")))
        return n > 0 ? over_runs(m, cell) : without_runs(m, cell);
    return (struct metric_value){
        .median = result_number(quantity, "median"),
        .low = result_number(quantity, "ci_low"),
        .high = result_number(quantity, "ci_high"),
        .confidence = result_number(quantity, "confidence"),
    };
}

bool metric_in_table(const struct metric *m, const json_t *cell)
{
    double headline, own;

    if ((m->table & metric_cells_of(cell)) == 0 || !m->aside)
        return (m->table & metric_cells_of(cell)) != 0;
    headline = metric_of(metric_headline(cell), cell).median;
    own = metric_of(m, cell).median;
    return fabs(own - headline) > METRIC_ASIDE * headline;
}

double metric_ideal(const struct metric *m, const json_t *cell)
{
    return m->ideal != NULL ? result_number(cell, m->ideal) : NAN;
}

bool metric_is_count(const struct metric *m)
{
    return m->table == METRIC_COUNTED;
}

const char *const metric_kinds[METRIC_KINDS] = {
    [METRIC_MEASURED] = "",
    [METRIC_EXACT] = "exact",
    [METRIC_INSTRUCTIONS] = "instructions",
    [METRIC_THREADS] = "threads",
    [METRIC_PAGES] = "pages",
    [METRIC_WAKES] = "wakes",
    [METRIC_SCHEDULED] = "scheduled",
};

enum metric_kind metric_kind_named(const char *name)
{
    enum metric_kind kind = 0;

    while (kind < METRIC_KINDS && strcmp(name, metric_kinds[kind]) != 0)
        kind++;
    return kind;
}

enum metric_kind metric_kind(const struct metric *m, const json_t *cell)
{
    enum metric_kind kind = metric_kind_named(result_string(result_get(cell, m->paths[0]), "kind"));

    return kind < METRIC_KINDS ? kind : METRIC_SCHEDULED;
}

/* Three digits and a factor: "9.62k/s". */
static void rate_text(double rate, char *buf, size_t size)
{
    const char *factor = "";

    if (rate >= 999.5e3) {
        rate /= 1e6;
        factor = "M";
    } else if (rate >= 999.5) {
        rate /= 1e3;
        factor = "k";
    }
    snprintf(buf, size, "%.*f%s/s", rate >= 99.95 ? 0 : rate >= 9.995 ? 1 : 2, rate, factor);
}

/* Two decimals, without zeros at the end. */
static void count_text(double value, char *buf, size_t size)
{
    char *end;

    if (fabs(value) >= WHOLE_FROM) {
        units_format_count((uint64_t)llround(fmin(fabs(value), 1e18)), buf, size);
        return;
    }
    snprintf(buf, size, "%.2f", value);
    end = buf + strlen(buf);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
    if (strcmp(buf, "-0") == 0)
        snprintf(buf, size, "0");
}

/* Two digits: "0", "0.35%", "12%". */
static void share_text(double share, char *buf, size_t size)
{
    double percent = 100 * share;

    if (percent == 0)
        snprintf(buf, size, "0");
    else
        snprintf(buf, size, "%.*f%%", percent >= 9.95 ? 0 : percent >= 0.995 ? 1 : 2, percent);
}

char *metric_text(const struct metric *m, double value, char *buf, size_t size)
{
    if (!isfinite(value)) {
        snprintf(buf, size, "-");
        return buf;
    }
    switch (m->unit) {
    case METRIC_S:
        return units_format_duration(value * NS_PER_S, buf, size);
    case METRIC_NS:
        return units_format_duration(value, buf, size);
    case METRIC_BYTES:
        return units_format_size(value, buf, size);
    case METRIC_RATE:
        rate_text(value, buf, size);
        break;
    case METRIC_SHARE:
        share_text(value, buf, size);
        break;
    default:
        count_text(value, buf, size);
    }
    return buf;
}

char *metric_cell_text(const struct metric *m, const json_t *cell, char *buf, size_t size)
{
    bool loose = metric_is_loose(metric_kind(m, cell));

    if (loose)
        buf[0] = '~';
    metric_text(m, metric_of(m, cell).median, buf + loose, size - loose);
    return buf;
}
