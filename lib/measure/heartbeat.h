/* The heartbeat: a task that sleeps 1 ms on the loop, again and again, and records how late it
 * wakes. That lateness is the loop lag: what any other task on this loop would suffer. */
#ifndef TVA_MEASURE_HEARTBEAT_H
#define TVA_MEASURE_HEARTBEAT_H

#include "measure/sample.h"

#include <stddef.h>

#define HEARTBEAT_PERIOD_NS NS_PER_MS

struct heartbeat;

/* Start the task on the running loop. From a task; by the return its first sleep has begun.
 * NULL when out of memory. */
struct heartbeat *heartbeat_start(void);

/* Let the sleep in progress end, so that a lag caused by the work before this call is recorded,
 * then stop. From a task. The beats, oldest first, go to *beats (the caller frees) and their number
 * to *count; free the heartbeat. 0, -ENOMEM when beats were lost, or -ECANCELED when the caller is
 * canceled meanwhile; the beats are the caller's in any case. */
int heartbeat_stop(struct heartbeat *h, struct beat **beats, size_t *count);

#endif
