#include "measure/heartbeat.h"

#include "async/event.h"
#include "async/loop.h"
#include "async/task.h"
#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define ALONE_LEAST 10 /* beats whose cost is known, for a mean */

struct heartbeat {
    struct task *task;
    struct beat *beats;
    size_t count, capacity;
    size_t announced; /* the event tells when there have been so many beats */
    struct event announce;
    bool stopping, beats_lost;
    uint64_t switches, cpu_ns; /* at the last beat */
    size_t alone;              /* beats since whose predecessor no other task ran */
    uint64_t alone_cpu_ns;     /* what these cost */
};

static void record(struct heartbeat *h, struct beat beat)
{
    if (array_grow(&h->beats, h->count, &h->capacity, sizeof beat) == 0)
        h->beats[h->count++] = beat;
    else
        h->beats_lost = true;
}

/* What the loop's thread used from one beat to the next is the cost of a beat, if nothing but this
 * task was resumed there. */
static void take_cost(struct heartbeat *h)
{
    uint64_t switches = loop_switches(loop_running());
    uint64_t cpu_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);

    if (switches == h->switches + 1) {
        h->alone++;
        h->alone_cpu_ns += cpu_ns - h->cpu_ns;
    }
    h->switches = switches;
    h->cpu_ns = cpu_ns;
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
        take_cost(h);
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

int heartbeat_cost(struct heartbeat *h, uint64_t *cpu_ns)
{
    size_t count = h->count;
    int err = 0;

    if (h->alone < ALONE_LEAST && !task_done(h->task)) {
        h->announced = count + 1 + ALONE_LEAST; /* the caller itself runs before the first */
        event_clear(&h->announce);
        err = event_wait(&h->announce, NO_DEADLINE);
    }
    if (err == 0 && h->alone == 0)
        err = -ENOMEM;
    if (err == 0)
        *cpu_ns = h->alone_cpu_ns / h->alone * count;
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
