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

/* What the beats so far cost: their number times the mean CPU time of those between which no other
 * task ran on the loop; waits for ten more of these, when there were fewer. From a task, when
 * no job runs. 0, -ENOMEM when beats were lost or the task has ended by an error, or -ECANCELED
 * when the caller is canceled meanwhile. */
int heartbeat_cost(struct heartbeat *h, uint64_t *cpu_ns);

/* Let the sleep in progress end, to record a lag that the work before this call has caused; then
 * stop and free the heartbeat. From a task. *beats gets the beats, oldest first, *count their
 * number; the caller frees them in any case. 0, -ENOMEM when beats were lost, or -ECANCELED when
 * the caller is canceled meanwhile. */
int heartbeat_stop(struct heartbeat *h, struct beat **beats, size_t *count);

#endif
