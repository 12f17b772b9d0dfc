#include "summary/queue_check_json.h"

#include "result/result.h"
#include "summary/little.h"
#include "summary/queue_check.h"

#include <errno.h>
#include <math.h>

static bool all_good(const struct run_record *run)
{
    for (size_t i = 0; i < run->samples_count; i++)
        if (run->samples[i].result != 0 || !summary_stamps_ordered(&run->samples[i]))
            return false;
    return run->samples_count > run->warmup_samples;
}

static bool applies(const struct summary_input *in)
{
    const struct cell *cell = in->cell;
    const struct job_type *type = cell->job.type;

    if (cell->load.kind != LOAD_OPEN || cell->load.arrivals != LOAD_POISSON ||
        cell->load.poison > 0 || type->wait_ns == NULL || type->cpu_bound ||
        job_spread(&cell->job).scv != 1)
        return false;
    for (size_t i = 0; i < in->count; i++)
        if (!all_good(in->runs[i]))
            return false;
    return in->count > 0;
}

/* By how much the jobs of a run took longer than they had drawn, on average. */
static double overshoot_s(const struct job *job, const struct run_record *run)
{
    double sum_ns = 0;

    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        sum_ns += (double)sample_service_ns(&run->samples[i]) -
                  (double)job->type->wait_ns(job, i - run->warmup_samples);
    return sum_ns / (double)summary_counted(run) / NS_PER_S;
}

static int check_run(const struct cell *cell, const struct run_record *run,
                     struct theory_queue *queue, struct queue_check *out)
{
    *queue = (struct theory_queue){
        .arrivals_per_s = cell->load.rate_per_s,
        .service_s = job_spread(&cell->job).mean_wait_ns / NS_PER_S + overshoot_s(&cell->job, run),
        .service_scv = 1,
        .servers = model_lanes(cell->model, THEORY_QUEUE_UNLIMITED, cell->threads),
    };
    return queue_check_samples(queue, run->samples, run->samples_count, run->warmup_samples, out);
}

static double off_by(const struct queue_check *c)
{
    return fabs(c->adjusted.mean - c->expected);
}

static json_t *mean_json(const struct queue_check_mean *m)
{
    return json_pack("{so so so}", "mean", result_new_number(m->mean), "ci_low",
                     result_new_number(m->ci_low), "ci_high", result_new_number(m->ci_high));
}

static json_t *ks_json(const struct queue_check *c)
{
    return json_pack("{so so so ss}", "distance", result_new_number(c->ks), "critical",
                     result_new_number(c->ks_critical), "from_ideal",
                     result_new_number(c->ks_ideal), "verdict",
                     queue_verdict_words[queue_check_ks_verdict(c)]);
}

static json_t *mean_with_verdict(const struct queue_check *c)
{
    return json_pack("{so so so so so so ss}", "theory", result_new_number(c->expected), "measured",
                     mean_json(&c->measured), "ideal", result_new_number(c->ideal), "adjusted",
                     mean_json(&c->adjusted), "tolerance",
                     result_new_number(queue_check_tolerance(c)), "passed_on",
                     result_new_number(queue_check_passed_on(c)), "verdict",
                     queue_verdict_words[queue_check_mean_verdict(c)]);
}

static json_t *check_json(const struct queue_check *c, const struct theory_queue *queue,
                          double little_error)
{
    bool ok = queue_check_mean_verdict(c) != QUEUE_OFF && queue_check_ks_verdict(c) != QUEUE_OFF &&
              little_error <= QUEUE_CHECK_LITTLE_MAX;

    return json_pack(
        "{ss so so so so ss so so so so so so so sb}", "model", c->theory.name, "servers",
        c->unlimited ? json_null() : result_new_count(queue->servers), "utilisation",
        c->unlimited ? json_null() : result_new_number(c->theory.utilisation), "service_mean_s",
        result_new_number(queue->service_s), "jobs", result_new_count(c->jobs), "figure",
        c->unlimited ? "in_system" : "wait_s", "mean", mean_with_verdict(c), "ks", ks_json(c),
        "wait_probability", result_new_number(c->theory.wait_probability), "waited",
        result_new_number(c->waited), "found_free", result_new_count(c->found_free), "hand_off_s",
        result_new_number(c->hand_off_s), "littles_law_error", result_new_number(little_error),
        "ok", (int)ok);
}

json_t *queue_check_json(const struct summary_input *in)
{
    struct theory_queue queue = {0}, worst_queue = {0};
    struct queue_check c, worst = {0};
    double little = 0;
    bool any = false;

    if (!applies(in))
        return json_null();
    for (size_t i = 0; i < in->count; i++) {
        int r = check_run(in->cell, in->runs[i], &queue, &c);

        if (r < 0)
            return r == -ENOMEM ? NULL : json_null();
        if (!any || off_by(&c) > off_by(&worst)) {
            worst = c;
            worst_queue = queue;
        }
        any = true;
        little = fmax(little, little_check(in->runs[i]).error);
    }
    return check_json(&worst, &worst_queue, little);
}
