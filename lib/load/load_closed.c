/* A closed loop: C clients, each of which wants its next job the moment its last has ended. It is
 * the client who hands it over, on the thread on which it learned of the end. */
#include "load/in_system.h"
#include "load/load_run.h"
#include "model/model.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Numbers that a loop has drawn for its clients. Loops that drew them one by one would wait for
 * each other twice a job: for the lock, and for the cache line that neighbouring samples share. */
struct block {
    atomic_size_t next; /* from here to `end` they are not used yet; `next` may be past it */
    size_t end;
    size_t size; /* so many were drawn at most; 0: none yet */
    uint64_t drawn_ns;
} __attribute__((aligned(64)));

/* A loop that comes for more within BLOCK_NS draws twice as many, else half as many, at least one.
 * So the numbers are in the order of time, but for a few. */
#define BLOCK_JOBS_MAX 64
#define BLOCK_NS       (50 * NS_PER_US)

struct closed {
    struct load_run *run;
    struct block *blocks; /* of each loop, where the model has loops; else NULL */
    uint64_t first_ns;    /* the first moment */
    uint64_t until_ns;    /* no job is wanted from then on */
    atomic_int error;     /* no job is wanted once it is < 0 */
    atomic_bool warm;     /* a measured job was wanted; for a warm-up by number */

    struct in_system in_system; /* clients; each has a job in it, but for those that come in */

    pthread_mutex_t lock __attribute__((aligned(64))); /* over `drawn` and who fills a block */
    size_t drawn; /* numbers so far: samples are filled in in this order */
};

static bool is_over(const struct closed *c, uint64_t now_ns)
{
    return atomic_load_explicit(&c->error, memory_order_relaxed) < 0 || now_ns >= c->until_ns;
}

static void set_error(struct closed *c, int error)
{
    int none = 0;

    atomic_compare_exchange_strong(&c->error, &none, error);
}

/* A client wants job i. False when it cannot be handed over. */
static bool want(struct closed *c, size_t i, uint64_t now_ns)
{
    struct service *s = c->run->service;
    int err;

    s->samples[i] = (struct sample){.intended_ns = now_ns, .submitted_ns = clock_now_ns()};
    err = service_submit(s, i);
    if (err < 0) {
        set_error(c, err);
        return false;
    }
    if (i >= c->run->warmup && !atomic_load_explicit(&c->warm, memory_order_relaxed) &&
        !atomic_exchange(&c->warm, true))
        in_system_wake(&c->in_system);
    return true;
}

/* A client wants the next job. False when there is none for it. Under the lock. */
static bool want_next(struct closed *c, uint64_t now_ns)
{
    if (is_over(c, now_ns) || c->drawn == c->run->capacity || !want(c, c->drawn, now_ns))
        return false;
    c->drawn++;
    return true;
}

/* Use one of these numbers. On the thread of their loop, or under the lock. */
static bool take(struct block *b, size_t *i)
{
    if (atomic_load_explicit(&b->next, memory_order_relaxed) >= b->end)
        return false;
    *i = atomic_fetch_add_explicit(&b->next, 1, memory_order_relaxed);
    return *i < b->end;
}

/* Draw numbers below `end` for a loop. Under the lock. */
static void draw(struct closed *c, struct block *b, size_t end, uint64_t now_ns)
{
    size_t size = now_ns - b->drawn_ns < BLOCK_NS ? 2 * b->size : b->size / 2;

    b->size = size < 1 ? 1 : size > BLOCK_JOBS_MAX ? BLOCK_JOBS_MAX : size;
    b->drawn_ns = now_ns;
    atomic_store_explicit(&b->next, c->drawn, memory_order_relaxed);
    b->end = end - c->drawn < b->size ? end : c->drawn + b->size;
    c->drawn = b->end;
}

/* A number for a client of a loop that has none left. When all of the warm-up or of the run are
 * drawn, those that the other loops do not use yet come first: no client ends while there is a job,
 * and no warm-up begins late. */
