/* Had the runs of a loop settled, and how sure is their mean wait? */
#ifndef TVA_SUMMARY_STEADY_H
#define TVA_SUMMARY_STEADY_H

#include "math/stats_series.h"
#include "run/run.h"

/* A run has settled when MSER-5 would cut off no more than half of it, or when the mean latencies
 * of its halves are this near to each other: where jobs hardly wait, MSER-5 is led by single
 * outliers. */
#define STEADY_DRIFT_MAX 0.1

struct steady {
    bool known, ok;    /* known: there are jobs enough to say */
    double truncation; /* which share MSER-5 would cut off */
    bool wait_known;
    struct stats_batch_means wait_s; /* the mean wait, with its interval */
};

/* Both look at the jobs in the order in which they were wanted, averaged over the runs job by job:
 * the runs of a cell have the same jobs at the same times, so what one adds to another is less
 * noise, not more arrivals. Nothing is known of a batch. 0 or -ENOMEM. */
int steady_of(const struct cell_runs *in, struct steady *out);

#endif
