/* Notes on a group of cells: what to know before its figures are compared. Each says one thing of
 * the whole group, where it matters:
 *   - of batches whose first differed from the warm one, the page faults of the first;
 *   - with which certainty p99 is known, or how many jobs more it takes;
 *   - of a closed loop, the ceiling (clients / what a job waits), the share of it that each model
 *     reached, and what held it back: what is used to 90 % of what there is;
 *   - of an open loop, whose service differed from what the job asks for, by more than 5 % of the
 *     mean or by 0.1 in the coefficient of variation (and a tenth of the nominal one): there, what
 *     waits have beyond theory's is not the model's doing;
 *   - of sleeps, that the kernel's timer slack delays those that block a thread only.
 * Reads the document alone. */
#ifndef TVA_EXPORT_NOTE_H
#define TVA_EXPORT_NOTE_H

#include "export/ranking.h"

#include <jansson.h>

/* The sentences, a list of strings that the caller drops. NULL when out of memory. */
json_t *note_of(const struct ranking *r);

#endif
