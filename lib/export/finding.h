/* Findings: what the data says, in one sentence a job, computed from the document. */
#ifndef TVA_EXPORT_FINDING_H
#define TVA_EXPORT_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FINDING_BLOCKED_S 0.010 /* a loop that is blocked for less is not felt */

/* The sentence for one group of cells (same job, same count, different models), e.g. "tasks
 * finished 100 sleeps in 10.4 ms, 96.1x faster than sequential; ideal 100x". Invalid cells are
 * named, never ranked. Returns buf; "" when there is no such group. */
char *finding_group(const json_t *result, const char *group, char *buf, size_t size);

/* The distinct groups of the document in order; at most cap. Strings are owned by the document. */
size_t finding_groups(const json_t *result, const char **groups, size_t cap);

/* The first cell of the group, which the document has. */
const json_t *finding_first(const json_t *result, const char *group);

/* Call visit() for each distinct group, until one returns other than 0. That, or 0, or -ENOMEM. */
int finding_for_groups(const json_t *result,
                       int (*visit)(const json_t *result, const char *group, FILE *out), FILE *out);

/* Was any cell of the group counted, and was any to be measured? A cell that could not be measured
 * says why; one that was counted only says nothing of runs. */
bool finding_group_counted(const json_t *result, const char *group);
bool finding_group_measured(const json_t *result, const char *group);

#endif
