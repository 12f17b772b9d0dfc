/* A batch: all jobs wanted at once. The warm-up is a batch of its own before. */
#include "load/load_drivers.h"
#include "load/wakeup.h"
#include "model/model.h"

#include <errno.h>

struct batch {
    struct load_run *run;
    struct wakeup wakeup;
    atomic_size_t ended;
    atomic_size_t
        expected; /* so many will end; more than there can be while they are handed over */
};

static void done(struct service *s, size_t i)
{
    struct batch *b = s->driver;
    size_t ended;

    (void)i;
    if (s->model->any_thread) {
        ended = atomic_fetch_add(&b->ended, 1) + 1;
    } else {
        ended = atomic_load_explicit(&b->ended, memory_order_relaxed) + 1;
        atomic_store_explicit(&b->ended, ended, memory_order_relaxed);
    }
    if (ended == atomic_load(&b->expected))
        wakeup_send(&b->wakeup);
}

/* Hand over jobs first .. end - 1. How many it could; *err says why not all. */
static size_t hand_over(struct service *s, size_t first, size_t end, int *err)
{
    size_t i;

    for (i = first, *err = 0; i < end && *err == 0; i += *err == 0) {
        s->samples[i].submitted_ns = clock_now_ns();
        *err = service_submit(s, i);
    }
    return i;
}

/* Jobs first .. end - 1 from begin to end. */
static int carry_out(struct batch *b, size_t first, size_t end)
{
    struct service *s = b->run->service;
    int err;

    b->run->begin_ns = clock_now_ns();
    for (size_t i = first; i < end; i++)
        s->samples[i].intended_ns = b->run->begin_ns;
    atomic_store(&b->ended, first);
    atomic_store(&b->expected, SIZE_MAX);
    b->run->count = hand_over(s, first, end, &err);
    if (err < 0)
        service_cancel(s);
    wakeup_arm(&b->wakeup);
    atomic_store(&b->expected, b->run->count);
    while (atomic_load(&b->ended) < b->run->count) {
        if (wakeup_wait(&b->wakeup, NO_DEADLINE) == -ECANCELED) {
            err = err < 0 ? err : -ECANCELED;
            service_cancel(s);
        }
        wakeup_arm(&b->wakeup);
    }
    return err;
}

int load_batch(struct load_run *r)
{
    struct batch b = {.run = r};
    int err = wakeup_init(&b.wakeup);

    if (err < 0)
        return err;
    r->service->done = done;
    r->service->driver = &b;
    r->in_flight_max = r->capacity - r->warmup;
    if (r->warmup > 0)
        err = carry_out(&b, 0, r->warmup);
    if (err == 0)
        err = r->measure(r->arg);
    if (err == 0)
        err = carry_out(&b, r->warmup, r->capacity);
    wakeup_deinit(&b.wakeup);
    return err;
}
