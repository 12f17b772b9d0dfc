/* What the document says of a cell's load, and of the arrivals it brought. */
#ifndef TVA_SUMMARY_LOAD_JSON_H
#define TVA_SUMMARY_LOAD_JSON_H

#include "summary/summary.h"

/* The schema's "load": null where a figure is not one of this kind of load. NULL when out of
 * memory. */
json_t *load_json(const struct load *load);

/* The schema's "arrivals": sums over the runs; null for a batch. NULL when out of memory. */
json_t *load_json_arrivals(const struct summary_input *in);

/* How many jobs a run has counted: the cell's number, or, of a load by time, the median over runs;
 * 0 without runs. */
uint64_t load_json_jobs(const struct summary_input *in);

#endif
