/* Can a cell be trusted? Reasons make it invalid; warnings are what to know before relying on it.
 * Each is one sentence that says why and, where something can be done, what to do. */
#ifndef TVA_SUMMARY_TRUST_H
#define TVA_SUMMARY_TRUST_H

#include "summary/summary.h"

#include <jansson.h>

#define TRUST_RUNS_MIN  5 /* for anything that is shown */
#define TRUST_RUNS_GOOD 6 /* the fewest that enclose the median with 95 % */

/* A dispatch of an open loop may be so much later than the machine's own timers are, at p99.9; at
 * the greatest percentile that the samples carry where they are too few. */
#define TRUST_LATENESS_MAX_NS 1000000.0

/* The share of its arrivals that an open loop may refuse or not serve and still keep a bound. */
#define TRUST_LOST_MAX 0.001

/* A run that is to keep a bound on latency takes so many times as long: a model that gets a tenth
 * more jobs than it can serve breaks a bound on p99 in that time. In a shorter run it would seem to
 * bear them. */
#define TRUST_BOUNDS 10

/* What a cell is judged by. */
struct trust_input {
    const struct cell_runs *in;
    const struct summary *summary; /* not looked at where in->count is 0 */
    const struct run_record *runs; /* all there were, also those that failed */
    size_t runs_count;
    const struct stats_distribution *timer_error; /* of the session; NULL: not measured */
};

/* What one run of an open loop says of a bound on a metric. */
enum trust_outcome {
    TRUST_KEPT,
    TRUST_BROKEN,
    TRUST_VOID /* nothing: what disturbed the run may have decided it */
};
extern const char *const trust_outcome_words[]; /* "kept" */

/* Judge a run by a bound on a latency or on the loop lag.
 *
 * A run keeps the bound when its metric is at most the bound, no job failed, and it lost no more
 * than TRUST_LOST_MAX of its arrivals.
 *
 * Where the generator did not keep its schedule (more than TRUST_LATENESS_MAX_NS beyond
 * *timer_error), the run still says something of latencies, since they count from the schedule.
 * Jobs that come late to a queue end no earlier than jobs on time, and at most so much later as the
 * latest came late; jobs that share a CPU end up to about three times so much later, because those
 * of a burst wait for each other. So such a run
 *   - has kept a bound that its latency keeps, unless a job was lost or failed, a CPU quota stopped
 *     the generator, too, or the arrivals took longer to come than they should, which is a lower
 *     rate than the one asked for;
 *   - has broken a bound that its latency exceeds by more than three times what the latest dispatch
 *     was late;
 *   - is void in between, and where the bound is on the lag, which bursts change either way.
 *
 * Void, too: a run whose process or rank was stopped or lost, whose machine was suspended, or that
 * has no such metric. Pure, any thread. */
enum trust_outcome trust_judge(const struct run_values *v, const struct metric *metric,
                               double bound_s, const struct stats_distribution *timer_error);

/* Append why the cell is invalid: runs or jobs that failed, runs that did different work, stamps
 * out of order, a generator that did not keep its schedule, jobs that do not add up, what disturbed
 * it from outside (measure/disturbance.h). 0 or -ENOMEM. */
int trust_add_reasons(json_t *reasons, const struct trust_input *t);

/* Append what to know about it. 0 or -ENOMEM. */
int trust_add_warnings(json_t *warnings, const struct trust_input *t);

#endif
