/* A closed loop: C clients, each of which wants its next job the moment its last has ended. It is
 * the client who hands it over, on the thread on which it learned of the end. */
#include "load/in_system.h"
#include "load/load_run.h"
#include "model/model.h"

#include <errno.h>
#include <pthread.h>

struct closed {
    struct load_run *run;
    struct in_system in_system; /* clients; each has a job in it, but for those that come in */
    uint64_t first_ns;          /* the first moment */
    uint64_t until_ns;          /* no job is wanted from then on */

    pthread_mutex_t lock; /* over what follows */
    size_t wanted;        /* jobs so far: their samples are filled in in this order */
    int error;            /* no job is wanted once it is < 0 */

    atomic_bool warm; /* the first measured job was wanted; for a warm-up by number */
};

static bool more_wanted(const struct closed *c, uint64_t now_ns)
{
    return c->error >= 0 && c->wanted < c->run->capacity && now_ns < c->until_ns;
}

/* A client wants a job. False when there is none for it. Under the lock. */
static bool want(struct closed *c, uint64_t now_ns)
{
    struct service *s = c->run->service;
    size_t i = c->wanted;
    int err;

    if (!more_wanted(c, now_ns))
        return false;
    s->samples[i] = (struct sample){.intended_ns = now_ns, .submitted_ns = clock_now_ns()};
    err = service_submit(s, i);
    if (err < 0) {
        c->error = err;
        return false;
    }
    c->wanted++;
    if (i == c->run->warmup && !atomic_exchange(&c->warm, true))
        in_system_wake(&c->in_system);
    return true;
}

static void done(struct service *s, size_t i)
{
    struct closed *c = s->driver;
    /* Before the lock: what it costs to get it is a wait of the next job, which would go uncounted
     * otherwise. So a job may have a higher number than one that was wanted a little later. */
    uint64_t now_ns = clock_now_ns();
    bool goes_on;

    if (i >= c->run->warmup && s->samples[i].intended_ns >= s->count_from_ns)
        service_add_area(s, i, load_area(&s->samples[i], now_ns));
    pthread_mutex_lock(&c->lock);
    goes_on = want(c, now_ns);
    pthread_mutex_unlock(&c->lock);
    if (!goes_on)
        in_system_leave(&c->in_system);
}

/* The clients come in, all at the first moment: whose job has ended meanwhile has to wait. */
static void start_clients(struct closed *c, uint64_t clients)
{
    uint64_t came;

    pthread_mutex_lock(&c->lock);
    for (came = 0; came < clients; came++) {
        in_system_enter(&c->in_system, 1);
        if (!want(c, c->first_ns)) {
            in_system_leave(&c->in_system);
            break;
        }
    }
    c->run->in_flight_max = came;
    pthread_mutex_unlock(&c->lock);
    in_system_leave(&c->in_system);
}

static void stop(struct closed *c, int error)
{
    pthread_mutex_lock(&c->lock);
    if (c->error == 0)
        c->error = error;
    pthread_mutex_unlock(&c->lock);
    service_cancel(c->run->service);
}

/* Has the warm-up ended? Where it is a time, by the clock. */
static bool is_warm(const struct closed *c)
{
    if (c->run->load->warmup_ns > 0)
        return clock_now_ns() >= c->first_ns + c->run->load->warmup_ns;
    return atomic_load(&c->warm);
}

/* Wait for the end of all clients, and tell the caller when the measured part begins. */
static void wait_for_clients(struct closed *c)
{
    uint64_t warmup_ns = c->run->load->warmup_ns;
    bool measuring = false;

    for (;;) {
        uint64_t deadline_ns = measuring || warmup_ns == 0 ? NO_DEADLINE : c->first_ns + warmup_ns;
        int err = 0;

        in_system_arm(&c->in_system);
        if (!measuring && is_warm(c)) {
            measuring = true;
            err = c->run->measure(c->run->arg);
        } else if (in_system_count(&c->in_system) == 0) {
            c->run->end_ns = clock_now_ns();
            return;
        } else {
            err = in_system_wait(&c->in_system, deadline_ns);
        }
        if (err < 0 && err != -ETIMEDOUT)
            stop(c, err);
    }
}

/* The warm-up by time: its samples to the front, where almost all of them are. */
static void gather_warmup(struct load_run *r)
{
    struct sample *samples = r->service->samples;

    for (size_t i = 0; i < r->count; i++)
        if (samples[i].intended_ns < r->service->count_from_ns) {
            struct sample early = samples[i];

            samples[i] = samples[r->warmup];
            samples[r->warmup++] = early;
        }
}

/* Which samples are of the warm-up is known now, and when the first of the others was wanted. */
static void settle(struct closed *c)
{
    struct load_run *r = c->run;
    const struct sample *samples = r->service->samples;

    r->count = c->wanted;
    r->area = service_totals(r->service).area;
    r->begin_ns = r->service->count_from_ns;
    if (r->load->warmup_ns > 0) {
        gather_warmup(r);
        return;
    }
    for (size_t i = r->warmup; i < r->count; i++)
        if (i == r->warmup || samples[i].intended_ns < r->begin_ns)
            r->begin_ns = samples[i].intended_ns;
}

int load_closed(struct load_run *r)
{
    struct closed c = {.run = r, .first_ns = clock_now_ns()};
    int err = in_system_init(&c.in_system, r->service->model->any_thread);

    if (err < 0)
        return err;
    pthread_mutex_init(&c.lock, NULL);
    r->service->done = done;
    r->service->driver = &c;
    r->service->count_from_ns = c.first_ns + r->load->warmup_ns;
    c.until_ns = r->load->duration_ns > 0
                     ? clock_add_ns(r->service->count_from_ns, r->load->duration_ns)
                     : NO_DEADLINE;
    start_clients(&c, r->load->clients);
    wait_for_clients(&c);
    in_system_deinit(&c.in_system);
    settle(&c);
    pthread_mutex_destroy(&c.lock);
    return c.error;
}
