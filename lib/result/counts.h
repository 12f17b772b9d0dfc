/* What a document says of counts per job: the metrics, in the order in which tables have them, and
 * their figures as text. Reads the document alone. */
#ifndef TVA_RESULT_COUNTS_H
#define TVA_RESULT_COUNTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct counts_metric {
    const char *name;  /* in the document */
    const char *title; /* of a column */
};

extern const struct counts_metric counts_metrics[];
extern const size_t counts_metrics_count;

/* Has the cell been counted? */
bool counts_there(const json_t *cell);

/* Has any cell of the group been counted, and has any been measured? */
bool counts_in_group(const json_t *result, const char *group);
bool counts_measured(const json_t *result, const char *group);

/* The figure of a metric: "8", "2.03", "~1.5" where it depends on when threads are woken; "" when
 * it was not counted. COUNTS_TEXT bytes are enough; returns buf. */
#define COUNTS_TEXT 32
const char *counts_text(const json_t *cell, const char *metric, char *buf, size_t size);

#endif
