/* What must not be lost when a run is saved over a baseline: the gate is as wide as the counts that
 * the baseline has. One thread at a time. */
#ifndef TVA_BENCH_GATE_KEEP_H
#define TVA_BENCH_GATE_KEEP_H

#include "base/err.h"

#include <jansson.h>

/* Has the run's `extract` all cells of the baseline, and each of its counts that is hard as a hard
 * one? 0, or -EINVAL with *err saying how many are missing and naming the first of them, after
 * `name`, the run's. */
int gate_keep_check(const json_t *old, const json_t *extract, const char *name, struct err *err);

#endif
