/* One task that takes the jobs in their order: a coroutine for each, created and awaited in turn.
 * `sequential` and `blocking` run jobs this way, and differ only in the io that the jobs wait
 * through. */
#ifndef TVA_MODEL_IN_TURN_H
#define TVA_MODEL_IN_TURN_H

#include "model/model.h"

/* A model's operations. */
int in_turn_open(struct service *s, struct err *err);
int in_turn_submit(struct service *s, size_t i);
void in_turn_cancel(struct service *s);
void in_turn_close(struct service *s);

#endif
