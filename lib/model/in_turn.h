/* One coroutine a job, created and awaited in turn in the calling task: what `sequential` and
 * `blocking` have in common. They differ in the io that the jobs wait through, and in nothing else.
 */
#ifndef TVA_MODEL_IN_TURN_H
#define TVA_MODEL_IN_TURN_H

#include "model/model.h"

/* A model's run, lanes and cpu_lanes. */
int in_turn_run(struct batch *batch);
uint64_t in_turn_lanes(uint64_t jobs, unsigned threads);
uint64_t in_turn_cpu_lanes(unsigned threads, unsigned cores);

#endif
