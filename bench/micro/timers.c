/* Timers alone, without tasks: n are started, and fire once. CPU time, because they fire when they
 * are due. */
#include "async/timer.h"
#include "base/clock.h"
#include "base/random.h"
#include "micro/micro.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

#define SPAN_MS 100

/* Both kinds have the same room, so that caches hold as many. */
union record {
    struct timer timer;
    uv_timer_t uv;
};

static void note(uint64_t begin_ns, uint64_t n, struct micro_output *out)
{
    out->of[MICRO_VALUE] = (double)(micro_cpu_ns() - begin_ns) / (double)n;
}

/* All in use before the clock starts: the cost of new pages is none of timers. */
static union record *make_records(uint64_t n)
{
    union record *records = malloc(n * sizeof *records);

    for (uint64_t i = 0; records != NULL && i < n; i++)
        records[i] = (union record){0};
    return records;
}

/* Of timer i, in ms: what libuv can tell apart. */
static uint64_t span_ms(uint64_t i, bool random)
{
    return random ? 1 + (uint64_t)(SPAN_MS * random_uniform(1, RANDOM_DURATIONS, i)) : SPAN_MS;
}

static void nothing(struct timer *timer)
{
    (void)timer;
}

static int run_tva(const struct micro_input *in, struct micro_output *out, bool random)
{
    struct timer_wheel *wheel = calloc(1, sizeof *wheel);
    union record *records = make_records(in->n);
    int err = wheel == NULL || records == NULL ? -ENOMEM : 0;
    uint64_t begin_ns = micro_cpu_ns(), now_ns, next_ns;

    if (err == 0) {
        timer_wheel_init(wheel);
        now_ns = clock_now_ns(); /* libuv reads it once a turn, too */
        for (uint64_t i = 0; i < in->n; i++)
            timer_start(wheel, &records[i].timer, now_ns + i + span_ms(i, random) * NS_PER_MS);
        while ((next_ns = timer_next_ns(wheel)) != NO_DEADLINE) {
            micro_sleep_until(next_ns);
            timer_fire_due(wheel, clock_now_ns(), nothing);
        }
        note(begin_ns, in->n, out);
    }
    free(records);
    free(wheel);
    return err;
}

static void nothing_uv(uv_timer_t *timer)
{
    (void)timer;
}

static int run_uv(const struct micro_input *in, struct micro_output *out, bool random)
{
    union record *records = make_records(in->n);
    uv_loop_t loop;
    int err = records == NULL ? -ENOMEM : uv_loop_init(&loop);
    uint64_t begin_ns = micro_cpu_ns();

    for (uint64_t i = 0; i < in->n && err == 0; i++) {
        uv_timer_init(&loop, &records[i].uv);
        err = uv_timer_start(&records[i].uv, nothing_uv, span_ms(i, random), 0);
    }
    if (err == 0)
        uv_run(&loop, UV_RUN_DEFAULT);
    note(begin_ns, in->n, out);
    free(records);
    return err;
}

int timers_equal_tva(const struct micro_input *in, struct micro_output *out)
{
    return run_tva(in, out, false);
}

int timers_equal_uv(const struct micro_input *in, struct micro_output *out)
{
    return run_uv(in, out, false);
}

int timers_random_tva(const struct micro_input *in, struct micro_output *out)
{
    return run_tva(in, out, true);
}

int timers_random_uv(const struct micro_input *in, struct micro_output *out)
{
    return run_uv(in, out, true);
}
