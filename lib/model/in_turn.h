/* One task that takes the jobs in their order: a coroutine for each, created and awaited in turn.
 * What `sequential` and `blocking` have in common; they differ in the io that the jobs wait
 * through, and in nothing else. */
#ifndef TVA_MODEL_IN_TURN_H
#define TVA_MODEL_IN_TURN_H

#include "model/model.h"

/* A model's operations, lanes and cpu_lanes. */
int in_turn_open(struct service *s, struct err *err);
int in_turn_submit(struct service *s, size_t i);
void in_turn_cancel(struct service *s);
void in_turn_close(struct service *s);
uint64_t in_turn_lanes(uint64_t jobs, unsigned threads);
uint64_t in_turn_cpu_lanes(unsigned threads, unsigned cores);

#endif
