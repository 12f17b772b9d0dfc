#include "summary/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A time that jobs have, of those that have it, in loads from `from` on. */
static const struct {
    uint64_t (*of)(const struct sample *s);
    bool (*has)(const struct sample *s);
    enum load_kind from;
} times[] = {
    [SUMMARY_LATENCY] = {sample_latency_ns, sample_has_latency, LOAD_BATCH},
    [SUMMARY_WAIT] = {sample_wait_ns, sample_has_latency, LOAD_BATCH},
    [SUMMARY_SERVICE] = {sample_service_ns, sample_ran, LOAD_BATCH},
    [SUMMARY_UNCORRECTED] = {sample_service_ns, sample_ran, LOAD_CLOSED},
    [SUMMARY_LATENESS] = {sample_late_ns, sample_is_ordered, LOAD_OPEN},
};

static size_t collect_run(const struct run_record *run, size_t which, uint64_t *values)
{
    size_t n = 0;

    for (size_t k = run->warmup_samples; k < run->samples_count; k++)
        if (sample_is_ordered(&run->samples[k]) && times[which].has(&run->samples[k]))
            values[n++] = times[which].of(&run->samples[k]);
    return n;
}

static size_t collect_times(const struct cell_runs *in, size_t which, uint64_t *values)
{
    size_t n = 0;

    for (size_t i = 0; i < in->count && in->cell->load.kind >= times[which].from; i++)
        n += collect_run(in->runs[i], which, values + n);
    return n;
}

/* Add the medians of the runs' own percentiles, as far as each run carries them. */
static int add_of_runs(const struct cell_runs *in, size_t which, uint64_t *values,
                       struct stats_curve *curve)
{
    double *own = malloc((curve->count * in->count + 1) * sizeof *own);
    size_t fewest = SIZE_MAX;

    if (own == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < in->count && curve->count > 0; i++) {
        size_t n = collect_run(in->runs[i], which, values);

        stats_sort_u64(values, n);
        fewest = n < fewest ? n : fewest;
        for (size_t k = 0; k < curve->count && n > 0; k++)
            own[k * in->count + i] = (double)values[stats_rank(n, curve->points[k].percentile) - 1];
    }
    for (size_t k = 0; k < curve->count; k++)
        if (fewest >= stats_rank(fewest, curve->points[k].percentile) + STATS_SAMPLES_BEYOND)
            curve->points[k].of_runs = stats_median(own + k * in->count, in->count);
    free(own);
    return 0;
}

static size_t collect_lags(const struct cell_runs *in, uint64_t *values)
{
    size_t n = 0;

    for (size_t i = 0; i < in->count; i++)
        for (size_t k = 0; k < in->runs[i]->beats_count; k++)
            if (run_beat_counts(in->runs[i], &in->runs[i]->beats[k]))
                values[n++] = beat_lag_ns(&in->runs[i]->beats[k]);
    return n;
}

/* Room for every sample, and for every beat: one distribution is made at a time. */
static uint64_t *room_for_all(const struct cell_runs *in)
{
    size_t samples = 0, beats = 0;

    for (size_t i = 0; i < in->count; i++) {
        samples += in->runs[i]->samples_count;
        beats += in->runs[i]->beats_count;
    }
    return malloc(((samples > beats ? samples : beats) + 1) * sizeof(uint64_t));
}

static int find_distributions(const struct cell_runs *in, struct summary *out)
{
    uint64_t *values = room_for_all(in);
    int r = values != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < SUMMARY_DISTRIBUTIONS && r == 0; i++) {
        size_t n = i == SUMMARY_LAG ? collect_lags(in, values) : collect_times(in, i, values);

        struct stats_curve *curve = i == SUMMARY_LATENCY       ? &out->latencies
                                    : i == SUMMARY_UNCORRECTED ? &out->uncorrected
                                                               : NULL;

        stats_distribution_of(values, n, &out->distributions[i]); /* sorts them */
        if (curve != NULL)
            stats_curve_of(values, n, curve);
        if (curve != NULL)
            r = add_of_runs(in, i, values, curve);
    }
    free(values);
    return r;
}

static int find_quantities(const struct cell_runs *in, const struct run_values *runs,
                           struct summary *out)
{
    double *sorted;

    out->values = malloc((RUN_VALUES + 1) * in->count * sizeof *out->values);
    if (out->values == NULL)
        return -ENOMEM;
    sorted = out->values + RUN_VALUES * in->count;
    for (size_t k = 0; k < RUN_VALUES; k++) {
        struct summary_quantity *q = &out->quantities[k];

        q->values = out->values + k * in->count;
        for (size_t i = 0; i < in->count; i++)
            if (isfinite(runs[i].of[k]))
                q->values[q->count++] = runs[i].of[k];
        if ((k == RUN_CPU_USER_S || k == RUN_CPU_SYS_S) && q->count < in->count)
            q->count = 0; /* their sum is taken run by run */
        memcpy(sorted, q->values, q->count * sizeof *sorted);
        if (q->count > 0)
            stats_median_of(sorted, q->count, &q->median);
    }
    return 0;
}

