/* The stored baseline, results/baseline/baseline.json: the counts a job of the newest run, and the
 * ratios and times of measured sessions. Format: results/baseline.schema.json. One thread at a
 * time. */
#ifndef TVA_BENCH_GATE_BASELINE_H
#define TVA_BENCH_GATE_BASELINE_H

#include "base/err.h"

#include <jansson.h>

#define GATE_BASELINE_DEFAULT        "results/baseline/baseline.json"
#define GATE_BASELINE_SCHEMA_VERSION 1
#define GATE_BASELINE_SESSIONS_MAX   64 /* the newest are kept */

/* Read a baseline and check all of it, since anybody may have written the file. NULL with *err
 * naming the file, the fault, and what to do: no plain file, larger than 16 MiB, no JSON, another
 * kind or schema_version, no counts, or a part that gate_shape.h refuses. */
json_t *gate_baseline_read(const char *path, struct err *err);

/* Is this document, read from a file of this name, a baseline? 0, or -EINVAL with *err set. */
int gate_baseline_check(const json_t *baseline, const char *name, struct err *err);

/* Make a new baseline: `old` (NULL: none) with the counts and the context of this run, whose
 * `extract` must have no faults, and with its session added. A stored session of the same date and
 * machine is the same run saved before, and is replaced; the oldest sessions beyond the maximum are
 * dropped. A session of counts only is not kept, since ratios and times could not be judged by it.
 * NULL when out of memory. */
json_t *gate_baseline_add(const json_t *old, const json_t *run, const json_t *extract);

/* Seconds between the first session and the last; NAN with fewer than two, or when a date is
 * malformed. */
double gate_baseline_span_s(const json_t *baseline);

/* Saving a run over a baseline must not narrow the gate: has the run's `extract` all cells of the
 * baseline, and each of its hard counts as a hard one? 0, or -EINVAL with *err saying how many are
 * missing and naming the first of them, after `name`, the run's. */
int gate_baseline_check_losses(const json_t *old, const json_t *extract, const char *name,
                               struct err *err);

/* Where a count that is not exact rose by no more than the gate lets pass, put the baseline's in
 * place of the extract's: otherwise each save would raise the limit of the next run. Not where the
 * run was made with another compiler or library. Returns how many, or -ENOMEM. */
int gate_baseline_keep_lower(const json_t *old, const json_t *run, json_t *extract);

#endif
