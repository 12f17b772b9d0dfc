/* What queueing theory says of a cell. */
#ifndef TVA_SUMMARY_PREDICTION_H
#define TVA_SUMMARY_PREDICTION_H

#include "math/stats.h"
#include "math/theory_queue.h"
#include "run/run.h"

struct prediction {
    bool known;
    struct theory_queue queue;
    struct theory_queue_result solved;
    double wait_s[STATS_PERCENTILES], latency_s[STATS_PERCENTILES]; /* NAN: not known */
    double excess_wait_s; /* the measured mean wait - theory's */
};

/* Poisson arrivals at the rate that was offered, for as many servers as the model has (one for
 * every job where jobs do not wait for each other), with the mean service time that was measured,
 * so that what is left between theory and measurement is waiting; how service times vary is what
 * the job's parameters say, and measured where they say nothing. `service` and `wait` are over the
 * jobs of all runs. Nothing is known of batches, closed loops, constant arrivals, refused jobs,
 * poison. 0 or -ENOMEM. */
int prediction_of(const struct cell_runs *in, double offered_per_s,
                  const struct stats_distribution *service, const struct stats_distribution *wait,
                  struct prediction *out);

#endif
