#include "load/load_run.h"

#include "async/task.h"
#include "load/schedule.h"

#include <errno.h>
#include <stdlib.h>

/* Is it a closed loop by time, whose number of jobs is not known beforehand? */
static bool is_by_time(const struct load *load)
{
    return load->kind == LOAD_CLOSED && load->duration_ns > 0;
}

/* Warm-up jobs have the indexes after those of the counted jobs, of which all shares have `jobs`:
 * so the counted work is the same however long the warm-up is. */
static void set_indexes(const struct load_run *r, uint64_t jobs)
{
    struct service *s = r->service;

    s->others = r->share.count > 1 ? r->share.count - 1 : 0;
    s->base_of_warmup = jobs + r->share.number;
    s->base_of_counted = r->share.number - r->warmup * (1 + s->others); /* modulo 2^64 */
}

/* How many samples there are, and how many of these are of the warm-up. */
static int count_samples(struct load_run *r, size_t warmup, size_t jobs, size_t max,
                         struct schedule *schedule, struct err *err)
{
    if (r->load->kind == LOAD_OPEN) {
        if (schedule_plan(schedule, r->load, job_seed(r->service->job), warmup, jobs, max) < 0)
            return err_set(err, -ERANGE,
                           "this schedule has more than the %zu arrivals that a run may have: "
                           "lower the rate or shorten it",
                           max);
        if (schedule->count == schedule->warmup)
            return err_set(
                err, -ERANGE,
                "no job arrives in so short a time at this rate: raise it, or take longer");
        warmup = schedule->warmup;
        jobs = schedule->count - warmup;
        r->measured_ns = schedule->measured_ns;
        r->last_ns = schedule->last_ns;
    } else if (is_by_time(r->load)) {
        /* The most that a run may have. Memory that is not touched costs nothing. */
        warmup = 0;
        jobs = max;
        r->measured_ns = r->load->warmup_ns;
    } else if (jobs > max || warmup > max - jobs) {
        return err_set(err, -ERANGE, "a run has at most %zu jobs, warm-up included", max);
    }
    if (jobs < r->share.count || (r->load->clients > 0 && r->load->clients < r->share.count) ||
        (r->load->limit > 0 && r->load->limit < r->share.count))
        return err_set(
            err, -ERANGE,
            "each of %u ranks needs a job, a client and a place under the limit: ask for "
            "more of them, or take fewer ranks",
            r->share.count);
    r->warmup = share_of(r->share, warmup);
    r->capacity = r->warmup + share_of(r->share, jobs);
    r->clients = share_of(r->share, r->load->clients);
    r->limit = share_of(r->share, r->load->limit);
    set_indexes(r, jobs);
    return 0;
}

/* How many jobs are in the service at the same time at most; 0: an open loop without a limit. */
static size_t jobs_at_once(const struct load_run *r)
{
    size_t counted = r->capacity - r->warmup;

    switch (r->load->kind) {
    case LOAD_BATCH:
        return r->warmup > counted ? r->warmup : counted;
    case LOAD_CLOSED:
        return r->clients < r->capacity ? r->clients : r->capacity;
    default:
        return r->limit < r->capacity ? r->limit : r->capacity;
    }
}

/* Samples whose number is known are touched before the clock runs, so that their page faults are in
 * no measurement. */
int load_prepare(struct load_run *r, uint64_t warmup, uint64_t jobs, size_t max, struct err *err)
{
    struct service *s = r->service;
    struct schedule schedule = {.count = 0};
    int result = count_samples(r, warmup, jobs, max, &schedule, err);

    if (result < 0)
        return result;
    s->one_go = r->load->kind == LOAD_BATCH;
    s->at_once = jobs_at_once(r);
    s->count_from_ns = 0;
    s->warmup = r->warmup;
    s->samples = malloc((r->capacity + 1) * sizeof *s->samples);
    if (s->samples == NULL)
        return err_set(err, -ENOMEM, "no memory for %zu samples", r->capacity);
    if (r->load->kind == LOAD_OPEN)
        schedule_fill(&schedule, r->share, s->samples);
    else if (!is_by_time(r->load))
        for (size_t i = 0; i < r->capacity; i++)
            s->samples[i] = (struct sample){0};
    return 0;
}

int load_meet(struct load_run *r)
{
    if (r->meet == NULL)
        return 0;
    r->told_ns = r->meet(r->arg);
    return r->told_ns > 0 ? 0 : -ECANCELED;
}

uint64_t load_begin(struct load_run *r)
{
    uint64_t now_ns = clock_now_ns();

    if (now_ns < r->told_ns) {
        task_sleep_until(r->told_ns);
        now_ns = clock_now_ns();
    }
    if (r->told_ns > 0 && now_ns > r->told_ns)
        r->late_ns = now_ns - r->told_ns;
    return now_ns;
}

int load_carry_out(struct load_run *r)
{
    switch (r->load->kind) {
    case LOAD_OPEN:
        return load_open(r);
    case LOAD_CLOSED:
        return load_closed(r);
    default:
        return load_batch(r);
    }
}
