#include "async/loop_timerfd.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Nothing to do: it has ended the sleep, and loop_turn() fires what is due. */
static void timer_fd_readable(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    (void)status;
    (void)events;
}

/* Setting it also clears an expiry not yet read. */
void loop_timerfd_arm(struct loop *loop)
{
    uint64_t next_ns = timer_next_ns(&loop->timers);
    struct itimerspec spec = {0};

    if (next_ns == loop->armed_ns)
        return;
    if (next_ns != NO_DEADLINE)
        spec.it_value = clock_timespec(next_ns ? next_ns : 1); /* 0 would disarm it */
    timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
    loop->armed_ns = next_ns;
}

int loop_timerfd_open(struct loop *loop)
{
    int err;

    loop->armed_ns = NO_DEADLINE;
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (loop->timer_fd < 0)
        return -errno;
    err = uv_poll_init(&loop->uv, &loop->timer_poll, loop->timer_fd);
    if (err == 0)
        err = uv_poll_start(&loop->timer_poll, UV_READABLE, timer_fd_readable);
    if (err < 0)
        close(loop->timer_fd);
    return err;
}
