/* The heartbeat: a task that sleeps 1 ms on the loop, again and again, and records how late it
 * wakes. That lateness is the loop lag, which every task on this loop has. */
#ifndef TVA_MEASURE_HEARTBEAT_H
#define TVA_MEASURE_HEARTBEAT_H

#include "measure/sample.h"

#include <stddef.h>

#define HEARTBEAT_PERIOD_NS NS_PER_MS

struct heartbeat;

/* Start the task on the running loop; its first sleep has begun on return. From a task. NULL when
 * out of memory. */
struct heartbeat *heartbeat_start(void);

/* How many beats there have been. */
size_t heartbeat_count(const struct heartbeat *h);

/* What a beat costs by itself: the CPU time of this process for some more beats, divided by their
 * number: a tenth of those there were, 10 to 100. From a task, when nothing else runs in the
 * process. 0, or -ECANCELED when the caller is canceled meanwhile. */
int heartbeat_cost(struct heartbeat *h, uint64_t *cpu_ns);

/* Let the sleep in progress end, to record a lag that the work before this call has caused; then
 * stop and free the heartbeat. From a task. *beats gets the beats, oldest first, *count their
 * number; the caller frees them in any case. 0, -ENOMEM when beats were lost, or -ECANCELED when
 * the caller is canceled meanwhile. */
int heartbeat_stop(struct heartbeat *h, struct beat **beats, size_t *count);

#endif
