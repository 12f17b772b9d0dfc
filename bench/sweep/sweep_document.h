/* The document that a sweep leaves: a result as `tva run` writes it, of all cells that were
 * measured, each with its "point", and a member "sweep" with the axes and the answers (format:
 * results/schema.json). One thread. */
#ifndef TVA_BENCH_SWEEP_DOCUMENT_H
#define TVA_BENCH_SWEEP_DOCUMENT_H

#include "sweep/sweep.h"
#include "sweep/sweep_crossover.h"
#include "sweep/sweep_knee.h"
#include "sweep/sweep_scalability.h"

#include <jansson.h>

/* What was found out; the lists are to be freed by sweep_answers_deinit(). */
struct sweep_answers {
    struct sweep_crossover *crossovers;
    struct sweep_knee *knees;
    struct sweep_scalability *scalability;
    size_t crossovers_count, knees_count, scalability_count;
};

void sweep_answers_deinit(struct sweep_answers *answers);

/* Read the runs of a cell after the other back from the state, and sum them up. *invalid: how many
 * cells are. NULL with *err set. */
json_t *sweep_document_create(struct sweep *s, const struct sweep_answers *answers, size_t *invalid,
                              struct err *err);

/* Show a document of this kind: a table with the median of the metric at each point, the best of
 * each row marked, and the sentences. 0 or -ENOMEM. */
int sweep_report_write(const json_t *document, FILE *out);

#endif
