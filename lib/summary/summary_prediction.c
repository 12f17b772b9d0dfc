#include "summary/summary.h"

#include "math/theory_fixed.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* How service times are spread. */
struct spread {
    bool known; /* by the job's parameters; else the latency's percentiles are not known */
    enum distribution distribution;
};

/* A batch's last job, or a refused one, is nowhere in these theories, nor are loops that each have
 * a queue of their own for what they compute, nor ranks that do. */
static bool has_theory(const struct cell_runs *in)
{
    const struct load *load = &in->cell->load;

    if ((in->cell->model->has_loops || cell_ranks(in->cell) > 1) &&
        job_traits(&in->cell->job).only_computes)
        return false;
    if (cell_has_queues(in->cell))
        return false;
    if (load->kind != LOAD_OPEN || load->arrivals != LOAD_POISSON || load->poison > 0 ||
        cell_changes(in->cell))
        return false;
    for (size_t i = 0; i < in->count; i++)
        if (in->runs[i]->refused > 0)
            return false;
    return true;
}

/* Those that take jobs one after the other; where jobs compute, not more than there are cores. */
static uint64_t servers_of(const struct cell_runs *in)
{
    const struct cell *cell = in->cell;
    uint64_t lanes = model_lanes(cell->model, THEORY_QUEUE_UNLIMITED, cell->threads);
    uint64_t cpu_lanes = model_cpu_lanes(cell->model, cell->threads, in->cores);

    return job_traits(&cell->job).only_computes && cpu_lanes < lanes ? cpu_lanes : lanes;
}

/* The distribution that the job's parameters name; fixed where it has no such parameter, and in a
 * sum whose parts are fixed. */
static enum distribution distribution_of(struct job job)
{
    const struct param *param;
    uint64_t *value;

    if (job.count == 1 && job_find_param(&job, "dist", &param, &value, NULL) == 0)
        return (enum distribution) * value;
    return DISTRIBUTION_FIXED;
}

static struct spread describe_service(const struct cell_runs *in,
                                      const struct stats_distribution *service,
                                      struct theory_queue *queue)
{
    const struct job *job = &in->cell->job;
    struct job_spread spread = job_spread(job, cell_runs_solo_ns(in));
    bool known = spread.whole && spread.mean_wait_ns + spread.mean_cpu_ns > 0;

    queue->service_s = service->count > 0 ? service->mean / NS_PER_S : NAN;
    queue->service_scv = known ? spread.scv : pow(service->stddev / service->mean, 2);
    return (struct spread){known && (job->count == 1 || spread.scv == 0), distribution_of(*job)};
}

/* Fixed service at a few servers has an exact solution where theory_queue.h approximates. 0, with
 * *fixed NULL for other queues, or -ENOMEM. */
static int solve_fixed(struct summary_prediction *p, const struct spread *spread,
                       struct theory_fixed **fixed)
{
    const struct theory_queue *q = &p->queue;

    if (!spread->known || spread->distribution != DISTRIBUTION_FIXED ||
        q->servers > THEORY_FIXED_SERVERS || p->solved.utilisation >= 1)
        return 0;
    if (theory_fixed_create(q->arrivals_per_s, q->service_s, q->servers, fixed) != 0)
        return -ENOMEM;
    p->solved.exact = true;
    p->solved.mean_wait_s = theory_fixed_mean_wait_s(*fixed);
    p->solved.wait_probability = theory_fixed_wait_probability(*fixed);
    p->solved.mean_latency_s = p->solved.mean_wait_s + q->service_s;
    return 0;
}

static void find_percentiles(struct summary_prediction *p, const struct spread *spread,
                             const struct theory_fixed *fixed)
{
    for (size_t i = 0; i < STATS_PERCENTILES; i++) {
        double share = stats_shares[i];

        p->wait_s[i] = fixed != NULL ? theory_fixed_wait_percentile(fixed, share)
                                     : theory_queue_wait_percentile(&p->solved, share);
        if (fixed != NULL)
            p->latency_s[i] = p->wait_s[i] + p->queue.service_s;
        else
            p->latency_s[i] = spread->known
                                  ? theory_queue_latency_percentile(&p->queue, &p->solved,
                                                                    spread->distribution, share)
                                  : NAN;
    }
}

int summary_prediction_of(const struct cell_runs *in, double offered_per_s,
                          const struct stats_distribution *service,
                          const struct stats_distribution *wait, struct summary_prediction *out)
{
    struct theory_fixed *fixed = NULL;
    struct spread spread;
    int r;

    *out = (struct summary_prediction){.queue = {.arrivals_per_s = offered_per_s}};
    if (!has_theory(in))
        return 0;
    out->queue.servers = servers_of(in);
    spread = describe_service(in, service, &out->queue);
    r = theory_queue_solve(&out->queue, &out->solved);
    if (r != 0 && r != -EDOM)
        return 0;
    r = solve_fixed(out, &spread, &fixed);
    if (r != 0)
        return r;
    out->known = true;
    find_percentiles(out, &spread, fixed);
    out->excess_wait_s = wait->mean / NS_PER_S - out->solved.mean_wait_s;
    theory_fixed_destroy(fixed);
    return 0;
}
