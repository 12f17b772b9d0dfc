#include "load/load_run.h"

#include "load/schedule.h"

#include <errno.h>
#include <stdlib.h>

static int no_memory(size_t samples, struct err *err)
{
    return err_set(err, -ENOMEM, "no memory for %zu samples", samples);
}

/* Samples whose number is known are touched before the clock runs, so that their page faults are in
 * no measurement. */
static int prepare_number(struct load_run *r, uint64_t warmup, uint64_t jobs, size_t max,
                          struct err *err)
{
    struct service *s = r->service;

    if (jobs > max || warmup > max - jobs)
        return err_set(err, -ERANGE, "a run has at most %zu jobs, warm-up included", max);
    r->capacity = warmup + jobs;
    s->samples = malloc((r->capacity + 1) * sizeof *s->samples);
    if (s->samples == NULL)
        return no_memory(r->capacity, err);
    for (size_t i = 0; i < r->capacity; i++)
        s->samples[i] = (struct sample){0};
    r->warmup = s->warmup = warmup;
    s->jobs = jobs;
    return 0;
}

/* The number of jobs is not known: reserve the most that a run may have. Memory that is not touched
 * costs nothing. */
static int prepare_duration(struct load_run *r, size_t max, struct err *err)
{
    r->capacity = max;
    r->measured_ns = r->load->warmup_ns;
    r->service->samples = malloc(max * sizeof *r->service->samples);
    r->service->warmup = 0;
    r->service->jobs = max;
    return r->service->samples == NULL ? no_memory(max, err) : 0;
}

static int prepare_schedule(struct load_run *r, uint64_t warmup, uint64_t jobs, size_t max,
                            struct err *err)
{
    struct service *s = r->service;
    struct schedule schedule;

    if (schedule_plan(&schedule, r->load, s->job->seed, warmup, jobs, max) < 0)
        return err_set(err, -ERANGE,
                       "this schedule has more than the %zu arrivals that a run may have: lower "
                       "the rate or shorten it",
                       max);
    if (schedule.count == schedule.warmup)
        return err_set(err, -ERANGE,
                       "no job arrives in so short a time at this rate: raise it, or take longer");
    s->samples = malloc((schedule.count + 1) * sizeof *s->samples);
    if (s->samples == NULL)
        return no_memory(schedule.count, err);
    schedule_fill(&schedule, s->samples);
    r->capacity = schedule.count;
    r->warmup = s->warmup = schedule.warmup;
    s->jobs = schedule.count - schedule.warmup;
    r->measured_ns = schedule.measured_ns;
    return 0;
}

int load_prepare(struct load_run *r, uint64_t warmup, uint64_t jobs, size_t max, struct err *err)
{
    r->service->one_go = r->load->kind == LOAD_BATCH;
    r->service->count_from_ns = 0;
    if (r->load->kind == LOAD_OPEN)
        return prepare_schedule(r, warmup, jobs, max, err);
    if (r->load->kind == LOAD_CLOSED && r->load->duration_ns > 0)
        return prepare_duration(r, max, err);
    return prepare_number(r, warmup, jobs, max, err);
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
