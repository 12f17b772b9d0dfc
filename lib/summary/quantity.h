/* Quantities: what each run has one of, such as its makespan, as median and interval over runs. */
#ifndef TVA_SUMMARY_QUANTITY_H
#define TVA_SUMMARY_QUANTITY_H

#include "math/stats.h"
#include "summary/summary.h"

#include <stddef.h>

/* NAN when this run has none. */
typedef double quantity_fn(const struct run_record *run, const struct cell *cell);

/* Describe the latencies of a run's counted jobs, and count them; none when out of memory. */
size_t quantity_latencies(const struct run_record *run, struct stats_distribution *out);

/* The schema's "quantity" of that; null when no run has a value. in->count >= 1. NULL when out of
 * memory. */
json_t *quantity_create(const struct summary_input *in, quantity_fn *of);

/* Add every quantity of the schema's "summary" to the object; null where no run has a value.
 * in->count >= 1. 0 or -ENOMEM. */
int quantity_add_all(json_t *summary, const struct summary_input *in);

#endif
