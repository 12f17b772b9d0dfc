/* The answer: threads or an event loop, for each kind of work that a result has, in plain words;
 * then what blocking calls did to the loop, and what this machine's primitives cost. Reads the
 * document alone; one thread at a time. */
#ifndef TVA_EXPORT_ANSWER_H
#define TVA_EXPORT_ANSWER_H

#include "base/table.h"
#include "export/ranking.h"

#include <jansson.h>

/* A list of kinds of work and sentences; without rows when no kind has both a model on the loop and
 * one on threads. Of a kind that several groups have, the group with most valid models speaks. The
 * caller destroys it. NULL when out of memory. */
struct table *answer_table(const struct rankings *all);

/* The same in one sentence, for the title of a chart: "the event loop wins for waiting (98x);
 * threads for files (1.9x); no difference: HTTP"; returns buf. "" without such a kind. */
char *answer_sentence(const json_t *result, char *buf, size_t size);

#endif
