#include "summary/queue_check.h"

#include "math/stats.h"
#include "math/stats_ks.h"
#include "summary/little.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define TOLERANCE      0.05
#define TOLERANCE_BUSY 0.10 /* above this utilisation: */
#define BUSY           0.8

const char *const queue_verdict_words[] = {
    [QUEUE_OK] = "ok",
    [QUEUE_INTERVAL] = "interval",
    [QUEUE_LUCK] = "luck",
    [QUEUE_OFF] = "off",
};

/* A run and room for what is made of it, by job. */
struct work {
    const struct theory_queue *queue;
    const struct sample *samples;
    size_t count, warmup;
    uint64_t *arrivals, *times; /* times: various, in turn */
    double *values, *ideals;
};

/* How many were in the system when each came, from when they left it. Sorts `left`. */
static void numbers_found(const uint64_t *arrivals, uint64_t *left, size_t n, double *found)
{
    size_t gone = 0;

    stats_sort_u64(left, n);
    for (size_t i = 0; i < n; i++) {
        while (gone < i && left[gone] <= arrivals[i])
            gone++;
        found[i] = (double)(i - gone);
    }
}

/* Measured: values[i] becomes the number that job i found, then its queueing wait. */
static void measure_values(struct work *w, struct queue_check *out)
{
    double hand_off_ns = 0;

    for (size_t i = 0; i < w->count; i++)
        w->times[i] = w->samples[i].finished_ns;
    numbers_found(w->arrivals, w->times, w->count, w->values);
    for (size_t i = 0; i < w->count; i++) {
        double wait_ns = (double)sample_wait_ns(&w->samples[i]);
        bool free = w->values[i] < (double)w->queue->servers;

        if (free && i >= w->warmup) {
            out->found_free++;
            hand_off_ns += wait_ns;
        }
        if (!out->unlimited)
            w->values[i] = free ? 0 : wait_ns / NS_PER_S;
    }
    out->hand_off_s = hand_off_ns / (double)out->found_free / NS_PER_S;
    out->waited = 1 - (double)out->found_free / (double)out->jobs;
}

/* The same of the queue in which nothing else costs time. */
static int ideal_values(struct work *w, const struct queue_check *out)
{
    int r;

    for (size_t i = 0; i < w->count; i++)
        w->times[i] = sample_service_ns(&w->samples[i]);
    if (out->unlimited) {
        for (size_t i = 0; i < w->count; i++)
            w->times[i] += w->arrivals[i];
        numbers_found(w->arrivals, w->times, w->count, w->ideals);
        return 0;
    }
    r = theory_fifo_waits(w->arrivals, w->times, w->count, w->queue->servers, w->times);
    for (size_t i = 0; i < w->count; i++)
        w->ideals[i] = (double)w->times[i] / NS_PER_S;
    return r;
}

/* Means with their intervals. Differences take the place of times. */
static int find_means(struct work *w, struct queue_check *out)
{
    const double *values = w->values + w->warmup, *ideals = w->ideals + w->warmup;
    double *differences = (double *)(void *)w->times;
    struct stats_batch_means *m = &out->measured;
    int r = stats_batch_means(values, out->jobs, m);

    if (r < 0)
        return r;
    for (size_t i = m->dropped; i < out->jobs; i++)
        out->ideal += ideals[i] / (double)(out->jobs - m->dropped);
    for (size_t i = 0; i < out->jobs; i++)
        differences[i] = values[i] - ideals[i];
    m = &out->adjusted;
    r = stats_batch_means(differences, out->jobs, m);
    m->mean += out->expected;
    m->ci_low += out->expected;
    m->ci_high += out->expected;
    return r;
}

static double wait_cdf(double x, const void *arg)
{
    return theory_queue_wait_cdf(arg, x);
}

/* P(number <= x) of Poisson's distribution, from a table up to the largest sample. */
static double poisson_cdf(double x, const void *table)
{
    return x < 0 ? 0 : ((const double *)table)[(size_t)x];
}

static int poisson_distance(const double *sorted, size_t n, double mean, double *distance)
{
    size_t size = (size_t)sorted[n - 1] + 1;
    double *table = malloc(size * sizeof *table), sum = 0;

    if (table == NULL)
        return -ENOMEM;
    for (size_t k = 0; k < size; k++) {
        sum += exp((double)k * log(mean) - mean - lgamma((double)k + 1));
        table[k] = fmin(sum, 1);
    }
    *distance = stats_ks_distance(sorted, n, poisson_cdf, table);
    free(table);
    return 0;
}

/* Sorts values and ideals. */
static int find_distances(struct work *w, struct queue_check *out)
{
    double *values = w->values + w->warmup, *ideals = w->ideals + w->warmup;

    stats_sort(values, out->jobs);
    stats_sort(ideals, out->jobs);
    out->ks_ideal = stats_ks_between(values, out->jobs, ideals, out->jobs);
    out->ks_critical = stats_ks_critical(fmax(out->measured.effective, 1), QUEUE_CHECK_KS_ALPHA);
    if (out->unlimited)
        return poisson_distance(values, out->jobs, out->expected, &out->ks);
    out->ks = stats_ks_distance(values, out->jobs, wait_cdf, &out->theory);
    return 0;
}

