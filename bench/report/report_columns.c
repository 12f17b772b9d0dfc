#include "report_columns.h"

#include "base/clock.h"
#include "base/units.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

#define NOTHING "-"

/* One column: what is in it for a cell, as text in buf. */
struct column {
    const char *title;
    int width; /* negative: left-aligned */
    const char *(*text)(const json_t *cell, char *buf, size_t size);
};

static const char *duration(double ns, char *buf, size_t size)
{
    return isfinite(ns) ? units_format_duration(ns, buf, size) : NOTHING;
}

const char *report_model(const json_t *cell, char *buf, size_t size)
{
    double threads = result_number(cell, "threads");

    if (!isfinite(threads))
        return result_string(cell, "model");
    snprintf(buf, size, "%s(%.0f)", result_string(cell, "model"), threads);
    return buf;
}

static const char *makespan_text(const json_t *cell, char *buf, size_t size)
{
    return duration(NS_PER_S * result_number(cell, "summary.makespan_s.median"), buf, size);
}

/* "10.3-10.6", in the unit that the median is shown in. */
static const char *interval_text(const json_t *cell, char *buf, size_t size)
{
    double median = NS_PER_S * result_number(cell, "summary.makespan_s.median");
    double low = NS_PER_S * result_number(cell, "summary.makespan_s.ci_low");
    double high = NS_PER_S * result_number(cell, "summary.makespan_s.ci_high");
    double unit = 1;
    int decimals;

    if (!isfinite(median) || !isfinite(low) || !isfinite(high))
        return NOTHING;
    while (unit < NS_PER_S && median / unit >= 999.5)
        unit *= 1000;
    decimals = median / unit >= 99.95 ? 0 : median / unit >= 9.995 ? 1 : 2;
    snprintf(buf, size, "%.*f-%.*f", decimals, low / unit, decimals, high / unit);
    return buf;
}

static const char *ideal_text(const json_t *cell, char *buf, size_t size)
{
    return duration(NS_PER_S * result_number(cell, "summary.ideal_makespan_s"), buf, size);
}

static const char *efficiency_text(const json_t *cell, char *buf, size_t size)
{
    double share = result_number(cell, "summary.efficiency");

    if (!isfinite(share))
        return NOTHING;
    snprintf(buf, size, share < 0.0995 ? "%.1f%%" : "%.0f%%", 100 * share);
    return buf;
}

/* Three digits and a factor: "9.62k". */
static const char *rate(double rate, char *buf, size_t size)
{
    const char *factor = "";

    if (!isfinite(rate))
        return NOTHING;
    if (rate >= 999.5e3) {
        rate /= 1e6;
        factor = "M";
    } else if (rate >= 999.5) {
        rate /= 1e3;
        factor = "k";
    }
    snprintf(buf, size, "%.*f%s", rate >= 99.95 ? 0 : rate >= 9.995 ? 1 : 2, rate, factor);
    return buf;
}

static const char *rate_text(const json_t *cell, char *buf, size_t size)
{
    return rate(result_number(cell, "summary.throughput_per_s.median"), buf, size);
}

static const char *offered_text(const json_t *cell, char *buf, size_t size)
{
    return rate(result_number(cell, "summary.offered_per_s.median"), buf, size);
}

static const char *p50_text(const json_t *cell, char *buf, size_t size)
{
    return duration(result_number(cell, "summary.latency_ns.p50"), buf, size);
}

static const char *p99_text(const json_t *cell, char *buf, size_t size)
{
    return duration(result_number(cell, "summary.latency_ns.p99"), buf, size);
}

static const char *mean_text(const json_t *cell, char *buf, size_t size)
{
    return duration(result_number(cell, "summary.latency_ns.mean"), buf, size);
}

static const char *uncorrected_text(const json_t *cell, char *buf, size_t size)
{
    return duration(result_number(cell, "summary.latency_uncorrected_ns.p99"), buf, size);
}

/* Two digits: "0", "0.35%", "12%". */
static const char *share(double value, char *buf, size_t size)
{
    double percent = 100 * value;

    if (!isfinite(percent))
        return NOTHING;
    if (percent == 0)
        return "0";
    snprintf(buf, size, "%.*f%%", percent >= 9.95 ? 0 : percent >= 0.995 ? 1 : 2, percent);
    return buf;
}

