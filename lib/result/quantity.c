#include "result/quantity.h"

#include "measure/stats.h"
#include "result/value.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* NAN when this run has none. */
typedef double quantity_fn(const struct run_record *run, const struct cell *cell);

static double throughput_per_s(const struct run_record *run, const struct cell *cell)
{
    return run->makespan_ns > 0 ? (double)cell->jobs / value_seconds(run->makespan_ns) : NAN;
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

    return cell->jobs > 0 ? fmax(0, after - before) / (double)cell->jobs : NAN;
}

static double target_cpu_s(const struct run_record *run, const struct cell *cell)
{
    return job_needs_target(&cell->job) ? value_seconds(run->target_cpu_ns) : NAN;
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

static json_t *quantity_json(const struct summary_input *in, const struct quantity *q)
{
    double *values = calloc(in->count, sizeof *values);
    json_t *list = json_array(), *result = NULL;
    struct stats_median m;
    size_t n = 0;

    if (values == NULL || list == NULL)
        goto out;
    for (size_t i = 0; i < in->count; i++) {
        double v = quantity_of(q, in->runs[i], in->cell);

        if (!isfinite(v))
            continue;
        values[n++] = v;
        if (json_array_append_new(list, value_number(v)) != 0)
            goto out;
    }
    if (n == 0)
        result = json_null();
    else if (stats_median_of(values, n, &m) == 0)
        result = json_pack("{so so so so sO}", "median", value_number(m.median), "ci_low",
                           value_number(m.ci_low), "ci_high", value_number(m.ci_high), "confidence",
                           value_number(m.confidence), "values", list);
out:
    json_decref(list);
    free(values);
    return result;
}

int quantity_add_all(json_t *summary, const struct summary_input *in)
{
    int rc = 0;

    for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++)
        rc |= json_object_set_new(summary, quantities[i].name, quantity_json(in, &quantities[i]));
    return rc == 0 ? 0 : -ENOMEM;
}
