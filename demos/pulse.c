#include "pulse.h"

/* libuv counts floored milliseconds, so a beat may come up to one early: the next one is due a
 * period after it came, as when a task sleeps. */
static void beat(uv_timer_t *timer)
{
    struct pulse *p = timer->data;
    uint64_t now_ns = clock_now_ns();

    recorder_beat(p->recorder, p->due_ns, now_ns);
    p->due_ns = now_ns + PULSE_PERIOD_NS;
}

int pulse_start(struct pulse *p, struct loop *loop, struct recorder *recorder)
{
    const uint64_t period_ms = PULSE_PERIOD_NS / NS_PER_MS;
    int err = uv_timer_init(loop_uv(loop), &p->timer);

    if (err < 0)
        return err;
    p->timer.data = p;
    p->recorder = recorder;
    p->due_ns = clock_now_ns() + PULSE_PERIOD_NS;
    uv_update_time(loop_uv(loop));
    return uv_timer_start(&p->timer, beat, period_ms, period_ms);
}

void pulse_stop(struct pulse *p)
{
    if (clock_is_late(p->due_ns))
        beat(&p->timer);
    uv_close((uv_handle_t *)&p->timer, NULL);
}
