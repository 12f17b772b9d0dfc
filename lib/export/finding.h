/* Findings: what the data says, in one sentence a job, computed from the document. */
#ifndef TVA_EXPORT_FINDING_H
#define TVA_EXPORT_FINDING_H

#include "export/ranking.h"

#include <jansson.h>
#include <stddef.h>

#define FINDING_BLOCKED_S 0.010 /* a loop that is blocked for less is not felt */
#define FINDING_MAX       2048  /* characters of a sentence */

/* The sentence for one group of cells (same job, same count, different models), e.g. "tasks
 * finished 100 sleeps in 10.4 ms, 96.1x faster than sequential; ideal 100x". Invalid cells are
 * named, never ranked. Returns buf. */
char *finding_of(const struct ranking *r, char *buf, size_t size);

/* The same by the group's name; "" when there is no such group. */
char *finding_group(const json_t *result, const char *group, char *buf, size_t size);

#endif
