/* A beat of 1 ms: a task, a timer or a thread waits again and again until 1 ms from now, and notes
 * how late it woke up. A wake-up before its time, which libuv's timers can have, is 0 late. */
#include "async/loop.h"
#include "math/stats.h"
#include "micro/micro.h"

#include <errno.h>
#include <stdlib.h>

struct beats {
    uint64_t *late_ns; /* of each beat so far */
    size_t count, wanted;
    uint64_t due_ns; /* the next one */
    uv_timer_t timer;
};

static uint64_t next_due_ns(struct beats *b)
{
    return b->due_ns = clock_now_ns() + NS_PER_MS;
}

static void note_beat(struct beats *b)
{
    uint64_t now_ns = clock_now_ns();

    b->late_ns[b->count++] = now_ns > b->due_ns ? now_ns - b->due_ns : 0;
}

/* Let `run` make all beats, and note the median and the 99th percentile in us. */
static int measure(const struct micro_input *in, int (*run)(struct beats *b),
                   struct micro_output *out)
{
    struct beats b = {.wanted = in->operations};
    struct stats_distribution late;
    int err = -ENOMEM;

    b.late_ns = calloc(b.wanted, sizeof *b.late_ns);
    if (b.late_ns != NULL)
        err = run(&b);
    if (err == 0) {
        stats_distribution_of(b.late_ns, b.count, &late); /* sorts them */
        out->of[MICRO_VALUE] = (double)b.late_ns[stats_rank(b.count, 0.5) - 1] / NS_PER_US;
        out->of[MICRO_P99] = (double)b.late_ns[stats_rank(b.count, 0.99) - 1] / NS_PER_US;
    }
    free(b.late_ns);
    return err;
}

static int beat_by_task(void *arg)
{
    struct beats *b = arg;
    int err = 0;

    while (b->count < b->wanted && err == 0) {
        err = task_sleep_until(next_due_ns(b));
        note_beat(b);
    }
    return err;
}

static int run_task(struct beats *b)
{
    struct loop *loop;
    int err = loop_create(NULL, &loop);

    if (err < 0)
        return err;
    err = loop_run(loop, coro_create(beat_by_task, b));
    loop_destroy(loop);
    return err;
}

static void beat_by_timer(uv_timer_t *timer)
{
    struct beats *b = timer->data;

    note_beat(b);
    if (b->count == b->wanted) {
        uv_close((uv_handle_t *)timer, NULL);
        return;
    }
    next_due_ns(b);
    uv_update_time(timer->loop); /* timers count from it */
    uv_timer_start(timer, beat_by_timer, 1, 0);
}

static int run_timer(struct beats *b)
{
    uv_loop_t loop;
    int err = uv_loop_init(&loop);

    if (err < 0)
        return err;
    uv_timer_init(&loop, &b->timer);
    b->timer.data = b;
    next_due_ns(b);
    uv_timer_start(&b->timer, beat_by_timer, 1, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}

static int run_nanosleep(struct beats *b)
{
    while (b->count < b->wanted) {
        micro_sleep_until(next_due_ns(b));
        note_beat(b);
    }
    return 0;
}

int beat_tva(const struct micro_input *in, struct micro_output *out)
{
    return measure(in, run_task, out);
}

int beat_uv(const struct micro_input *in, struct micro_output *out)
{
    return measure(in, run_timer, out);
}

int beat_nanosleep(const struct micro_input *in, struct micro_output *out)
{
    return measure(in, run_nanosleep, out);
}
