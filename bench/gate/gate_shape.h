/* What counts and sessions must look like before anybody computes with them, whether they come from
 * a run or from a baseline: both are files that anybody may have written. Any thread. */
#ifndef TVA_BENCH_GATE_SHAPE_H
#define TVA_BENCH_GATE_SHAPE_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>

/* A count a job, and how far it is to be trusted. */
enum gate_kind {
    GATE_EXACT,        /* the same at every repeat */
    GATE_INSTRUCTIONS, /* the same but for what processor and library change */
    GATE_SCHEDULED,    /* depends on who is woken when; may be below 0, being a slope */
    GATE_KINDS_COUNT
};

/* "exact", "instructions", "scheduled". */
const char *gate_shape_kind_name(enum gate_kind kind);

/* Is it plain ASCII of a line's length without control characters, fit to be shown and cut? */
bool gate_shape_is_name(const char *text);

/* One count: {"value": 3, "kind": "exact"}. 0, or -EINVAL with *err naming `where`. */
int gate_shape_count(const json_t *count, const char *where, double *value, enum gate_kind *kind,
                     struct err *err);

/* {"cell": {"metric": count}}, none of them empty. 0, or -EINVAL with *err naming the first fault.
 */
int gate_shape_counts(const json_t *counts, struct err *err);

/* One session: texts "date" and "fingerprint"; "ratios", "scheduled" and "times", each
 * {"cell": {"metric": number}}. 0, or -EINVAL with *err naming the first fault after `where`. */
int gate_shape_session(const json_t *session, const char *where, struct err *err);

/* Has it a time or a ratio? A run of counts only has none. */
bool gate_shape_has_times(const json_t *session);

#endif
