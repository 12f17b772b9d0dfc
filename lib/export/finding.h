/* Findings: what the data says, in sentences that are computed from the document alone: one a
 * group, what to know of its figures, and the answer of all. One thread at a time. */
#ifndef TVA_EXPORT_FINDING_H
#define TVA_EXPORT_FINDING_H

#include "base/table.h"
#include "export/ranking.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FINDING_BLOCKED_S 0.010 /* a loop that is blocked for less is not felt */
#define FINDING_MAX       2048  /* characters of a sentence */

/* The sentence for one group of cells (same job, same count, different models), e.g. "tasks
 * finished 100 sleeps in 10.4 ms, 96.1x faster than sequential; ideal 100x". Invalid cells are
 * named, never ranked. Returns buf. */
char *finding_of(const struct ranking *r, char *buf, size_t size);

/* The same by the group's name; "" when there is no such group. */
char *finding_group(const json_t *result, const char *group, char *buf, size_t size);

/* Write the group for people, as reports, run.md and the page have it: its name, its tables, what
 * makes cells invalid, what to know of them, and the finding; for a terminal or as Markdown, as
 * wide as the stream's lines may be. 0 or -ENOMEM. */
int section_write(const struct ranking *r, enum form form, FILE *out);

/* The same without name and finding. */
int section_write_figures(const struct ranking *r, enum form form, FILE *out);

/* What to know before the group's figures are compared, as section_write() writes it: a list of
 * sentences that the caller drops. NULL when out of memory. Each says one thing of the whole group,
 * where it matters:
 *   - of batches whose first differed from the warm one, the page faults of the first;
 *   - with which certainty p99 is known, or how many jobs more it takes;
 *   - of a closed loop, the ceiling (clients / what a job waits), the share of it that each model
 *     reached, and what held it back: what is used to 90 % of what there is;
 *   - of an open loop, whose service differed from what the job asks for, by more than 5 % of the
 *     mean or by 0.1 in the coefficient of variation (and a tenth of the nominal one): there, what
 *     waits have beyond theory's is not the model's doing;
 *   - of a rate that changes, the greatest backlog and the longest wait that the fluid limit
 *     expects of each model, beside those that were measured;
 *   - of a target that misbehaves on purpose, what was asked for, what theory expects of it, and
 *     what each model came to;
 *   - of sleeps, that the kernel's timer slack delays those that block a thread only. */
json_t *section_notes(const struct ranking *r);

/* The answer: threads or an event loop, for each kind of work that a result has, in plain words;
 * then what blocking calls did to the loop, and what this machine's primitives cost. It is a list
 * of kinds of work and sentences; without rows when no kind has both a model on the loop and one on
 * threads. Of a kind that several groups have, the group with most valid models speaks. The
 * caller destroys it. NULL when out of memory. */
struct table *answer_table(const struct rankings *all);

/* The same in one sentence, for the title of a chart: "the event loop wins for waiting (98x,
 * uring); threads for files (1.9x); no difference: HTTP"; returns buf. "" without such a kind. */
char *answer_sentence(const json_t *result, char *buf, size_t size);

#endif
