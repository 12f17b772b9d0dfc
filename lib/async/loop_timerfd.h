/* What wakes a sleeping loop in time: one timerfd, watched by libuv. Linux only. For loop.c. */
#ifndef TVA_ASYNC_LOOP_TIMERFD_H
#define TVA_ASYNC_LOOP_TIMERFD_H

#include "async/loop_internal.h"

/* Make it and watch it. 0, or a negative errno with nothing left open. */
int loop_timerfd_open(struct loop *loop);

/* Let it fire at the loop's earliest deadline; nothing to do when it is set so already. */
void loop_timerfd_arm(struct loop *loop);

#endif
