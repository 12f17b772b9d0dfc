/* The document of a sweep: a result as `tva run` writes it, of all cells that were measured, each
 * with its "point", and a member "sweep" with the axes and the answers. Format:
 * results/schema.json. One thread. */
#ifndef TVA_BENCH_SWEEP_DOCUMENT_H
#define TVA_BENCH_SWEEP_DOCUMENT_H

#include "sweep/sweep.h"
#include "sweep/sweep_crossover.h"
#include "sweep/sweep_knee.h"
#include "sweep/sweep_scalability.h"

#include <jansson.h>

/* The answers of a sweep; sweep_answers_deinit() frees the lists. */
struct sweep_answers {
    struct sweep_crossover *crossovers;
    struct sweep_knee *knees;
    struct sweep_scalability *scalability;
    size_t crossovers_count, knees_count, scalability_count;
};

void sweep_answers_deinit(struct sweep_answers *answers);

/* Make the document; reads the runs back from the state, one cell at a time. *invalid: how many
 * cells are invalid. NULL with *err set. */
json_t *sweep_document_create(struct sweep *s, const struct sweep_answers *answers, size_t *invalid,
                              struct err *err);

/* Show the document: a table with the median of the metric at each point, the best of each row
 * marked, and the sentences. 0 or -ENOMEM. */
int sweep_report_write(const json_t *document, FILE *out);

#endif
