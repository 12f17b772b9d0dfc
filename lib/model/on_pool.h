/* What models that run their jobs on a pool of P threads have in common: `pool` and `offload`. */
#ifndef TVA_MODEL_ON_POOL_H
#define TVA_MODEL_ON_POOL_H

#include "model/model.h"

/* A model's open and close: batch->state is the thread pool. */
int on_pool_open(struct batch *batch, struct err *err);
void on_pool_close(struct batch *batch);

/* A model's lanes, cpu_lanes and os_threads: P; P or the cores; P. */
uint64_t on_pool_lanes(uint64_t jobs, unsigned threads);
uint64_t on_pool_cpu_lanes(unsigned threads, unsigned cores);
uint64_t on_pool_threads(uint64_t jobs, unsigned threads);

#endif
