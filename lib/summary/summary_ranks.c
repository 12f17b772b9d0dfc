/* A cell that several ranks carried out together, rank by rank. Its samples tell the rank by their
 * lane. */
#include "result/result.h"
#include "summary/summary.h"

#include <errno.h>
#include <stdlib.h>

/* What the records of the runs say of a rank. */
static void add_run(struct summary_rank *rank, const struct run_rank *r, size_t runs)
{
    rank->host = r->host;
    if (r->failure.text[0] != '\0') {
        rank->failure = r->failure.text;
        rank->lost_runs++;
    }
    rank->cpu_s += clock_seconds(r->cpu_ns) / (double)runs;
    rank->lag_ns = r->lag_ns > rank->lag_ns ? r->lag_ns : rank->lag_ns;
    if (r->begin_late_ns > rank->begin_late_ns)
        rank->begin_late_ns = r->begin_late_ns;
    rank->clock_offset_ns = r->clock_offset_ns;
    if (r->clock_error_ns > rank->clock_error_ns)
        rank->clock_error_ns = r->clock_error_ns;
    disturbance_add_own(&rank->disturbance, &r->disturbance);
    rank->disturbance.suspended_ns += r->disturbance.suspended_ns;
}

static size_t rank_of(const struct cell *cell, const struct sample *s, size_t ranks)
{
    size_t rank = s->lane / cell_rank_lanes(cell);

    return rank < ranks ? rank : ranks - 1;
}

static void count_jobs(const struct cell_runs *in, struct summary_ranks *out)
{
    for (size_t i = 0; i < in->count; i++)
        for (size_t k = in->runs[i]->warmup_samples; k < in->runs[i]->samples_count; k++) {
            const struct sample *s = &in->runs[i]->samples[k];
            struct summary_rank *rank = &out->of[rank_of(in->cell, s, out->count)];

            rank->jobs++;
            rank->unserved += s->result != 0;
        }
}

/* The lateness of all dispatches, those of a rank side by side. */
static int find_lateness(const struct cell_runs *in, struct summary_ranks *out)
{
    uint64_t *values, jobs = 0;

    for (size_t q = 0; q < out->count; q++)
        jobs += out->of[q].jobs;
    values = malloc((jobs + 1) * sizeof *values);
    if (values == NULL)
        return -ENOMEM;
    jobs = 0;
    for (size_t q = 0; q < out->count; q++) {
        out->of[q].lateness.min = jobs; /* where its values begin, */
        out->of[q].lateness.count = 0;  /* and how many are there */
        jobs += out->of[q].jobs;
    }
    for (size_t i = 0; i < in->count; i++)
        for (size_t k = in->runs[i]->warmup_samples; k < in->runs[i]->samples_count; k++) {
            const struct sample *s = &in->runs[i]->samples[k];
            struct stats_distribution *d = &out->of[rank_of(in->cell, s, out->count)].lateness;

            if (sample_is_ordered(s))
                values[d->min + d->count++] = sample_late_ns(s);
        }
    for (size_t q = 0; q < out->count; q++) {
        struct stats_distribution *d = &out->of[q].lateness;

        stats_distribution_of(values + d->min, d->count, d);
    }
    free(values);
    return 0;
}

int summary_ranks_of(const struct cell_runs *in, struct summary_ranks *out)
{
    size_t count = in->runs[0]->ranks_count;

    *out = (struct summary_ranks){.count = 0};
    for (size_t i = 0; i < in->count; i++)
        if (in->runs[i]->ranks_count != count)
            return 0; /* of a state file that others wrote */
    if (count == 0)
        return 0;
    out->of = calloc(count, sizeof *out->of);
    if (out->of == NULL)
        return -ENOMEM;
    out->count = count;
    for (size_t i = 0; i < in->count; i++)
        for (size_t q = 0; q < count; q++)
            add_run(&out->of[q], &in->runs[i]->ranks[q], in->count);
    count_jobs(in, out);
    return in->cell->load.kind == LOAD_OPEN ? find_lateness(in, out) : 0;
}

static json_t *disturbance_json(const struct disturbance *d)
{
    return json_pack("{so so so so so}", "throttled", result_new_count(d->throttled), "throttled_s",
                     result_new_number(clock_seconds(d->throttled_ns)), "stops",
                     result_new_count(d->stops), "stopped_s",
                     result_new_number(clock_seconds(d->stopped_ns)), "suspended_s",
                     result_new_number(clock_seconds(d->suspended_ns)));
}

static json_t *rank_json(const struct summary_rank *r, size_t number)
{
    return json_pack(
        "{so ss so so so so so so so sI so so}", "rank", result_new_count(number), "host", r->host,
        "jobs", result_new_count(r->jobs), "unserved", result_new_count(r->unserved), "lost_runs",
        result_new_count(r->lost_runs), "dispatch_lateness_ns",
        summary_json_distribution(&r->lateness), "cpu_s", result_new_number(r->cpu_s),
        "loop_lag_max_ns", r->lag_ns > 0 ? result_new_count(r->lag_ns) : json_null(),
        "begin_late_max_ns", result_new_count(r->begin_late_ns), "clock_offset_ns",
        (json_int_t)r->clock_offset_ns, "clock_error_ns", result_new_count(r->clock_error_ns),
        "disturbance", disturbance_json(&r->disturbance));
}

json_t *summary_ranks_json(const struct summary_ranks *ranks)
{
    json_t *list = json_array();
    int rc = 0;

    for (size_t q = 0; q < ranks->count; q++)
        rc |= json_array_append_new(list, rank_json(&ranks->of[q], q));
    return result_built(list, rc);
}