static bool take_new(struct closed *c, struct block *own, uint64_t now_ns, size_t *i)
{
    size_t warmup = c->run->warmup, capacity = c->run->capacity;
    bool taken = false;

    pthread_mutex_lock(&c->lock);
    if (c->drawn == warmup || c->drawn == capacity)
        for (unsigned k = 0; k < service_loops(c->run->service) && !taken; k++)
            taken = take(&c->blocks[k], i);
    if (!taken && c->drawn < capacity) {
        draw(c, own, c->drawn < warmup ? warmup : capacity, now_ns);
        taken = take(own, i);
    }
    pthread_mutex_unlock(&c->lock);
    return taken;
}

/* The same as want_next(), on the thread of a loop. */
static bool want_next_of(struct closed *c, struct block *own, uint64_t now_ns)
{
    size_t i;

    if (is_over(c, now_ns))
        return false;
    return (take(own, &i) || take_new(c, own, now_ns, &i)) && want(c, i, now_ns);
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
    if (c->blocks != NULL) {
        goes_on = want_next_of(c, &c->blocks[s->lane], now_ns);
    } else {
        pthread_mutex_lock(&c->lock);
        goes_on = want_next(c, now_ns);
        pthread_mutex_unlock(&c->lock);
    }
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
        if (!want_next(c, c->first_ns)) {
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
    set_error(c, error);
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

/* In a loop by time, numbers that a loop has drawn are left over. Let the samples of the others
 * follow each other. */
static void close_gaps(struct closed *c)
{
    struct load_run *r = c->run;
    struct sample *samples = r->service->samples;

    for (unsigned k = 0; c->blocks != NULL && k < service_loops(r->service); k++)
        for (size_t i = atomic_load(&c->blocks[k].next); i < c->blocks[k].end; i++) {
            samples[i].intended_ns = 0;
            r->count = i < r->count ? i : r->count;
        }
    for (size_t i = r->count; i < c->drawn; i++)
        if (samples[i].intended_ns != 0)
            samples[r->count++] = samples[i];
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

    r->count = c->drawn;
    r->area = service_totals(r->service).area;
    r->begin_ns = r->service->count_from_ns;
    if (r->load->duration_ns > 0)
        close_gaps(c);
    if (r->load->warmup_ns > 0) {
        gather_warmup(r);
        return;
    }
    for (size_t i = r->warmup; i < r->count && c->error == 0; i++)
        if (i == r->warmup || samples[i].intended_ns < r->begin_ns)
            r->begin_ns = samples[i].intended_ns;
}

/* Nothing is drawn yet. */
static int make_blocks(struct closed *c)
{
    size_t size = service_loops(c->run->service) * sizeof *c->blocks;

    if (!c->run->service->model->has_loops)
        return 0;
    c->blocks = aligned_alloc(_Alignof(struct block), size);
    if (c->blocks == NULL)
        return -ENOMEM;
    memset(c->blocks, 0, size);
    return 0;
}

int load_closed(struct load_run *r)
{
    struct closed c = {.run = r};
    int err = make_blocks(&c);

    if (err == 0)
        err = load_meet(r);
    c.first_ns = load_begin(r);
    if (err == 0)
        err = in_system_init(&c.in_system, r->service->model->any_thread);
    if (err < 0) {
        free(c.blocks);
        return err;
    }
    pthread_mutex_init(&c.lock, NULL);
    r->service->done = done;
    r->service->driver = &c;
    r->service->count_from_ns = c.first_ns + r->load->warmup_ns;
    c.until_ns = r->load->duration_ns > 0
                     ? clock_add_ns(r->service->count_from_ns, r->load->duration_ns)
                     : NO_DEADLINE;
    start_clients(&c, r->clients);
    wait_for_clients(&c);
    in_system_deinit(&c.in_system);
    settle(&c);
    pthread_mutex_destroy(&c.lock);
    free(c.blocks);
    return c.error;
}
