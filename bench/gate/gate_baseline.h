/* The stored reference, results/baseline/baseline.json: counts a job of the newest run, and what
 * sessions of measuring came to. Format: results/baseline.schema.json. One thread at a time. */
#ifndef TVA_BENCH_GATE_BASELINE_H
#define TVA_BENCH_GATE_BASELINE_H

#include "base/err.h"

#include <jansson.h>

#define GATE_BASELINE_DEFAULT        "results/baseline/baseline.json"
#define GATE_BASELINE_SCHEMA_VERSION 1
#define GATE_BASELINE_SESSIONS_MAX   64 /* the newest are kept */

/* Read one and check all of it: a file that anybody may have written. NULL with *err naming the
 * file, the fault, and what to do: no such plain file, larger than 16 MiB, no JSON, another kind or
 * schema_version, no counts, or a part that is not as gate_shape.h has it. */
json_t *gate_baseline_read(const char *path, struct err *err);

/* Is what was read, under this name, a baseline? 0, or -EINVAL with *err set. */
int gate_baseline_check(const json_t *baseline, const char *name, struct err *err);

/* A new baseline: `old` (NULL: none) with counts and context of this run, whose `extract` must be
 * free of faults, and with its session added. One of the same date and machine, the same run saved
 * again, is replaced, and the oldest beyond the maximum are dropped. Sessions without times, of
 * runs of counts only, are not kept: they would push out those that ratios and times are judged by.
 * NULL when out of memory. */
json_t *gate_baseline_add(const json_t *old, const json_t *run, const json_t *extract);

/* Seconds between its first session and its last; NAN with fewer than two, or where a date is none.
 */
double gate_baseline_span_s(const json_t *baseline);

/* Saving a run over a baseline must not narrow the gate: has the run's `extract` all cells of the
 * baseline, and each of its hard counts as a hard one? 0, or -EINVAL with *err saying how many are
 * missing and naming the first of them, after `name`, the run's. */
int gate_baseline_check_losses(const json_t *old, const json_t *extract, const char *name,
                               struct err *err);

/* Where instructions rose by no more than the gate lets pass, put the baseline's in place of the
 * extract's: otherwise each save would raise the limit of the next run. Not where the run was made
 * with another compiler or library. Returns how many, or -ENOMEM. */
int gate_baseline_keep_lower(const json_t *old, const json_t *run, json_t *extract);

#endif
