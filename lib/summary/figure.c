#include "summary/figure.h"

#include "base/suggest.h"
#include "math/stats.h"
#include "measure/sample.h"
#include "summary/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct figure_type figure_types[FIGURES_COUNT] = {
    [FIGURE_THROUGHPUT] = {"throughput", "throughput", true, false, 1},
    [FIGURE_P50] = {"p50", "latency p50", false, true, 20},
    [FIGURE_P90] = {"p90", "latency p90", false, true, 100},
    [FIGURE_P99] = {"p99", "latency p99", false, true, 1000},
    [FIGURE_P999] = {"p999", "latency p99.9", false, true, 10000},
    [FIGURE_MEAN] = {"mean", "mean latency", false, true, 1},
    [FIGURE_MAX] = {"max", "longest latency", false, true, 1},
    [FIGURE_LAG_P99] = {"lag_p99", "loop lag p99", false, true, 1},
};

int figure_find(const char *name, enum figure *out, struct err *err)
{
    const char *names[FIGURES_COUNT];

    for (size_t i = 0; i < FIGURES_COUNT; i++) {
        names[i] = figure_types[i].name;
        if (strcmp(name, names[i]) == 0) {
            *out = (enum figure)i;
            return 0;
        }
    }
    return suggest_unknown("metric", name, names, FIGURES_COUNT, err);
}

static double or_nan(bool has, uint64_t value)
{
    return has ? (double)value : NAN;
}

/* values[n] are the latencies; sorted on return. */
static void add_latency(struct figures *out, uint64_t *values, size_t n)
{
    struct stats_distribution d;

    stats_distribution_of(values, n, &d);
    out->values[FIGURE_P50] = or_nan(d.has_p50, d.p50);
    out->values[FIGURE_P90] = or_nan(d.has_p90, d.p90);
    out->values[FIGURE_P99] = or_nan(d.has_p99, d.p99);
    out->values[FIGURE_P999] = or_nan(d.has_p999, d.p999);
    out->values[FIGURE_MEAN] = d.count > 0 ? d.mean : NAN;
    out->values[FIGURE_MAX] = or_nan(d.count > 0, d.max);
}

/* values[n] are the latenesses; sorted on return. */
static void add_lateness(struct figures *out, uint64_t *values, size_t n)
{
    struct stats_distribution d;

    stats_distribution_of(values, n, &d);
    out->late_ns = d.has_p999  ? (double)d.p999
                   : d.has_p99 ? (double)d.p99
                   : d.has_p90 ? (double)d.p90
                               : or_nan(d.has_p50, d.p50);
    out->late_percentile = d.has_p999 ? 0.999 : d.has_p99 ? 0.99 : d.has_p90 ? 0.9 : 0.5;
}

static void add_lag(struct figures *out, const struct run_record *run, uint64_t *values)
{
    struct stats_distribution d;
    size_t n = 0;

    for (size_t i = 0; i < run->beats_count; i++)
        if (summary_beat_counts(run, &run->beats[i]))
            values[n++] = summary_beat_lag_ns(&run->beats[i]);
    stats_distribution_of(values, n, &d);
    out->values[FIGURE_LAG_P99] = or_nan(d.has_p99, d.p99);
}

/* Jobs that were not served count with what they waited until they were given up: a bound from
 * below, so that giving up never makes latencies look shorter. */
int figures_of_run(const struct run_record *run, struct figures *out)
{
    size_t wanted = run->samples_count - run->warmup_samples, most = wanted, n = 0, served = 0;
    const struct sample *samples = run->samples + run->warmup_samples;
    uint64_t *values;
    bool failed = run->failure.text[0] != '\0';

    for (size_t i = 0; i < FIGURES_COUNT; i++)
        out->values[i] = NAN;
    out->lost = out->late_ns = NAN;
    if (run->beats_count > most)
        most = run->beats_count;
    values = malloc((most + 1) * sizeof *values);
    if (values == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < wanted && !failed; i++) {
        if (samples[i].result == SAMPLE_REFUSED)
            continue;
        failed = sample_ran(&samples[i]) && samples[i].result != 0;
        served += sample_ran(&samples[i]);
        values[n++] = sample_latency_ns(&samples[i]);
    }
    if (!failed && wanted > 0) {
        if (served > 0 && run->makespan_ns > 0)
            out->values[FIGURE_THROUGHPUT] = (double)served * NS_PER_S / (double)run->makespan_ns;
        add_latency(out, values, n);
        out->lost = (double)(wanted - served) / (double)wanted;
        for (size_t i = 0; i < wanted; i++)
            values[i] = samples[i].submitted_ns - samples[i].intended_ns;
        add_lateness(out, values, wanted);
    }
    if (!failed)
        add_lag(out, run, values);
    free(values);
    return 0;
}
