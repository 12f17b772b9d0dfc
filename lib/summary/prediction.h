/* What queueing theory says of a cell: the schema's "theory". */
#ifndef TVA_SUMMARY_PREDICTION_H
#define TVA_SUMMARY_PREDICTION_H

#include "summary/summary.h"

/* Poisson arrivals at the rate that was offered, for as many servers as the model has (one for
 * every job where jobs do not wait for each other), with the mean service time that was measured,
 * so that what is left between theory and measurement is waiting; how service times vary is what
 * the job's parameters say, and measured where they say nothing. `summary` has what was measured.
 * null where there is no theory: batches, closed loops, constant arrivals, refused jobs, poison.
 * NULL when out of memory. */
json_t *prediction_create(const struct summary_input *in, const json_t *summary);

#endif
