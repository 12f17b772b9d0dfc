#include "result/summary.h"

#include "measure/stats.h"
#include "result/curve.h"
#include "result/quantity.h"
#include "result/value.h"

#include <math.h>
#include <stdlib.h>

typedef uint64_t sample_fn(const struct sample *s);

bool summary_stamps_ordered(const struct sample *s)
{
    return s->intended_ns <= s->started_ns && s->started_ns <= s->finished_ns &&
           s->finished_ns != 0;
}

bool summary_beat_counts(const struct run_record *run, const struct beat *beat)
{
    return beat->woke_ns >= run->begin_ns && beat->due_ns <= run->begin_ns + run->makespan_ns;
}

uint64_t summary_beat_lag_ns(const struct beat *beat)
{
    return beat->woke_ns > beat->due_ns ? beat->woke_ns - beat->due_ns : 0;
}

static const struct {
    const char *name;
    sample_fn *of;
} distributions[] = {
    {"latency_ns", sample_latency_ns},
    {"wait_ns", sample_wait_ns},
    {"service_ns", sample_service_ns},
};

/* Sorts values. */
static json_t *distribution_json(uint64_t *values, size_t n)
{
    struct stats_distribution d;
    json_t *result;
    int rc = 0;

    stats_distribution_of(values, n, &d);
    if (d.count == 0)
        return json_null();
    result = json_object();
    rc |= json_object_set_new(result, "min", value_count(d.min));
    if (d.has_p50)
        rc |= json_object_set_new(result, "p50", value_count(d.p50));
    if (d.has_p90)
        rc |= json_object_set_new(result, "p90", value_count(d.p90));
    if (d.has_p99)
        rc |= json_object_set_new(result, "p99", value_count(d.p99));
    if (d.has_p999)
        rc |= json_object_set_new(result, "p999", value_count(d.p999));
    rc |= json_object_set_new(result, "max", value_count(d.max));
    rc |= json_object_set_new(result, "mean", value_number(d.mean));
    rc |= json_object_set_new(result, "stddev", value_number(d.stddev));
    rc |= json_object_set_new(result, "count", value_count(d.count));
    if (rc == 0)
        return result;
    json_decref(result);
    return NULL;
}

static size_t collect_samples(const struct summary_input *in, sample_fn *of, uint64_t *values)
{
    size_t n = 0;

    for (size_t i = 0; i < in->count; i++)
        for (size_t k = 0; k < in->runs[i]->samples_count; k++)
            if (summary_stamps_ordered(&in->runs[i]->samples[k]))
                values[n++] = of(&in->runs[i]->samples[k]);
    return n;
}

static size_t collect_lags(const struct summary_input *in, uint64_t *values)
{
    size_t n = 0;

    for (size_t i = 0; i < in->count; i++)
        for (size_t k = 0; k < in->runs[i]->beats_count; k++)
            if (summary_beat_counts(in->runs[i], &in->runs[i]->beats[k]))
                values[n++] = summary_beat_lag_ns(&in->runs[i]->beats[k]);
    return n;
}

/* Room for every sample, and for every beat: one distribution is made at a time. */
static uint64_t *values_create(const struct summary_input *in)
{
    size_t samples = 0, beats = 0;

    for (size_t i = 0; i < in->count; i++) {
        samples += in->runs[i]->samples_count;
        beats += in->runs[i]->beats_count;
    }
    return malloc(((samples > beats ? samples : beats) + 1) * sizeof(uint64_t));
}

static int add_distributions(const struct summary_input *in, json_t *summary, json_t **curve)
{
    uint64_t *values = values_create(in);
    size_t n;
    int rc = 0;

    if (values == NULL)
        return -1;
    for (size_t i = 0; i < sizeof distributions / sizeof distributions[0]; i++) {
        n = collect_samples(in, distributions[i].of, values);
        rc |= json_object_set_new(summary, distributions[i].name, distribution_json(values, n));
        if (distributions[i].of == sample_latency_ns)
            *curve = curve_json(values, n);
    }
    n = collect_lags(in, values);
    rc |= json_object_set_new(summary, "heartbeat_lag_ns", distribution_json(values, n));
    free(values);
    return *curve != NULL ? rc : -1;
}

/* What one job computes by itself: the fastest seen in any run, 0 when no run measured it. */
static uint64_t solo_ns(const struct summary_input *in)
{
    uint64_t fastest = 0;

    for (size_t i = 0; i < in->count; i++) {
        uint64_t ns = in->runs[i]->solo_ns;

        if (ns > 0 && (fastest == 0 || ns < fastest))
            fastest = ns;
    }
    return fastest;
}

static int add_ideal(const struct summary_input *in, json_t *summary)
{
    uint64_t ideal_ns = cell_ideal_ns(in->cell, solo_ns(in), in->cores);
    double ideal_s = ideal_ns > 0 ? value_seconds(ideal_ns) : NAN;
    json_t *makespan = json_object_get(summary, "makespan_s");
    double median = json_number_value(json_object_get(makespan, "median"));
    int rc = json_object_set_new(summary, "ideal_makespan_s", value_number(ideal_s));

    return rc | json_object_set_new(summary, "efficiency",
                                    value_number(median > 0 ? ideal_s / median : NAN));
}

static int add_errors(const struct summary_input *in, json_t *summary)
{
    uint64_t failed = 0;

    for (size_t i = 0; i < in->count; i++)
        for (size_t k = 0; k < in->runs[i]->samples_count; k++)
            failed += in->runs[i]->samples[k].result != 0;
    return json_object_set_new(summary, "errors", value_count(failed));
}

json_t *summary_create(const struct summary_input *in, json_t **latency_curve)
{
    json_t *summary;
    int rc = 0;

    *latency_curve = NULL;
    if (in->count == 0) {
        *latency_curve = json_array();
        return json_null();
    }
    summary = json_object();
    rc |= quantity_add_all(summary, in);
    rc |= add_distributions(in, summary, latency_curve);
    rc |= add_ideal(in, summary);
    rc |= add_errors(in, summary);
    if (rc == 0)
        return summary;
    json_decref(*latency_curve);
    *latency_curve = NULL;
    json_decref(summary);
    return NULL;
}
