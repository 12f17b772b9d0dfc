#include "summary/prediction.h"

#include "math/theory_fixed.h"
#include "math/theory_queue.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* A queue and what theory says of it. */
struct prediction {
    struct theory_queue queue;
    struct theory_queue_result solved;
    enum distribution service; /* its latency is known only where that is */
    bool service_known;
    struct theory_fixed *fixed; /* solved exactly; NULL for other service */
};

/* A batch's last job, or a refused one, is nowhere in these theories. */
static bool has_theory(const struct summary_input *in)
{
    const struct load *load = &in->cell->load;

    if (load->kind != LOAD_OPEN || load->arrivals != LOAD_POISSON || load->poison > 0)
        return false;
    for (size_t i = 0; i < in->count; i++)
        if (in->runs[i]->refused > 0)
            return false;
    return true;
}

/* Those that take jobs one after the other; where jobs compute, not more than there are cores. */
static uint64_t servers_of(const struct summary_input *in)
{
    const struct cell *cell = in->cell;
    uint64_t lanes = model_lanes(cell->model, THEORY_QUEUE_UNLIMITED, cell->threads);
    uint64_t cpu_lanes = model_cpu_lanes(cell->model, cell->threads, in->cores);

    return cell->job.type->cpu_bound && cpu_lanes < lanes ? cpu_lanes : lanes;
}

/* The distribution that the job's parameters name; fixed where it has no such parameter. */
static enum distribution distribution_of(const struct job *job)
{
    for (size_t i = 0; i < job->type->n_params; i++)
        if (strcmp(job->type->params[i].name, "dist") == 0)
            return (enum distribution)job->params[i];
    return DISTRIBUTION_FIXED;
}

static void describe_service(const struct summary_input *in, const json_t *summary,
                             struct prediction *p)
{
    const struct job *job = &in->cell->job;
    struct job_spread spread = job_spread(job);
    double stddev_ns = result_number(summary, "service_ns.stddev");
    double mean_ns = result_number(summary, "service_ns.mean");

    p->queue.service_s = mean_ns / NS_PER_S;
    p->service_known = spread.mean_wait_ns > 0 || job->type->cpu_bound;
    p->queue.service_scv = p->service_known ? spread.scv : pow(stddev_ns / mean_ns, 2);
    p->service = distribution_of(job);
}

/* Fixed service at a few servers has an exact solution where theory_queue.h approximates. 0 or
 * -ENOMEM. */
static int solve_fixed(struct prediction *p)
{
    const struct theory_queue *q = &p->queue;

    if (!p->service_known || p->service != DISTRIBUTION_FIXED ||
        q->servers > THEORY_FIXED_SERVERS || p->solved.utilisation >= 1)
        return 0;
    if (theory_fixed_create(q->arrivals_per_s, q->service_s, q->servers, &p->fixed) != 0)
        return -ENOMEM;
    p->solved.exact = true;
    p->solved.mean_wait_s = theory_fixed_mean_wait_s(p->fixed);
    p->solved.wait_probability = theory_fixed_wait_probability(p->fixed);
    p->solved.mean_latency_s = p->solved.mean_wait_s + q->service_s;
    return 0;
}

static double wait_percentile(const struct prediction *p, double share)
{
    return p->fixed != NULL ? theory_fixed_wait_percentile(p->fixed, share)
                            : theory_queue_wait_percentile(&p->solved, share);
}

static double latency_percentile(const struct prediction *p, double share)
{
    if (p->fixed != NULL)
        return theory_fixed_wait_percentile(p->fixed, share) + p->queue.service_s;
    return p->service_known
               ? theory_queue_latency_percentile(&p->queue, &p->solved, p->service, share)
               : NAN;
}

static int add(json_t *object, const char *name, double value)
{
    return json_object_set_new(object, name, result_new_number(value));
}

static int add_percentiles(json_t *object, const struct prediction *p)
{
    static const struct {
        const char *wait, *latency;
        double share;
    } percentiles[] = {{"wait_p50_s", "latency_p50_s", 0.5},
                       {"wait_p90_s", "latency_p90_s", 0.9},
                       {"wait_p99_s", "latency_p99_s", 0.99},
                       {"wait_p999_s", "latency_p999_s", 0.999}};
    int rc = 0;

    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        double share = percentiles[i].share;

        rc |= add(object, percentiles[i].wait, wait_percentile(p, share));
        rc |= add(object, percentiles[i].latency, latency_percentile(p, share));
    }
    return rc;
}

/* An unstable queue has infinite means, which JSON has as null. */
static json_t *prediction_json(const struct prediction *p, const json_t *summary)
{
    bool limited = p->queue.servers != THEORY_QUEUE_UNLIMITED;
    double wait_s = result_number(summary, "wait_ns.mean") / NS_PER_S;
    json_t *object =
        json_pack("{ss so so sb}", "model", p->solved.name, "servers",
                  limited ? result_new_count(p->queue.servers) : json_null(), "utilisation",
                  limited ? result_new_number(p->solved.utilisation) : json_null(), "exact",
                  (int)p->solved.exact);
    int rc = object != NULL ? 0 : -1;

    rc |= add(object, "arrivals_per_s", p->queue.arrivals_per_s);
    rc |= add(object, "service_mean_s", p->queue.service_s);
    rc |= add(object, "service_scv", p->queue.service_scv);
    rc |= add(object, "mean_wait_s", p->solved.mean_wait_s);
    rc |= add(object, "wait_probability", p->solved.wait_probability);
    rc |= add(object, "mean_latency_s", p->solved.mean_latency_s);
    rc |= add_percentiles(object, p);
    rc |= add(object, "excess_wait_s", wait_s - p->solved.mean_wait_s);
    if (rc == 0)
        return object;
    json_decref(object);
    return NULL;
}

json_t *prediction_create(const struct summary_input *in, const json_t *summary)
{
    struct prediction p = {.queue = {.servers = servers_of(in)}};
    json_t *result = NULL;
    int r;

    if (!has_theory(in))
        return json_null();
    p.queue.arrivals_per_s = result_number(summary, "offered_per_s.median");
    describe_service(in, summary, &p);
    r = theory_queue_solve(&p.queue, &p.solved);
    if (r != 0 && r != -EDOM)
        return json_null();
    if (solve_fixed(&p) == 0)
        result = prediction_json(&p, summary);
    theory_fixed_destroy(p.fixed);
    return result;
}
