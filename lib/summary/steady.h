/* Had the runs of a loop settled, and how sure is their mean wait? */
#ifndef TVA_SUMMARY_STEADY_H
#define TVA_SUMMARY_STEADY_H

#include "summary/summary.h"

/* A run has settled when MSER-5 would cut off no more than half of it, or when the mean latencies
 * of its halves are this near to each other: where jobs hardly wait, MSER-5 is led by single
 * outliers. */
#define STEADY_DRIFT_MAX 0.1

/* Add the schema's "steady" and "mean_wait_ci_s" to the summary; null for a batch, and where there
 * are too few jobs to say. Both look at the jobs in the order in which they were wanted, averaged
 * over the runs job by job: the runs of a cell have the same jobs at the same times, so what one
 * adds to another is less noise, not more arrivals. 0 or -ENOMEM. */
int steady_add(json_t *summary, const struct summary_input *in);

#endif
