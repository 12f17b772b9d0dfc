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

/* Put the baseline's instructions in place of the extract's where those have risen by no more than
 * the gate lets pass, or each save would raise what the next run is held to. Not where the run was
 * made with another compiler or library. How many, or -ENOMEM. */
int gate_keep_lower(const json_t *old, const json_t *run, json_t *extract);

#endif
