/* Memory that the host has to back again is first touched at several times its usual cost, so that
 * runs that need much of it are noise on virtual machines. Touching and freeing as much just
 * before, in another process, leaves it backed. */
#ifndef TVA_BENCH_MEMORY_WARM_H
#define TVA_BENCH_MEMORY_WARM_H

#include "run/cell.h"

/* About how much memory a run of this cell will touch. */
uint64_t memory_warm_estimate(const struct cell *cell);

/* Touch that much (at most half of what is free now) in a child process, and wait for it. Failures
 * are ignored: they cost precision only. */
void memory_warm(uint64_t bytes);

#endif