/* The run whose value is nearest to the median; NULL when none has one. */
static const struct run_record *typical_run(const struct cell_runs *in,
                                            const struct run_values *runs, const struct summary *s,
                                            enum run_value value)
{
    const struct run_record *nearest = NULL;
    double least = INFINITY;

    for (size_t i = 0; i < in->count; i++) {
        double off = fabs(runs[i].of[value] - s->quantities[value].median.median);

        if (s->quantities[value].count > 0 && off < least) {
            least = off;
            nearest = in->runs[i];
        }
    }
    return nearest;
}

static int find_typical_runs(const struct cell_runs *in, const struct run_values *runs,
                             struct summary *out)
{
    bool batch = in->cell->load.kind == LOAD_BATCH;
    bool all_have_p99 = out->quantities[RUN_LATENCY_P99_S].count == in->count;

    out->timeline = typical_run(in, runs, out,
                                batch          ? RUN_MAKESPAN_S
                                : all_have_p99 ? RUN_LATENCY_P99_S
                                               : RUN_LATENCY_MEAN_S);
    return batch || out->timeline == NULL ? 0
                                          : summary_over_time_of(out->timeline, &out->over_time);
}

uint64_t cell_runs_solo_ns(const struct cell_runs *in)
{
    uint64_t fastest = 0;

    for (size_t i = 0; i < in->count; i++) {
        uint64_t ns = in->runs[i]->solo_ns;

        if (ns > 0 && (fastest == 0 || ns < fastest))
            fastest = ns;
    }
    return fastest;
}

static void find_ideals(const struct cell_runs *in, struct summary *out)
{
    uint64_t solo_ns = cell_runs_solo_ns(in);
    uint64_t makespan_ns = cell_ideal_ns(in->cell, solo_ns, in->cores);
    uint64_t job_ns = cell_ideal_job_ns(in->cell, solo_ns);
    double median_s = out->quantities[RUN_MAKESPAN_S].median.median;

    out->ideal_makespan_s = makespan_ns > 0 ? clock_seconds(makespan_ns) : NAN;
    out->ideal_job_s = job_ns > 0 ? clock_seconds(job_ns) : NAN;
    out->efficiency = median_s > 0 ? out->ideal_makespan_s / median_s : NAN;
}

static int add_error(struct summary_errors *errors, int code)
{
    struct summary_error *grown;
    size_t i = 0;

    while (i < errors->count && errors->of[i].code != code)
        i++;
    if (i == errors->count) {
        grown = realloc(errors->of, (i + 1) * sizeof *grown);
        if (grown == NULL)
            return -ENOMEM;
        errors->of = grown;
        errors->of[errors->count++] = (struct summary_error){.code = code};
    }
    errors->of[i].count++;
    errors->jobs++;
    return 0;
}

static int count_jobs(const struct cell_runs *in, struct summary *out)
{
    int r = 0;

    for (size_t i = 0; i < in->count; i++) {
        const struct run_record *run = in->runs[i];

        out->offered += run_counted(run);
        out->refused += run->refused;
        out->unserved += run->unserved;
        if (run->in_flight_max > out->in_flight_max)
            out->in_flight_max = run->in_flight_max;
        for (size_t k = run->warmup_samples; k < run->samples_count && r == 0; k++)
            if (sample_failed(&run->samples[k]))
                r = add_error(&out->errors, abs(run->samples[k].result));
    }
    return r;
}

/* Everything that is made of single runs' values. */
static int summarise_runs(const struct cell_runs *in, struct summary *out)
{
    struct run_values *runs = malloc(in->count * sizeof *runs);
    int r = runs != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < in->count && r == 0; i++)
        r = run_values_of(in->runs[i], in->cell, in->kernel, &runs[i]);
    if (r == 0)
        r = find_quantities(in, runs, out);
    if (r == 0)
        r = find_typical_runs(in, runs, out);
    free(runs);
    return r;
}

int summary_of(const struct cell_runs *in, struct summary *out)
{
    const struct stats_distribution *d = out->distributions;
    int r;

    *out = (struct summary){.values = NULL};
    if ((r = count_jobs(in, out)) != 0 || (r = summary_ranks_of(in, &out->ranks)) != 0 ||
        (r = summarise_runs(in, out)) != 0 || (r = find_distributions(in, out)) != 0)
        return r;
    find_ideals(in, out);
    out->little = little_of(in);
    out->pathology = summary_pathology_of(in->cell);
    if ((r = summary_fluid_of(in, out->timeline, &d[SUMMARY_SERVICE], &out->over_time,
                              &out->fluid)) != 0 ||
        (r = summary_steady_of(in, &out->steady)) != 0 ||
        (r = queue_check_of(in, &out->queue_check)) != 0)
        return r;
    return summary_prediction_of(in, out->quantities[RUN_OFFERED_PER_S].median.median,
                                 &d[SUMMARY_SERVICE], &d[SUMMARY_WAIT], &out->prediction);
}

void summary_deinit(struct summary *s)
{
    free(s->errors.of);
    free(s->ranks.of);
    free(s->values);
    *s = (struct summary){.values = NULL};
}
