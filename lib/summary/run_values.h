/* What one run comes to: a number for each quantity that a cell's summary has over its runs.
 *
 * Samples of the warm-up do not count, nor do those with stamps out of order, which make the cell
 * invalid anyway. Jobs that were not served count in latencies with what they waited until they
 * were given up: a bound from below, so that giving up never makes latencies look shorter. */
#ifndef TVA_SUMMARY_RUN_VALUES_H
#define TVA_SUMMARY_RUN_VALUES_H

#include "math/stats.h"
#include "result/metric.h"
#include "result/result.h"
#include "run/run.h"

/* The quantities of a summary, of which each run has a value. */
enum run_value {
    RUN_MAKESPAN_S,
    RUN_JOBS,
    RUN_THROUGHPUT_PER_S,
    RUN_OFFERED_PER_S,
    RUN_LATENCY_MEAN_S,
    RUN_LATENCY_P50_S,
    RUN_LATENCY_P90_S,
    RUN_LATENCY_P99_S,
    RUN_LATENCY_P999_S,
    RUN_LATENCY_MAX_S,
    RUN_LATENCY_UNCORRECTED_P99_S,
    RUN_HEARTBEAT_LAG_MAX_NS,
    RUN_HEARTBEAT_LAG_P50_NS,
    RUN_HEARTBEAT_LAG_P99_NS,
    RUN_CPU_USER_S,
    RUN_CPU_SYS_S,
    RUN_CTX_VOLUNTARY,
    RUN_CTX_INVOLUNTARY,
    RUN_MAX_RSS_BYTES,
    RUN_MEMORY_PER_JOB_BYTES,
    RUN_MEMORY_KERNEL_PER_JOB_BYTES,
    RUN_FIRST_MAKESPAN_S,
    RUN_FIRST_FAULTS,
    RUN_FAULTS,
    RUN_HEARTBEAT_CPU_S,
    RUN_TARGET_CPU_S,
    RUN_TARGET_BUSIEST_CPU_S, /* NAN: not known */
    RUN_LATE_TIMER_S,         /* these three: results/README.md; NAN: not known */
    RUN_LATE_WAKE_UP_S,
    RUN_LATE_READ_WRITE_S,
    RUN_TCP_RETRANSMITS,
    RUN_STEAL_S,
    RUN_WARMUP_S,
    RUN_IN_FLIGHT,
    RUN_VALUES
};

/* Where they stand in the schema's "summary". */
extern const char *const run_value_paths[RUN_VALUES];

struct run_values {
    double of[RUN_VALUES]; /* NAN: the run has none, as a percentile of too few samples */
    uint64_t failed;       /* jobs */
    double lost;           /* share of the wanted jobs that were refused or not served */
    double late_ns; /* how late dispatches of an open loop were, at this percentile: p99.9, */
    enum stats_percentile late_percentile; /* or the greatest that the samples carry */
    double late_max_ns; /* the latest dispatch, also of the warm-up, whose jobs delay later ones */
    double reached;     /* of an open loop: share of its rate that the dispatches had, which is less
                           than 1 when the last came late */
    bool halted; /* the process or a rank was stopped or suspended, or a rank's share is missing */
    bool throttled; /* a CPU quota stopped one of them for a great part of the time */
};

/* 0 or -ENOMEM. */
int run_values_of(const struct run_record *run, const struct cell *cell,
                  struct kernel_memory kernel, struct run_values *out);

/* A metric of the catalogue, in its unit. NAN where the run has none, and of a run with failed
 * jobs, which is not ranked. */
double run_values_metric(const struct run_values *v, const struct metric *m);

/* Just what cells are ranked by: the makespan of a batch, the mean latency of a loop, in s. */
double run_headline_s(const struct run_record *run, const struct cell *cell);

#endif
