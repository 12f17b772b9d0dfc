#include "pulse.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Setting the timer again also clears its expiry. */
static void plan_next(struct pulse *p)
{
    struct itimerspec spec = {0};

    p->due_ns = clock_now_ns() + PULSE_PERIOD_NS;
    spec.it_value = clock_timespec(p->due_ns);
    timerfd_settime(p->fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void beat(uv_poll_t *poll, int status, int events)
{
    struct pulse *p = poll->data;

    (void)status;
    (void)events;
    recorder_beat(p->recorder, p->due_ns, clock_now_ns());
    plan_next(p);
}

int pulse_start(struct pulse *p, struct loop *loop, struct recorder *recorder)
{
    int err;

    p->recorder = recorder;
    p->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (p->fd < 0)
        return -errno;
    err = uv_poll_init(loop_uv(loop), &p->poll, p->fd);
    if (err < 0)
        goto err0;
    p->poll.data = p;
    err = uv_poll_start(&p->poll, UV_READABLE, beat);
    if (err < 0)
        goto err1;
    plan_next(p);
    return 0;

err1:
    uv_close((uv_handle_t *)&p->poll, NULL);
err0:
    close(p->fd);
    return err;
}

void pulse_stop(struct pulse *p)
{
    uint64_t now_ns = clock_now_ns();

    if (p->due_ns <= now_ns)
        recorder_beat(p->recorder, p->due_ns, now_ns);
    uv_close((uv_handle_t *)&p->poll, NULL);
    close(p->fd);
}
