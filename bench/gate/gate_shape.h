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

/* The same of a document that was checked when it was read; of kind METRIC_KINDS where there is no
 * count. */
struct gate_count {
    double value;
    enum metric_kind kind;
};

struct gate_count gate_shape_count_of(const json_t *count);

/* Going through {"cell": {"metric": value}}: begin with `cells` alone set; each call that returns
 * true has the next value. */
struct gate_walk {
    const json_t *cells;
    const char *cell, *metric;
    json_t *of_cell, *value;
    void *cell_at, *metric_at; /* jansson's iterators */
};

bool gate_shape_next(struct gate_walk *w);

/* The value there; NULL without one. Names contain dots, so a path would not do. */
json_t *gate_shape_at(const json_t *cells, const char *cell, const char *metric);

/* Check {"cell": {"metric": count}}, in which no object is empty. 0, or -EINVAL with *err naming
 * the first fault. */
int gate_shape_counts(const json_t *counts, struct err *err);

/* Check a session: texts "date" and "fingerprint"; "ratios", "scheduled" and "times", each {"cell":
 * {"metric": number}}. 0, or -EINVAL with *err naming the first fault after `where`. */
int gate_shape_session(const json_t *session, const char *where, struct err *err);

/* Does the session have a time or a ratio? A run of counts only has none. */
bool gate_shape_has_times(const json_t *session);

#endif
