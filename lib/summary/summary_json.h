/* A summary as the document has it: the one place in which it becomes JSON. */
#ifndef TVA_SUMMARY_SUMMARY_JSON_H
#define TVA_SUMMARY_SUMMARY_JSON_H

#include "summary/summary.h"

#include <jansson.h>

#define SUMMARY_TIMELINE_JOBS_MAX 200 /* more cannot be told apart in a chart */
#define SUMMARY_TIMELINE_BEATS_MAX                                                                 \
    5000 /* more are thinned out: of each stretch the latest stays                                 \
          */

/* Add what was measured to the cell: "arrivals", "summary", the latency curves, "timeline" and
 * "over_time"; null or empty where in->count is 0, and `s` is not looked at. 0 or -1. */
int summary_json_add(json_t *cell, const struct cell_runs *in, const struct summary *s);

/* The schema's "distribution": percentiles that the samples support; null without samples. NULL
 * when out of memory. */
json_t *summary_json_distribution(const struct stats_distribution *d);

#endif
