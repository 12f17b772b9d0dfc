/* A run of a loop over time: latency, loop lag and jobs in the system, window by window, so that a
 * stall and what caused it line up. */
#ifndef TVA_SUMMARY_OVER_TIME_H
#define TVA_SUMMARY_OVER_TIME_H

#include "summary/summary.h"

#define OVER_TIME_WINDOWS_MAX 300
#define OVER_TIME_JOBS        20 /* a window should have, on average: so many have a median */

/* Of the run whose p99 latency (mean latency where the samples carry no p99) is nearest to the
 * median: the schema's "over_time". A job belongs to the window in which it was wanted, a late
 * beat to each that it overlaps, with what was left of it there. null for a batch or no runs; NULL
 * when out of memory. */
json_t *over_time_create(const struct summary_input *in);

#endif
