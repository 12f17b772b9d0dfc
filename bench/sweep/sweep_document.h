/* What comes out of a sweep. The document is a result as `tva run` writes it, of all cells that
 * were measured, each with its "point", and a member "sweep" with the axes and the answers. Format:
 * results/schema.json. One thread. */
#ifndef TVA_BENCH_SWEEP_DOCUMENT_H
#define TVA_BENCH_SWEEP_DOCUMENT_H

#include "sweep/sweep.h"

#include <jansson.h>

/* Make the document; reads the runs back from the state, one cell at a time. *invalid: how many
 * cells are invalid. NULL with *err set. */
json_t *sweep_document_create(struct sweep *s, const struct sweep_answers *answers, size_t *invalid,
                              struct err *err);

/* Show a table with the median of the metric at each point, the best of each row marked, and the
 * sentences of the answers. 0 or -ENOMEM. */
int sweep_report_write(const struct sweep *s, const struct sweep_answers *answers, FILE *out);

#endif
