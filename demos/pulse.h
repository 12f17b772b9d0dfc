/* The pulse of the event loop: a beat each millisecond, recorded with when it was due. Unlike the
 * heartbeat of measured runs it is no task, so that the number of tasks and of switches that a demo
 * counts is its own; and it is a timerfd, since libuv's own timers count whole milliseconds. */
#ifndef TVA_DEMOS_PULSE_H
#define TVA_DEMOS_PULSE_H

#include "async/loop.h"
#include "recorder.h"

#define PULSE_PERIOD_NS NS_PER_MS

struct pulse {
    uv_poll_t poll;
    struct recorder *recorder;
    int fd;          /* fires at due_ns */
    uint64_t due_ns; /* of the next beat */
};

/* Beat from now on, on the loop, into the recorder; p must stay until the loop is destroyed. 0 or a
 * negative errno, and nothing to stop. */
int pulse_start(struct pulse *p, struct loop *loop, struct recorder *recorder);

/* Record the beat that is overdue, if one is, and beat no more. */
void pulse_stop(struct pulse *p);

#endif
