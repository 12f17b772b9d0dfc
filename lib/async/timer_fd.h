/* What ends a sleep in time: a descriptor that becomes readable at a deadline (timerfd, Linux
 * only). Unlike the time-outs of epoll_wait() it counts ns, and the thread's timer slack does not
 * delay it. */
#ifndef TVA_ASYNC_TIMER_FD_H
#define TVA_ASYNC_TIMER_FD_H

#include <stdbool.h>
#include <stdint.h>

/* The descriptor, which the caller closes, or a negative errno. */
int timer_fd_open(void);

/* Let it become readable at deadline_ns instead of what was set before, or never where that is
 * NO_DEADLINE. It is not readable until then, read or not. False when it cannot be set: then
 * nothing would end a sleep in time. */
bool timer_fd_arm(int fd, uint64_t deadline_ns);

#endif