static int check(struct work *w, struct queue_check *out)
{
    int r;

    for (size_t i = 0; i < w->count; i++)
        w->arrivals[i] = w->samples[i].intended_ns;
    measure_values(w, out);
    r = ideal_values(w, out);
    if (r == 0)
        r = find_means(w, out);
    return r == 0 ? find_distances(w, out) : r;
}

int queue_check_samples(const struct theory_queue *queue, const struct sample *samples,
                        size_t count, size_t warmup, struct queue_check *out)
{
    size_t n = count - warmup > QUEUE_CHECK_JOBS_MAX ? warmup + QUEUE_CHECK_JOBS_MAX : count;
    struct work w = {.queue = queue, .samples = samples, .count = n, .warmup = warmup};
    int r;

    *out = (struct queue_check){.jobs = n - warmup};
    r = theory_queue_solve(queue, &out->theory);
    if (r < 0 || out->jobs < STATS_BATCH_VALUES_MIN)
        return r < 0 ? r : -ENODATA;
    out->unlimited = queue->servers == THEORY_QUEUE_UNLIMITED;
    out->expected = out->unlimited ? out->theory.mean_in_system : out->theory.mean_wait_s;
    w.arrivals = malloc(2 * n * (sizeof *w.arrivals + sizeof *w.values));
    if (w.arrivals == NULL)
        return -ENOMEM;
    w.times = w.arrivals + n;
    w.values = (double *)(void *)(w.times + n);
    w.ideals = w.values + n;
    r = check(&w, out);
    free(w.arrivals);
    return r;
}

double queue_check_tolerance(const struct queue_check *c)
{
    return c->theory.utilisation > BUSY ? TOLERANCE_BUSY : TOLERANCE;
}

double queue_check_passed_on(const struct queue_check *c)
{
    return c->unlimited || c->found_free == 0 ? 0 : c->hand_off_s * c->waited;
}

/* Is the mean without the luck of the draw further off than allowed, as far as is known? */
static bool adjusted_is_off(const struct queue_check *c)
{
    double room = queue_check_tolerance(c) * c->expected + queue_check_passed_on(c);

    return c->adjusted.ci_low > c->expected + room || c->adjusted.ci_high < c->expected - room;
}

enum queue_verdict queue_check_mean_verdict(const struct queue_check *c)
{
    double room = queue_check_tolerance(c) * c->expected;

    if (adjusted_is_off(c))
        return QUEUE_OFF;
    if (fabs(c->measured.mean - c->expected) <= room)
        return QUEUE_OK;
    if (c->measured.ci_low <= c->expected && c->expected <= c->measured.ci_high)
        return QUEUE_INTERVAL;
    return QUEUE_LUCK;
}

enum queue_verdict queue_check_ks_verdict(const struct queue_check *c)
{
    if (c->ks_ideal > QUEUE_CHECK_KS_IDEAL_MAX)
        return QUEUE_OFF;
    return c->ks <= c->ks_critical ? QUEUE_OK : QUEUE_LUCK;
}

static bool all_good(const struct run_record *run)
{
    for (size_t i = 0; i < run->samples_count; i++)
        if (run->samples[i].result != 0 || !sample_is_ordered(&run->samples[i]))
            return false;
    return run->samples_count > run->warmup_samples;
}

static bool applies(const struct cell_runs *in)
{
    const struct cell *cell = in->cell;

    if (cell->load.kind != LOAD_OPEN || cell->load.arrivals != LOAD_POISSON || cell_changes(cell) ||
        cell->load.poison > 0 || cell->job.count > 1 || job_traits(&cell->job).computes ||
        job_spread(&cell->job, 0).scv != 1 || cell_has_queues(cell))
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
                  (double)job_wait_ns(job, i - run->warmup_samples);
    return sum_ns / (double)run_counted(run) / NS_PER_S;
}

static int check_run(const struct cell *cell, const struct run_record *run,
                     struct theory_queue *queue, struct queue_check *out)
{
    *queue = (struct theory_queue){
        .arrivals_per_s = cell->load.rate_per_s,
        .service_s =
            job_spread(&cell->job, 0).mean_wait_ns / NS_PER_S + overshoot_s(&cell->job, run),
        .service_scv = 1,
        .servers = model_lanes(cell->model, THEORY_QUEUE_UNLIMITED, cell->threads),
    };
    return queue_check_samples(queue, run->samples, run->samples_count, run->warmup_samples, out);
}

static double off_by(const struct queue_check *c)
{
    return fabs(c->adjusted.mean - c->expected);
}

int queue_check_of(const struct cell_runs *in, struct queue_check_cell *out)
{
    *out = (struct queue_check_cell){.known = false};
    if (!applies(in))
        return 0;
    for (size_t i = 0; i < in->count; i++) {
        struct theory_queue queue;
        struct queue_check c;
        int r = check_run(in->cell, in->runs[i], &queue, &c);

        if (r < 0) {
            out->known = false;
            return r == -ENOMEM ? r : 0;
        }
        if (!out->known || off_by(&c) > off_by(&out->check)) {
            out->check = c;
            out->queue = queue;
        }
        out->known = true;
        out->little_error = fmax(out->little_error, little_check(in->runs[i]).error);
    }
    out->ok = queue_check_mean_verdict(&out->check) != QUEUE_OFF &&
              queue_check_ks_verdict(&out->check) != QUEUE_OFF &&
              out->little_error <= QUEUE_CHECK_LITTLE_MAX;
    return 0;
}
