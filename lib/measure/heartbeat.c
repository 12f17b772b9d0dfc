#include "measure/heartbeat.h"

#include "async/task.h"
#include "base/array.h"

#include <errno.h>
#include <stdlib.h>

struct heartbeat {
    struct task *task;
    struct beat *beats;
    size_t count, capacity;
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

        if (err < 0)
            return err;
        beat.woke_ns = clock_now_ns();
        record(h, beat);
    }
    return 0;
}

struct heartbeat *heartbeat_start(void)
{
    struct heartbeat *h = calloc(1, sizeof *h);

    if (h == NULL)
        return NULL;
    h->task = task_create(coro_create(beat_until_stopped, h));
    if (h->task == NULL) {
        free(h);
        return NULL;
    }
    if (task_yield() < 0) /* it starts, and begins its first sleep */
        task_cancel(task_current());
    return h;
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
