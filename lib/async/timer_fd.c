#include "async/timer_fd.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/timerfd.h>

int timer_fd_open(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

bool timer_fd_arm(int fd, uint64_t deadline_ns)
{
    struct itimerspec spec = {0};

    if (deadline_ns != NO_DEADLINE)
        spec.it_value = clock_timespec(deadline_ns ? deadline_ns : 1); /* 0 would disarm it */
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0;
}
