/* The form of counts and sessions. It is checked before anything computes with them, since anybody
 * may have written the run or the baseline that they come from. Any thread. */
#ifndef TVA_BENCH_GATE_SHAPE_H
#define TVA_BENCH_GATE_SHAPE_H

#include "base/err.h"
#include "result/metric.h"

#include <jansson.h>
#include <stdbool.h>

/* Is it plain ASCII without control characters, at most as long as a cell's name? */
bool gate_shape_is_name(const char *text);

/* Read a count: {"value": 3, "kind": "exact"}. 0, or -EINVAL with *err naming `where`. */
int gate_shape_count(const json_t *count, const char *where, double *value, enum metric_kind *kind,
                     struct err *err);

/* Check {"cell": {"metric": count}}, in which no object is empty. 0, or -EINVAL with *err naming
 * the first fault. */
int gate_shape_counts(const json_t *counts, struct err *err);

/* Check a session: texts "date" and "fingerprint"; "ratios", "scheduled" and "times", each {"cell":
 * {"metric": number}}. 0, or -EINVAL with *err naming the first fault after `where`. */
int gate_shape_session(const json_t *session, const char *where, struct err *err);

/* Does the session have a time or a ratio? A run of counts only has none. */
bool gate_shape_has_times(const json_t *session);

#endif
