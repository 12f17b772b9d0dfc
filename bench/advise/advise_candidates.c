#include "advise/advise.h"

#include "async/thread_pool.h"
#include "ranks/ranks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 1024 /* of a pool that was not asked for */
#define ALIKE       1.25 /* pools whose sizes differ by less */

/* Where nobody names models: one of each way to run jobs. */
static const struct model *const usual[] = {&model_tasks, &model_loops, &model_uring, &model_pool,
                                            &model_threads};

struct cell advise_cell(const struct advise_candidate *c)
{
    const struct harness_ranks *ranks = ranks_harness(ranks_get());

    return (struct cell){
        .model = c->model, .threads = c->threads, .share.count = ranks != NULL ? ranks->count : 0};
}

/* The most jobs a second that take so long, and so much CPU, under a candidate. */
static double ceiling_of(const struct advise_candidate *c, unsigned cores, double service_s,
                         double cpu_s)
{
    struct cell cell = advise_cell(c);
    double ceiling = INFINITY;

    if (cpu_s > 0)
        ceiling = (double)cell_cpu_lanes(&cell, cores) / cpu_s;
    if (c->model->lanes != MODEL_LANES_JOBS && service_s > 0)
        ceiling = fmin(ceiling, (double)cell_lanes(&cell, UINT64_MAX) / service_s);
    return ceiling;
}

/* What no run can beat rules a candidate out; what the job takes alone is where to begin. */
static void set_ceiling(struct advice *a, struct advise_candidate *c, const struct job *job)
{
    struct job_spread spread = job_spread(job, 0);
    double cpu_s = fmax(spread.mean_cpu_ns / NS_PER_S, a->cpu_s / ADVISE_LOAD_GAIN);
    double service_s = fmax((spread.mean_wait_ns + spread.mean_cpu_ns) / NS_PER_S,
                            a->service_s / ADVISE_LOAD_GAIN);

    c->ceiling_per_s = c->limit_per_s = ceiling_of(c, a->cores, service_s, cpu_s);
    c->left_out = a->rate_per_s > ADVISE_CEILING_SLACK * c->limit_per_s;
    if (!c->left_out)
        c->ceiling_per_s = ceiling_of(c, a->cores, a->service_s, a->cpu_s);
}

static void add(struct advice *a, const struct job *job, const struct model *m, unsigned threads)
{
    struct advise_candidate *c = &a->candidates[a->candidates_count];

    if (a->candidates_count == ADVISE_CANDIDATES_MAX)
        return;
    for (size_t i = 0; i < a->candidates_count; i++)
        if (a->candidates[i].model == m && a->candidates[i].threads == threads)
            return;
    *c = (struct advise_candidate){.model = m, .threads = threads};
    if (threads > 0)
        snprintf(c->label, sizeof c->label, "%s(%u)", m->name, threads);
    else
        snprintf(c->label, sizeof c->label, "%s", m->name);
    set_ceiling(a, c, job);
    a->candidates_count++;
}

/* A size that a pool can have: whole, at least 1. */
static unsigned whole_size(double threads)
{
    return (unsigned)fmin(fmax(ceil(threads), 1), THREADS_MAX);
}

/* The pools to try: what Little's law asks for, with room for its square root twice, so that hardly
 * any job waits (square-root staffing: Halfin and Whitt, "Heavy-traffic limits for queues with many
 * exponential servers", Operations Research 29, 1981); and Goetz's number. */
static void add_pools(struct advice *a, const struct job *job, const struct model *m)
{
    double staffed = a->little + 2 * sqrt(a->little);
    bool alike = staffed < ALIKE * a->goetz && a->goetz < ALIKE * staffed;

    if (!isnan(a->little) && (isnan(a->goetz) || !alike || staffed > a->goetz))
        add(a, job, m, whole_size(staffed));
    if (!isnan(a->goetz) && (isnan(a->little) || !alike || a->goetz >= staffed))
        add(a, job, m, whole_size(a->goetz));
    if (isnan(a->little) && isnan(a->goetz))
        add(a, job, m, model_threads_default(m));
}

static void add_model(struct advice *a, const struct advise_settings *settings,
                      const struct model *m)
{
    const struct plan_line *line = &settings->line;
    const struct job *job = &line->specs[0];

    if (m->lanes != MODEL_LANES_POOL || m->has_loops) {
        add(a, job, m, m->uses_threads ? model_threads_default(m) : 0);
        return;
    }
    if (line->threads_count == 0)
        add_pools(a, job, m);
    for (size_t i = 0; i < line->threads_count; i++)
        add(a, job, m, (unsigned)line->threads[i]);
}

int advise_candidates(struct advice *a, const struct advise_settings *settings, struct err *err)
{
    const struct harness_ranks *ranks = ranks_harness(ranks_get());
    const struct plan_line *line = &settings->line;
    double wait_s = a->service_s - a->cpu_s;

    a->cores = line->cpu >= 0 ? 1 : ranks != NULL ? ranks->cores : thread_pool_cores();
    a->little = a->rate_per_s > 0 ? a->rate_per_s * a->service_s : (double)NAN;
    a->goetz = a->cpu_s > 0 ? a->cores * (1 + fmax(wait_s, 0) / a->cpu_s) : (double)NAN;
    a->candidates_count = 0;
    for (size_t i = 0; i < line->models_count; i++)
        add_model(a, settings, line->models[i]);
    for (size_t i = 0; line->models_count == 0 && i < sizeof usual / sizeof *usual; i++) {
        bool idle = (usual[i]->has_loops && a->cores == 1) ||
                    (usual[i] == &model_uring && job_traits(&line->specs[0]).only_computes);

        if (!idle && model_check(usual[i], NULL) == 0)
            add_model(a, settings, usual[i]);
    }
    return a->candidates_count > 0 ? 0 : err_set(err, -EINVAL, "there is no model to advise on");
}
