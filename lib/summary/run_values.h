/* What one run comes to: a number for each quantity that a cell's summary has over its runs.
 *
 * Samples of the warm-up do not count, nor do those with stamps out of order, which make the cell
 * invalid anyway. Jobs that were not served count in latencies with what they waited until they
 * were given up: a bound from below, so that giving up never makes latencies look shorter. */
#ifndef TVA_SUMMARY_RUN_VALUES_H
#define TVA_SUMMARY_RUN_VALUES_H

#include "result/metric.h"
#include "result/result.h"
#include "run/run.h"

#define RUN_NAME(name, key) RUN_##name,

/* RUN_MAKESPAN_S, RUN_JOBS and so on. */
enum run_value { RESULT_QUANTITIES(RUN_NAME, RUN_NAME) RUN_IN_FLIGHT, RUN_VALUES };

/* Where they stand in the schema's "summary". */
extern const char *const run_value_paths[RUN_VALUES];

struct run_values {
    double of[RUN_VALUES]; /* NAN: the run has none, as a percentile of too few samples */
    uint64_t failed;       /* jobs */
    double lost;           /* share of the wanted jobs that were refused or not served */
    double late_ns; /* how late dispatches of an open loop were, at this percentile: p99.9, */
    double late_percentile; /* or the greatest that the samples carry */
};

/* thread_kernel_bytes: kernel memory of a thread, NAN where it is not known. 0 or -ENOMEM. */
int run_values_of(const struct run_record *run, const struct cell *cell, double thread_kernel_bytes,
                  struct run_values *out);

/* A metric of the catalogue, in its unit. NAN where the run has none, and of a run with failed
 * jobs, which is not ranked. */
double run_values_metric(const struct run_values *v, const struct metric *m);

/* Just what cells are ranked by: the makespan of a batch, the mean latency of a loop, in s. */
double run_headline_s(const struct run_record *run, const struct cell *cell);

#endif
