#include "load/load_run.h"

#include "load/schedule.h"

#include <errno.h>
#include <stdlib.h>

/* Is it a closed loop by time, whose number of jobs is not known beforehand? */
static bool is_by_time(const struct load *load)
{
    return load->kind == LOAD_CLOSED && load->duration_ns > 0;
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
        r->capacity = schedule->count;
        r->warmup = schedule->warmup;
        r->measured_ns = schedule->measured_ns;
    } else if (is_by_time(r->load)) {
        /* The most that a run may have. Memory that is not touched costs nothing. */
        r->capacity = max;
        r->warmup = 0;
        r->measured_ns = r->load->warmup_ns;
    } else {
        if (jobs > max || warmup > max - jobs)
            return err_set(err, -ERANGE, "a run has at most %zu jobs, warm-up included", max);
        r->capacity = warmup + jobs;
        r->warmup = warmup;
    }
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
        return r->load->clients < r->capacity ? r->load->clients : r->capacity;
    default:
        return r->load->limit < r->capacity ? r->load->limit : r->capacity;
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
    s->jobs = r->capacity - r->warmup;
    s->samples = malloc((r->capacity + 1) * sizeof *s->samples);
    if (s->samples == NULL)
        return err_set(err, -ENOMEM, "no memory for %zu samples", r->capacity);
    if (r->load->kind == LOAD_OPEN)
        schedule_fill(&schedule, s->samples);
    else if (!is_by_time(r->load))
        for (size_t i = 0; i < r->capacity; i++)
            s->samples[i] = (struct sample){0};
    return 0;
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