static const char *refused_text(const json_t *cell, char *buf, size_t size)
{
    return share(result_number(cell, "arrivals.refused") / result_number(cell, "arrivals.offered"),
                 buf, size);
}

static const char *unserved_text(const json_t *cell, char *buf, size_t size)
{
    return share(result_number(cell, "arrivals.unserved") / result_number(cell, "arrivals.offered"),
                 buf, size);
}

static const char *utilisation_text(const json_t *cell, char *buf, size_t size)
{
    return share(result_number(cell, "summary.theory.utilisation"), buf, size);
}

static const char *excess_text(const json_t *cell, char *buf, size_t size)
{
    return duration(NS_PER_S * result_number(cell, "summary.theory.excess_wait_s"), buf, size);
}

static const char *in_flight_text(const json_t *cell, char *buf, size_t size)
{
    return rate(result_number(cell, "summary.in_flight.mean.median"), buf, size);
}

static const char *lag_text(const json_t *cell, char *buf, size_t size)
{
    return duration(result_number(cell, "summary.heartbeat_lag_max_ns.median"), buf, size);
}

static const char *cpu_text(const json_t *cell, char *buf, size_t size)
{
    double cpu_s = result_number(cell, "summary.cpu_user_s.median") +
                   result_number(cell, "summary.cpu_sys_s.median");

    return duration(NS_PER_S * cpu_s / result_number(cell, "jobs"), buf, size);
}

static const char *memory_text(const json_t *cell, char *buf, size_t size)
{
    double bytes = result_number(cell, "summary.memory_per_job_bytes.median");

    return isfinite(bytes) ? units_format_size(bytes, buf, size) : NOTHING;
}

static const struct column batch_columns[] = {
    {"model", -11, report_model}, {"makespan", 8, makespan_text}, {"interval", -12, interval_text},
    {"ideal", 7, ideal_text},     {"eff.", 5, efficiency_text},   {"jobs/s", 6, rate_text},
    {"p50", 7, p50_text},         {"p99", 7, p99_text},           {"lag max", 7, lag_text},
    {"CPU/job", 7, cpu_text},     {"mem/job", 8, memory_text},    {NULL, 0, NULL},
};

static const struct column closed_columns[] = {
    {"model", -11, report_model},
    {"jobs/s", 6, rate_text},
    {"in flight", 9, in_flight_text},
    {"mean", 7, mean_text},
    {"p50", 7, p50_text},
    {"p99", 7, p99_text},
    {"unc. p99", 8, uncorrected_text},
    {"lag max", 7, lag_text},
    {"CPU/job", 7, cpu_text},
    {"mem/job", 8, memory_text},
    {NULL, 0, NULL},
};

static const struct column open_columns[] = {
    {"model", -11, report_model},
    {"rate/s", 6, offered_text},
    {"jobs/s", 6, rate_text},
    {"p50", 7, p50_text},
    {"p99", 7, p99_text},
    {"unc. p99", 8, uncorrected_text},
    {"refused", 7, refused_text},
    {"unserved", 8, unserved_text},
    {"util.", 5, utilisation_text},
    {"excess", 8, excess_text},
    {"lag max", 7, lag_text},
    {"CPU/job", 7, cpu_text},
    {NULL, 0, NULL},
};

/* Documents of earlier versions say nothing of the load: they are of batches. */
static const struct column *columns_of(const json_t *cell)
{
    const char *kind = result_string(cell, "load.kind");

    return strcmp(kind, "open") == 0     ? open_columns
           : strcmp(kind, "closed") == 0 ? closed_columns
                                         : batch_columns;
}

void report_write_titles(const json_t *cell, FILE *out)
{
    const char *before = "  ";

    for (const struct column *c = columns_of(cell); c->title != NULL; c++, before = " ")
        fprintf(out, "%s%*s", before, c->width, c->title);
    fputc('\n', out);
}

void report_write_row(const json_t *cell, FILE *out)
{
    const char *before = "  ";
    char buf[REPORT_TEXT];

    for (const struct column *c = columns_of(cell); c->title != NULL; c++, before = " ")
        fprintf(out, "%s%*s", before, c->width, c->text(cell, buf, sizeof buf));
    fputc('\n', out);
}
