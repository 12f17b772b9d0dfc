/* A batch: all jobs wanted at once. The warm-up is a batch of its own before. */
#include "load/in_system.h"
#include "load/load_run.h"
#include "model/model.h"

#include <errno.h>

/* The driver reads its clock at most so many times as jobs end, once for each stretch of jobs. That
 * adds at most 1 / AREA_READINGS of jobs x makespan to its account, and costs a large batch of
 * short jobs nothing. Each of several loops has stretches of its own; all together they add at most
 * AREA_LOOPS times as much. */
#define AREA_READINGS 1024
#define AREA_LOOPS    4

struct batch {
    struct load_run *run;
    struct in_system in_system; /* jobs, and who hands them over */
    size_t jobs, stretch;

    /* Where the loop runs the jobs. It adds up without atomics and without a division, because a
     * job that does nothing takes fewer than 500 instructions in all. */
    size_t later;      /* jobs after this stretch */
    size_t jobs_of_it; /* jobs of this stretch */
    size_t left_of_it; /* of these, that have not ended */
    struct service_area area;

    atomic_size_t ended; /* where threads run the jobs */
};

/* So many jobs of a stretch have ended, by the driver's clock. */
static uint64_t driver_ns(const struct batch *b, size_t jobs)
{
    return jobs * (clock_now_ns() - b->run->begin_ns);
}

static void begin_stretch(struct batch *b)
{
    b->jobs_of_it = b->later < b->stretch ? b->later : b->stretch;
    b->left_of_it = b->jobs_of_it;
    b->later -= b->jobs_of_it;
}

static void done_on_loop(struct service *s, size_t i)
{
    struct batch *b = s->driver;

    if (i >= b->run->warmup) {
        b->area.stamped_ns += sample_latency_ns(&s->samples[i]);
        if (--b->left_of_it == 0) {
            b->area.driver_ns += driver_ns(b, b->jobs_of_it);
            begin_stretch(b);
        }
    }
    in_system_leave(&b->in_system);
}

static void done_on_thread(struct service *s, size_t i)
{
    struct batch *b = s->driver;

    if (i >= b->run->warmup) {
        struct service_area area = {.stamped_ns = sample_latency_ns(&s->samples[i])};
        size_t ended = atomic_fetch_add_explicit(&b->ended, 1, memory_order_relaxed) + 1;
        size_t jobs = ended % b->stretch;

        if (jobs == 0)
            area.driver_ns = driver_ns(b, b->stretch);
        else if (ended == b->jobs)
            area.driver_ns = driver_ns(b, jobs);
        service_add_area(s, i, area);
    }
    in_system_leave(&b->in_system);
}

/* Where several loops run the jobs: each counts its own in its part of the service, looks at the
 * clock after a stretch of them, and tells the driver when it has no more. Threads that write to
 * one place for each job, or for each few, would wait for each other. */
static void done_on_loops(struct service *part, size_t i)
{
    struct batch *b = part->driver;
    size_t ended = ++part->ended;

    part->ended_late_ns += sample_latency_ns(&part->samples[i]);
    if (++part->ended_late < b->stretch && part->held > 0)
        return;
    if (i >= b->run->warmup)
        service_add_area(
            part, i, (struct service_area){driver_ns(b, part->ended_late), part->ended_late_ns});
    part->ended_late = 0;
    part->ended_late_ns = 0;
    if (part->held > 0)
        return;
    part->ended = 0;
    in_system_leave_all(&b->in_system, ended);
}

/* Hand over jobs first .. end - 1. 0, or why not all. */
static int hand_over(struct batch *b, size_t first, size_t end)
{
    struct service *s = b->run->service;
    size_t handed;
    int err;

    in_system_enter(&b->in_system, end - first);
    err = service_submit_all(s, first, end, b->run->begin_ns, &handed);
    for (size_t i = first + handed; i < end; i++)
        in_system_leave(&b->in_system);
    return err;
}

/* Jobs first .. end - 1 from begin to end. */
static int carry_out(struct batch *b, size_t first, size_t end)
{
    struct load_run *r = b->run;
    struct service *s = r->service;
    int err;

    r->begin_ns = first < r->warmup ? clock_now_ns() : load_begin(r);
    err = hand_over(b, first, end);
    if (err < 0)
        service_cancel(s);
    in_system_leave(&b->in_system);
    for (;;) {
        in_system_arm(&b->in_system);
        if (in_system_count(&b->in_system) == 0)
            break;
        if (in_system_wait(&b->in_system, NO_DEADLINE) == -ECANCELED) {
            err = err < 0 ? err : -ECANCELED;
            service_cancel(s);
        }
    }
    r->end_ns = clock_now_ns();
    return err;
}

int load_batch(struct load_run *r)
{
    struct batch b = {.run = r, .jobs = r->capacity - r->warmup};
    bool shared = r->service->model->any_thread, loops = r->service->model->has_loops;
    int err = in_system_init(&b.in_system, shared);

    if (err < 0)
        return err;
    r->service->done = loops ? done_on_loops : shared ? done_on_thread : done_on_loop;
    r->service->driver = &b;
    b.stretch =
        b.jobs * AREA_LOOPS / AREA_READINGS / (service_loops(r->service) + AREA_LOOPS - 1) + 1;
    b.later = b.jobs;
    begin_stretch(&b);
    r->in_flight_max = b.jobs;
    r->count = r->capacity;
    if (r->warmup > 0) {
        err = carry_out(&b, 0, r->warmup);
        r->first_end_ns = r->end_ns;
        in_system_reset(&b.in_system);
    }
    if (err == 0)
        err = load_meet(r);
    if (err == 0)
        err = r->measure(r->arg);
    if (err == 0)
        err = carry_out(&b, r->warmup, r->capacity);
    else
        in_system_leave(&b.in_system);
    in_system_deinit(&b.in_system);
    r->area = shared ? service_totals(r->service).area : b.area;
    return err;
}
