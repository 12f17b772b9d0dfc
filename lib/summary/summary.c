#include "summary/summary.h"

#include "math/stats.h"
#include "result/result.h"
#include "summary/curve.h"
#include "summary/little.h"
#include "summary/prediction.h"
#include "summary/quantity.h"
#include "summary/queue_check_json.h"
#include "summary/steady.h"

#include <math.h>
#include <stdlib.h>

typedef uint64_t sample_fn(const struct sample *s);

bool summary_stamps_ordered(const struct sample *s)
{
    return s->intended_ns <= s->started_ns && s->started_ns <= s->finished_ns &&
           s->finished_ns != 0;
}

bool summary_has_latency(const struct sample *s)
{
    return s->result != SAMPLE_REFUSED && summary_stamps_ordered(s);
}

double summary_mean_latency_ns(const struct run_record *run)
{
    double sum = 0, n = 0;

    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (summary_has_latency(&run->samples[i])) {
            sum += (double)sample_latency_ns(&run->samples[i]);
            n++;
        }
    return n > 0 ? sum / n : NAN;
}

bool summary_beat_counts(const struct run_record *run, const struct beat *beat)
{
    return beat->woke_ns >= run->begin_ns && beat->due_ns <= run->begin_ns + run->makespan_ns;
}

uint64_t summary_beat_lag_ns(const struct beat *beat)
{
    return beat->woke_ns > beat->due_ns ? beat->woke_ns - beat->due_ns : 0;
}

static bool any(const struct sample *s)
{
    (void)s;
    return true;
}

static uint64_t lateness_ns(const struct sample *s)
{
    return s->submitted_ns > s->intended_ns ? s->submitted_ns - s->intended_ns : 0;
}

/* Null in loads before `from`. `curve`: where its points go in the cell, or none. */
static const struct {
    const char *name;
    sample_fn *of;
    bool (*counts)(const struct sample *s);
    enum load_kind from;
    const char *curve;
} distributions[] = {
    {"latency_ns", sample_latency_ns, summary_has_latency, LOAD_BATCH, "latency_curve"},
    {"wait_ns", sample_wait_ns, summary_has_latency, LOAD_BATCH, NULL},
    {"service_ns", sample_service_ns, sample_ran, LOAD_BATCH, NULL},
    {"latency_uncorrected_ns", sample_service_ns, sample_ran, LOAD_CLOSED,
     "latency_uncorrected_curve"},
    {"dispatch_lateness_ns", lateness_ns, any, LOAD_OPEN, NULL},
};

json_t *summary_distribution(const struct stats_distribution *d)
{
    json_t *result;
    int rc = 0;

    if (d->count == 0)
        return json_null();
    result = json_object();
    rc |= json_object_set_new(result, "min", result_new_count(d->min));
    if (d->has_p50)
        rc |= json_object_set_new(result, "p50", result_new_count(d->p50));
    if (d->has_p90)
        rc |= json_object_set_new(result, "p90", result_new_count(d->p90));
    if (d->has_p99)
        rc |= json_object_set_new(result, "p99", result_new_count(d->p99));
    if (d->has_p999)
        rc |= json_object_set_new(result, "p999", result_new_count(d->p999));
    rc |= json_object_set_new(result, "max", result_new_count(d->max));
    rc |= json_object_set_new(result, "mean", result_new_number(d->mean));
    rc |= json_object_set_new(result, "stddev", result_new_number(d->stddev));
    rc |= json_object_set_new(result, "count", result_new_count(d->count));
    if (rc == 0)
        return result;
    json_decref(result);
    return NULL;
}

/* Sorts values. */
static json_t *distribution_json(uint64_t *values, size_t n)
{
    struct stats_distribution d;

    stats_distribution_of(values, n, &d);
    return summary_distribution(&d);
}

static size_t collect_samples(const struct summary_input *in, size_t which, uint64_t *values)
{
    size_t n = 0;

    for (size_t i = 0; i < in->count; i++)
        for (size_t k = in->runs[i]->warmup_samples; k < in->runs[i]->samples_count; k++) {
            const struct sample *s = &in->runs[i]->samples[k];

            if (summary_stamps_ordered(s) && distributions[which].counts(s))
                values[n++] = distributions[which].of(s);
        }
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

/* One distribution, sorted into values, and its curve where it has one. */
static int add_distribution(const struct summary_input *in, size_t which, uint64_t *values,
                            json_t *summary, json_t *curves)
{
    bool applies = in->cell->load.kind >= distributions[which].from;
    size_t n = applies ? collect_samples(in, which, values) : 0;
    int rc = json_object_set_new(summary, distributions[which].name, distribution_json(values, n));

    if (distributions[which].curve != NULL)
        rc |= json_object_set_new(curves, distributions[which].curve, curve_json(values, n));
    return rc;
}

static int add_distributions(const struct summary_input *in, json_t *summary, json_t *curves)
{
    uint64_t *values = values_create(in);
    int rc = 0;

    if (values == NULL)
        return -1;
    for (size_t i = 0; i < sizeof distributions / sizeof distributions[0]; i++)
        rc |= add_distribution(in, i, values, summary, curves);
    rc |= json_object_set_new(summary, "heartbeat_lag_ns",
                              distribution_json(values, collect_lags(in, values)));
    free(values);
    return rc;
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
    double ideal_s = ideal_ns > 0 ? clock_seconds(ideal_ns) : NAN;
    json_t *makespan = json_object_get(summary, "makespan_s");
    double median = json_number_value(json_object_get(makespan, "median"));
    int rc = json_object_set_new(summary, "ideal_makespan_s", result_new_number(ideal_s));

    return rc | json_object_set_new(summary, "efficiency",
                                    result_new_number(median > 0 ? ideal_s / median : NAN));
}

static int add_errors(const struct summary_input *in, json_t *summary)
{
    uint64_t failed = 0;

    for (size_t i = 0; i < in->count; i++)
        for (size_t k = in->runs[i]->warmup_samples; k < in->runs[i]->samples_count; k++)
            failed += summary_failed(&in->runs[i]->samples[k]);
    return json_object_set_new(summary, "errors", result_new_count(failed));
}

/* What only loops have; for a batch, nulls. */
static int add_loop(const struct summary_input *in, json_t *summary)
{
    int rc = 0;

    rc |= json_object_set_new(summary, "in_flight", little_in_flight(in));
    rc |= json_object_set_new(summary, "littles_law", little_law(in));
    rc |= steady_add(summary, in);
    rc |= json_object_set_new(summary, "theory", prediction_create(in, summary));
    rc |= json_object_set_new(summary, "queue_check", queue_check_json(in));
    return rc;
}

json_t *summary_create(const struct summary_input *in, json_t **curves)
{
    json_t *summary;
    int rc = 0;

    *curves = json_pack("{s[] s[]}", "latency_curve", "latency_uncorrected_curve");
    if (in->count == 0)
        return json_null();
    summary = json_object();
    rc |= quantity_add_all(summary, in);
    rc |= add_distributions(in, summary, *curves);
    rc |= add_ideal(in, summary);
    rc |= add_errors(in, summary);
    rc |= add_loop(in, summary);
    if (rc == 0)
        return summary;
    json_decref(*curves);
    *curves = NULL;
    json_decref(summary);
    return NULL;
}
