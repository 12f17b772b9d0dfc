#include "chart/chart_figure.h"

#include "base/units.h"
#include "chart/chart_load.h"
#include "result/result.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static struct chart_quantity exactly(double value)
{
    return (struct chart_quantity){value, value, value, NAN};
}

struct chart_quantity chart_percentile(const json_t *cell, const char *percentile)
{
    char name[64];
    struct chart_quantity q;

    snprintf(name, sizeof name, "latency_%s_ns", percentile);
    q = chart_quantity(cell, name, 1e-9);
    if (!isnan(q.median))
        return q;
    snprintf(name, sizeof name, "summary.latency_ns.%s", percentile);
    return exactly(result_number(cell, name) * 1e-9);
}

static struct chart_quantity p50(const json_t *cell)
{
    return chart_percentile(cell, "p50");
}

static struct chart_quantity p90(const json_t *cell)
{
    return chart_percentile(cell, "p90");
}

static struct chart_quantity p99(const json_t *cell)
{
    return chart_percentile(cell, "p99");
}

static struct chart_quantity p999(const json_t *cell)
{
    return chart_percentile(cell, "p999");
}

static struct chart_quantity mean(const json_t *cell)
{
    return exactly(result_number(cell, "summary.latency_ns.mean") * 1e-9);
}

static struct chart_quantity longest(const json_t *cell)
{
    return exactly(result_number(cell, "summary.latency_ns.max") * 1e-9);
}

static struct chart_quantity lag_p99(const json_t *cell)
{
    return exactly(result_number(cell, "summary.heartbeat_lag_ns.p99") * 1e-9);
}

static struct chart_quantity throughput(const json_t *cell)
{
    return chart_quantity(cell, "throughput_per_s", 1);
}

static struct chart_quantity seconds_a_job(const json_t *cell)
{
    struct chart_quantity q = throughput(cell);

    return (struct chart_quantity){1 / q.median, 1 / q.high, 1 / q.low, q.confidence};
}

#define THEORY "summary.theory."

static const struct chart_figure figures[] = {
    {"throughput", "count", "/s", "throughput_per_s", NULL, true, throughput, seconds_a_job},
    {"latency p50", "time", "", "latency_p50_ns", THEORY "latency_p50_s", false, p50, p50},
    {"latency p90", "time", "", "latency_p90_ns", THEORY "latency_p90_s", false, p90, p90},
    {"latency p99", "time", "", "latency_p99_ns", THEORY "latency_p99_s", false, p99, p99},
    {"latency p99.9", "time", "", "latency_p999_ns", THEORY "latency_p999_s", false, p999, p999},
    {"mean latency", "time", "", "latency_mean_ns", THEORY "mean_latency_s", false, mean, mean},
    {"longest latency", "time", "", "latency_max_ns", NULL, false, longest, longest},
    {"loop lag p99", "time", "", "heartbeat_lag_p99_ns", NULL, false, lag_p99, lag_p99},
};
#define FIGURES_COUNT (sizeof figures / sizeof *figures)

const struct chart_figure *chart_figure_find(const char *title)
{
    for (size_t i = 0; i < FIGURES_COUNT; i++)
        if (strcmp(figures[i].title, title) == 0)
            return &figures[i];
    return NULL;
}

/* The figure that an option names: "p99". */
static const struct chart_figure *find_named(const char *name)
{
    static const struct {
        const char *name, *title;
    } names[] = {
        {"throughput", "throughput"}, {"mean", "mean latency"},  {"max", "longest latency"},
        {"lag_p99", "loop lag p99"},  {"p999", "latency p99.9"}, {"p99", "latency p99"},
        {"p90", "latency p90"},       {"p50", "latency p50"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0)
            return chart_figure_find(names[i].title);
    return NULL;
}

static const struct chart_figure *of_load(const json_t *result)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    bool open = false, has_p99 = false;
    size_t i;

    json_array_foreach(cells, i, cell)
    {
        open = open || chart_load_open(cell);
        has_p99 = has_p99 || p99(cell).median > 0;
    }
    return chart_figure_find(!open ? "throughput" : has_p99 ? "latency p99" : "latency p50");
}

const struct chart_figure *chart_figure_of(const json_t *result)
{
    const json_t *sweep = json_object_get(result, "sweep");
    const json_t *crossing = json_array_get(json_object_get(sweep, "crossovers"), 0);
    const struct chart_figure *found = chart_figure_find(result_string(crossing, "metric"));

    if (!found)
        found = find_named(result_string(sweep, "metric"));
    if (!found)
        found = find_named(result_string(sweep, "slo.metric"));
    return found ? found : of_load(result);
}

char *chart_figure_text(const struct chart_figure *figure, double value, char *buf, size_t size)
{
    char text[32];

    if (strcmp(figure->kind, "time") == 0)
        snprintf(buf, size, "%s", units_format_duration(value * 1e9, text, sizeof text));
    else if (!(value >= 100))
        snprintf(buf, size, "%.3g%s", value, figure->unit);
    else
        snprintf(buf, size, "%s%s", units_format_count((uint64_t)llround(value), text, sizeof text),
                 figure->unit);
    return buf;
}
