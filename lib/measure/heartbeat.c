#include "measure/heartbeat.h"

#include "async/event.h"
#include "async/task.h"
#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define REST_LEAST 10 /* beats */
#define REST_MOST  100

struct heartbeat {
    struct task *task;
    struct beat *beats;
    size_t count, capacity;
    size_t announced; /* the event tells when there have been so many beats */
    struct event announce;
    bool stopping, beats_lost;
};

static void record(struct heartbeat *h, struct beat beat)
{
    struct beat *beats = array_grow(h->beats, h->count, &h->capacity, sizeof *beats);

    if (beats == NULL) {
        h->beats_lost = true;
        return;
    }
    h->beats = beats;
    h->beats[h->count++] = beat;
}

static int beat_until_stopped(void *arg)
{
    struct heartbeat *h = arg;

    while (!h->stopping) {
        struct beat beat = {.due_ns = clock_now_ns() + HEARTBEAT_PERIOD_NS};
        int err = task_sleep_until(beat.due_ns);

        if (err < 0) {
            event_set(&h->announce);
            return err;
        }
        beat.woke_ns = clock_now_ns();
        record(h, beat);
        if (h->count >= h->announced || h->beats_lost)
            event_set(&h->announce);
    }
    return 0;
}

struct heartbeat *heartbeat_start(void)
{
    struct heartbeat *h = calloc(1, sizeof *h);

    if (h == NULL)
        return NULL;
    event_init(&h->announce);
    h->task = task_create(coro_create(beat_until_stopped, h));
    if (h->task == NULL) {
        free(h);
        return NULL;
    }
    if (task_yield() < 0) /* it starts, and begins its first sleep */
        task_cancel(task_current());
    return h;
}

size_t heartbeat_count(const struct heartbeat *h)
{
    return h->count;
}

/* Wait until there have been `beats` more. */
static int wait_for(struct heartbeat *h, size_t beats)
{
    h->announced = h->count + beats;
    event_clear(&h->announce);
    return event_wait(&h->announce, NO_DEADLINE);
}

static uint64_t process_cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

int heartbeat_cost(struct heartbeat *h, uint64_t *cpu_ns)
{
    size_t beats = h->count / 10;
    uint64_t before_ns = 0;
    int err = wait_for(h, 1);

    beats = beats < REST_LEAST ? REST_LEAST : beats > REST_MOST ? REST_MOST : beats;

    if (err == 0) {
        before_ns = process_cpu_ns();
        err = wait_for(h, beats);
    }
    if (err == 0)
        *cpu_ns = (process_cpu_ns() - before_ns) / beats;
    return err;
}

int heartbeat_stop(struct heartbeat *h, struct beat **beats, size_t *count)
{
    int err;

    h->stopping = true;
    err = task_await(h->task);
    while (!task_done(h->task)) /* canceled; but the task still uses h, for a period at most */
        task_await(h->task);
    if (err == 0 && h->beats_lost)
        err = -ENOMEM;
    *beats = h->beats;
    *count = h->count;
    task_release(h->task);
    free(h);
    return err;
}
