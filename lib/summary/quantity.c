#include "summary/quantity.h"

#include "math/stats.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

size_t quantity_latencies(const struct run_record *run, struct stats_distribution *out)
{
    uint64_t *values = malloc((summary_counted(run) + 1) * sizeof *values);
    size_t n = 0;

    *out = (struct stats_distribution){0};
    if (values == NULL)
        return 0;
    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (summary_has_latency(&run->samples[i]))
            values[n++] = sample_latency_ns(&run->samples[i]);
    stats_distribution_of(values, n, out);
    free(values);
    return n;
}

/* Of a loop by time: what ended in that time, also what was wanted before it; what is left of the
 * measured jobs afterwards would tell of an end that a longer loop does not have. Else all jobs,
 * until the last has ended. */
static double throughput_per_s(const struct run_record *run, const struct cell *cell)
{
    uint64_t window_ns = cell->load.duration_ns;
    uint64_t end_ns = run->begin_ns + (window_ns > 0 ? window_ns : run->makespan_ns);
    size_t ran = 0;

    for (size_t i = window_ns > 0 ? 0 : run->warmup_samples; i < run->samples_count; i++) {
        const struct sample *s = &run->samples[i];

        ran += sample_ran(s) &&
               (window_ns == 0 || (s->finished_ns >= run->begin_ns && s->finished_ns < end_ns));
    }
    return end_ns > run->begin_ns ? (double)ran / clock_seconds(end_ns - run->begin_ns) : NAN;
}

/* By time, that time; by number, the interval between the first and the last. */
static double offered_per_s(const struct run_record *run, const struct cell *cell)
{
    const struct sample *first = run->samples + run->warmup_samples;
    double n = (double)summary_counted(run), s = clock_seconds(cell->load.duration_ns);

    if (cell->load.kind != LOAD_OPEN || n < 2)
        return NAN;
    if (s > 0)
        return n / s;
    return (n - 1) / clock_seconds(first[(size_t)n - 1].intended_ns - first->intended_ns);
}

/* A batch shorter than the heartbeat may pass between two beats: then its lag is not known to be 0.
 */
static double heartbeat_lag_max_ns(const struct run_record *run, const struct cell *cell)
{
    double max = NAN;

    (void)cell;
    for (size_t i = 0; i < run->beats_count; i++)
        if (summary_beat_counts(run, &run->beats[i]))
            max = fmax(max, (double)summary_beat_lag_ns(&run->beats[i]));
    return max;
}

static double memory_per_job_bytes(const struct run_record *run, const struct cell *cell)
{
    double before = (double)run->rss_before_bytes + (double)run->page_table_before_bytes;
    double after = (double)run->usage.rss_peak_bytes + (double)run->usage.page_table_bytes;
    double jobs = (double)summary_counted(run);

    (void)cell;
    return jobs > 0 ? fmax(0, after - before) / jobs : NAN;
}

/* Of loops, whose makespan says little: what a client sees, as its summary in each run. */
static double latency_mean_s(const struct run_record *run, const struct cell *cell)
{
    return cell->load.kind != LOAD_BATCH ? summary_mean_latency_ns(run) / NS_PER_S : NAN;
}

/* Of batches as well: where jobs wait for each other, half of them are done long before the last.
 */
static double latency_p50_s(const struct run_record *run, const struct cell *cell)
{
    struct stats_distribution d;

    (void)cell;
    return quantity_latencies(run, &d) > 0 && d.has_p50 ? clock_seconds(d.p50) : NAN;
}

static double latency_p99_s(const struct run_record *run, const struct cell *cell)
{
    struct stats_distribution d;

    if (cell->load.kind == LOAD_BATCH)
        return NAN;
    return quantity_latencies(run, &d) > 0 && d.has_p99 ? clock_seconds(d.p99) : NAN;
}

static double target_cpu_s(const struct run_record *run, const struct cell *cell)
{
    return job_needs_target(&cell->job) ? clock_seconds(run->target_cpu_ns) : NAN;
}

/* Computed, or else a field of the record divided by its unit. */
static const struct quantity {
    const char *name;
    quantity_fn *computed;
    size_t field;
    uint64_t unit;
} quantities[] = {
    {"makespan_s", NULL, offsetof(struct run_record, makespan_ns), NS_PER_S},
    {"throughput_per_s", throughput_per_s, 0, 0},
    {"offered_per_s", offered_per_s, 0, 0},
    {"latency_mean_s", latency_mean_s, 0, 0},
    {"latency_p50_s", latency_p50_s, 0, 0},
    {"latency_p99_s", latency_p99_s, 0, 0},
    {"heartbeat_lag_max_ns", heartbeat_lag_max_ns, 0, 0},
    {"cpu_user_s", NULL, offsetof(struct run_record, usage.cpu_user_ns), NS_PER_S},
    {"cpu_sys_s", NULL, offsetof(struct run_record, usage.cpu_sys_ns), NS_PER_S},
    {"ctx_voluntary", NULL, offsetof(struct run_record, usage.ctx_voluntary), 1},
    {"ctx_involuntary", NULL, offsetof(struct run_record, usage.ctx_involuntary), 1},
    {"max_rss_bytes", NULL, offsetof(struct run_record, usage.rss_peak_bytes), 1},
    {"memory_per_job_bytes", memory_per_job_bytes, 0, 0},
    {"target_cpu_s", target_cpu_s, 0, 0},
    {"steal_s", NULL, offsetof(struct run_record, usage.steal_ns), NS_PER_S},
    {"warmup_s", NULL, offsetof(struct run_record, warmup_ns), NS_PER_S},
};

static double quantity_of(const struct quantity *q, const struct run_record *run,
                          const struct cell *cell)
{
    uint64_t field;

    if (q->computed != NULL)
        return q->computed(run, cell);
    memcpy(&field, (const char *)run + q->field, sizeof field);
    return (double)field / (double)q->unit;
}

/* Values of the runs that have one, in *list and values[]; returns how many, or -ENOMEM. */
static int collect(const struct summary_input *in, const struct quantity *q, double *values,
                   json_t *list)
{
    int n = 0;

    for (size_t i = 0; i < in->count; i++) {
        double v = quantity_of(q, in->runs[i], in->cell);

        if (!isfinite(v))
            continue;
        values[n++] = v;
        if (json_array_append_new(list, result_new_number(v)) != 0)
            return -ENOMEM;
    }
    return n;
}

static json_t *quantity_json(const struct summary_input *in, const struct quantity *q)
{
    double *values = calloc(in->count, sizeof *values);
    json_t *list = json_array(), *result = NULL;
    struct stats_median m;
    int n = values != NULL && list != NULL ? collect(in, q, values, list) : -ENOMEM;

    if (n == 0)
        result = json_null();
    else if (n > 0 && stats_median_of(values, (size_t)n, &m) == 0)
        result = json_pack("{so so so so sO}", "median", result_new_number(m.median), "ci_low",
                           result_new_number(m.ci_low), "ci_high", result_new_number(m.ci_high),
                           "confidence", result_new_number(m.confidence), "values", list);
    json_decref(list);
    free(values);
    return result;
}

json_t *quantity_create(const struct summary_input *in, quantity_fn *of)
{
    const struct quantity q = {.computed = of};

    return quantity_json(in, &q);
}

int quantity_add_all(json_t *summary, const struct summary_input *in)
{
    int rc = 0;

    for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++)
        rc |= json_object_set_new(summary, quantities[i].name, quantity_json(in, &quantities[i]));
    return rc == 0 ? 0 : -ENOMEM;
}
