/* An open loop: the generator's thread says when jobs are wanted. Where the model takes jobs on any
 * thread, the generator hands them over itself. Else they go to an inbox, which the driver's task
 * empties on the loop: a counter, since jobs come in the order of their numbers, and a wake-up when
 * the task sleeps. */
#include "async/thread_pool.h"
#include "load/generator.h"
#include "load/in_system.h"
#include "load/load_run.h"
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>

/* From now to the first moment: time for the generator's thread to settle. */
#define LEAD_NS (2 * NS_PER_MS)

/* A process has a CPU for the generator and one for the jobs where there are so many for each. */
#define CPUS_EACH 2

struct open {
    struct load_run *run;
    struct generator generator;
    size_t taken; /* from the inbox; the driver's task alone */
    int error;    /* of submit on the loop, of the driver, or a cancellation; the same task */
    int generator_error;

    atomic_size_t arrived __attribute__((aligned(64))); /* the inbox: jobs taken .. arrived - 1 */
    struct in_system in_system __attribute__((aligned(64))); /* jobs, and the generator */
};

static void done(struct service *s, size_t i)
{
    struct open *o = s->driver;

    if (i >= o->run->warmup)
        service_add_area(s, i, load_area(&s->samples[i], clock_now_ns()));
    in_system_leave(&o->in_system);
}

/* Is there room for job i? On the generator's thread. */
static bool admit(struct open *o, size_t i)
{
    struct load_run *r = o->run;
    size_t jobs = in_system_count(&o->in_system) - 1;

    if (r->limit > 0 && jobs >= r->limit) {
        sample_give_up(&r->service->samples[i], SAMPLE_REFUSED);
        r->refused += i >= r->warmup;
        return false;
    }
    in_system_enter(&o->in_system, 1);
    if (jobs + 1 > r->in_flight_max)
        r->in_flight_max = jobs + 1;
    return true;
}

/* On the generator's thread: hand over what is due, or leave it to the driver's task. */
static int arrive(void *arg, size_t first, size_t end)
{
    struct open *o = arg;
    struct service *s = o->run->service;

    for (size_t i = first; i < end; i++) {
        if (!admit(o, i) || !s->model->any_thread)
            continue;
        if (i > first)
            s->samples[i].submitted_ns = clock_now_ns();
        o->generator_error = service_submit(s, i);
        if (o->generator_error < 0) {
            in_system_leave(&o->in_system);
            return o->generator_error;
        }
    }
    atomic_store(&o->arrived, end);
    if (!s->model->any_thread)
        in_system_wake(&o->in_system);
    return 0;
}

/* On the generator's thread. */
static void over(void *arg, size_t arrived)
{
    struct open *o = arg;

    o->run->count = arrived;
    in_system_leave(&o->in_system);
}

static void stop(struct open *o, int error)
{
    if (o->error == 0) {
        o->error = error;
        generator_stop(&o->generator);
    }
    service_cancel(o->run->service);
}

/* Hand over what is in the inbox, unless the load has failed or was canceled. False when it was
 * empty. */
static bool empty_inbox(struct open *o)
{
    struct service *s = o->run->service;
    size_t arrived = atomic_load(&o->arrived), first = o->taken;

    if (s->model->any_thread)
        return false;
    for (; o->taken < arrived; o->taken++) {
        int err;

        if (s->samples[o->taken].result == SAMPLE_REFUSED)
            continue;
        err = o->error < 0 ? o->error : service_submit(s, o->taken);
        if (err < 0) {
            sample_give_up(&s->samples[o->taken], err);
            in_system_leave(&o->in_system);
            stop(o, err);
        }
    }
    return o->taken > first;
}

/* The driver's task, until the last job has ended. */
static void drive(struct open *o)
{
    uint64_t measured_ns = o->generator.begin_ns + o->run->measured_ns;
    bool measuring = false;

    for (;;) {
        int err = 0;

        if (!measuring && clock_now_ns() >= measured_ns) {
            measuring = true;
            err = o->run->measure(o->run->arg);
        } else if (!empty_inbox(o)) {
            in_system_arm(&o->in_system);
            if (empty_inbox(o))
                continue;
            if (in_system_count(&o->in_system) == 0)
                return;
            err = in_system_wait(&o->in_system, measuring ? NO_DEADLINE : measured_ns);
        }
        if (err < 0 && err != -ETIMEDOUT)
            stop(o, err);
    }
}

/* When jobs may begin at the latest: so long after the last arrival. */
static uint64_t begin_until(const struct open *o)
{
    const struct load_run *r = o->run;

    return clock_add_ns(o->generator.begin_ns + r->last_ns, r->load->drain_ns);
}

static int carry_out(struct open *o)
{
    struct load_run *r = o->run;
    uint64_t soon_ns = clock_now_ns() + LEAD_NS;
    int err;

    r->late_ns = r->told_ns > 0 && soon_ns > r->told_ns ? soon_ns - r->told_ns : 0;
    o->generator = (struct generator){
        .samples = r->service->samples,
        .count = r->capacity,
        .begin_ns = soon_ns > r->told_ns ? soon_ns : r->told_ns,
        .fair = r->share.here > 1 && CPUS_EACH * r->share.here > thread_pool_cores(),
        .arrive = arrive,
        .over = over,
        .arg = o,
    };
    r->begin_ns = o->generator.begin_ns + r->measured_ns;
    atomic_store(&r->service->begin_until_ns, begin_until(o));
    err = generator_start(&o->generator);
    if (err < 0) {
        in_system_leave(&o->in_system);
        return err;
    }
    drive(o);
    r->end_ns = clock_now_ns();
    generator_join(&o->generator);
    r->area = service_totals(r->service).area;
    return o->error < 0 ? o->error : o->generator_error;
}

int load_open(struct load_run *r)
{
    struct open *o = aligned_alloc(_Alignof(struct open), sizeof *o);
    int err;

    if (o == NULL)
        return -ENOMEM;
    *o = (struct open){.run = r};
    err = load_meet(r);
    if (err == 0)
        err = in_system_init(&o->in_system, true);
    if (err == 0) {
        r->service->done = done;
        r->service->driver = o;
        err = carry_out(o);
        in_system_deinit(&o->in_system);
    }
    free(o);
    return err;
}
