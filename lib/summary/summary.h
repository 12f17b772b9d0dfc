/* The summary of a cell: its runs boiled down to what the schema calls "summary", as numbers
 * and as JSON. trust.h says what to think of it. One thread at a time. The parts about loops have a
 * file each, summary_steady.c and so on. */
#ifndef TVA_SUMMARY_SUMMARY_H
#define TVA_SUMMARY_SUMMARY_H

#include "math/stats.h"
#include "math/theory_fluid.h"
#include "summary/little.h"
#include "summary/queue_check.h"
#include "summary/run_values.h"

#include <jansson.h>

/* A quantity over the runs that have a value. */
struct summary_quantity {
    double *values; /* run by run */
    size_t count;   /* 0: no run has one */
    struct stats_median median;
};

/* Distributions over the counted samples of all runs; and over the beats. */
enum summary_distribution {
    SUMMARY_LATENCY,
    SUMMARY_WAIT,
    SUMMARY_SERVICE,
    SUMMARY_UNCORRECTED, /* of loops */
    SUMMARY_LATENESS,    /* of open loops: the generator's */
    SUMMARY_LAG,
    SUMMARY_DISTRIBUTIONS
};

/* Failed jobs of all runs, by errno. */
struct summary_errors {
    struct summary_error {
        int code;
        uint64_t count;
    } * of;
    size_t count;
    uint64_t jobs;
};

/* Had the runs of a loop settled, and how sure is their mean wait? A run has settled when MSER-5
 * would cut off no more than half of it, or when the mean latencies of its halves are this near to
 * each other: where jobs hardly wait, MSER-5 is led by single outliers. */
#define SUMMARY_DRIFT_MAX 0.1

struct summary_steady {
    bool known, ok;    /* known: there are jobs enough to say */
    double truncation; /* which share MSER-5 would cut off */
    bool wait_known;
    struct stats_batch_means wait_s; /* the mean wait, with its interval */
};

/* Both look at the jobs in the order in which they were wanted, averaged over the runs job by job:
 * the runs of a cell have the same jobs at the same times, so what one adds to another is less
 * noise, not more arrivals. Nothing is known of a batch, nor of a cell that changes, which
 * has no steady state. 0 or -ENOMEM. */
int summary_steady_of(const struct cell_runs *in, struct summary_steady *out);

/* What queueing theory says of a cell. */
struct summary_prediction {
    bool known;
    struct theory_queue queue;
    struct theory_queue_result solved;
    double wait_s[STATS_PERCENTILES], latency_s[STATS_PERCENTILES]; /* NAN: not known */
    double excess_wait_s; /* the measured mean wait - theory's */
};

/* What one job computes by itself where only a measurement tells: the fastest seen in any run; 0
 * when no run measured it. */
uint64_t cell_runs_solo_ns(const struct cell_runs *in);

/* Poisson arrivals at the rate that was offered, for as many servers as the model has (one for
 * every job where jobs do not wait for each other), with the mean service time that was measured,
 * so that what is left between theory and measurement is waiting; how service times vary is what
 * the job's parameters say, and measured where they say nothing. `service` and `wait` are over the
 * jobs of all runs. Nothing is known of batches, closed loops, constant arrivals, a rate that
 * changes, refused jobs, poison. 0 or -ENOMEM. */
int summary_prediction_of(const struct cell_runs *in, double offered_per_s,
                          const struct stats_distribution *service,
                          const struct stats_distribution *wait, struct summary_prediction *out);

/* A run of a loop over time: latency, loop lag and jobs in the system, window by window, so that a
 * stall and what caused it line up. */
#define SUMMARY_WINDOWS_MAX 300
#define SUMMARY_WINDOW_JOBS 20 /* a window should have, on average: so many have a median */

struct summary_over_time {
    uint64_t width_ns;
    size_t count;
    struct {
        struct stats_distribution latency; /* of jobs that were wanted in it */
        uint64_t lag_ns;    /* the longest; of a beat that was late already, the rest */
        uint64_t in_flight; /* most jobs in the system at once */
        double fluid_ns;    /* a job's latency by the fluid limit, where that is known */
    } windows[SUMMARY_WINDOWS_MAX];
};

/* Cut a run into windows of equal length. A job belongs to the window in which it was wanted, a
 * late beat to each that it overlaps, with what was left of it there. 0 or -ENOMEM. */
int summary_over_time_of(const struct run_record *run, struct summary_over_time *out);

/* What theory expects of a target that misbehaves on purpose, whatever the load. NAN: not known, or
 * it does nothing of that sort. */
struct summary_pathology {
    bool known;               /* it misbehaves */
    char text[JOB_TEXT_SIZE]; /* as it was asked for */
    double capacity_per_s;    /* of a limit: as many at once / how long it holds each */
    double stall_s;           /* the longest that a stall holds a job */
    double stalled;           /* by stalls that come again: share of the time, */
    double stall_mean_s;      /* and what they take of a job on average */
    double added_s;           /* the most that a slow stretch adds to a job */
};

struct summary_pathology summary_pathology_of(const struct cell *cell);

/* What the fluid limit says of an open loop whose rate changes, or whose target misbehaves. */
struct summary_fluid {
    bool known;
    double capacity_per_s;      /* while the target behaves; INFINITY: nothing limits the model */
    struct theory_fluid solved; /* with the warm-up; times from the measured part on */
};

/* At the capacity that follows from the model's lanes and the mean service time that was measured,
 * `service`, from what a job computes by its parameters, and from the target's pathology: nothing
 * leaves in a stall. With a pathology a job takes what its parameters say, or else the median of
 * what jobs took. The target's clock begins with the first request of `typical`, whose windows get
 * what a job takes that is wanted in the middle of each. Nothing is known of refused jobs, of
 * poison, and where more than 2,000 stalls and pieces follow each other. 0 or -ENOMEM. */
int summary_fluid_of(const struct cell_runs *in, const struct run_record *typical,
                     const struct stats_distribution *service, struct summary_over_time *over_time,
                     struct summary_fluid *out);

/* One of the ranks that carried out the runs together; zeros and NULL where they did not. */
struct summary_rank {
    const char *host;
    const char
        *failure; /* why its share is missing in lost_runs runs, in the last of them; or NULL */
    size_t lost_runs;
    uint64_t jobs, unserved;            /* in all runs; unserved: failed, refused or given up */
    struct stats_distribution lateness; /* its generator's, in an open loop */
    double cpu_s;                       /* mean of the runs */
    uint64_t lag_ns, begin_late_ns, clock_error_ns; /* the most of any run: struct run_rank */
    int64_t clock_offset_ns;                        /* before the last run */
    struct disturbance disturbance;                 /* sum of the runs, without the network's */
};

struct summary_ranks {
    struct summary_rank *of;
    size_t count; /* 0: one process carried out each run */
};

/* 0 or -ENOMEM; free out->of. */
int summary_ranks_of(const struct cell_runs *in, struct summary_ranks *out);

/* The schema's "ranks" of a cell. NULL when out of memory. */
json_t *summary_ranks_json(const struct summary_ranks *ranks);

struct summary {
    struct summary_quantity quantities[RUN_VALUES];
    struct stats_distribution distributions[SUMMARY_DISTRIBUTIONS];
    struct stats_curve latencies, uncorrected;
    double ideal_makespan_s, ideal_job_s, efficiency; /* NAN: theory has nothing to say */
    struct summary_errors errors;
    uint64_t in_flight_max;              /* of loops */
    uint64_t offered, refused, unserved; /* jobs, sums over the runs */
    struct little little;
    struct summary_steady steady;
    struct summary_prediction prediction;
    struct summary_pathology pathology;
    struct summary_fluid fluid;
    struct queue_check_cell queue_check;
    struct summary_ranks ranks;
    const struct run_record *timeline; /* the run nearest to the median: of batches by makespan, of
                                          loops by p99, or by the mean where runs have none */
    struct summary_over_time over_time;
    double *values; /* behind the quantities, and room to sort those of one */
};

/* Summarise in->count >= 1 runs. 0 or -ENOMEM; summary_deinit() is due in both cases. */
int summary_of(const struct cell_runs *in, struct summary *out);
void summary_deinit(struct summary *s);

/* ---- summary_json.c: a summary as the document has it ---- */

/* Add what was measured to the cell: "arrivals", "summary", the latency curves, "timeline" and
 * "over_time"; null or empty where in->count is 0, and `s` is not looked at. 0 or -1. */
int summary_json_add(json_t *cell, const struct cell_runs *in, const struct summary *s);

/* The schema's "distribution": percentiles that the samples support; null without samples. NULL
 * when out of memory. */
json_t *summary_json_distribution(const struct stats_distribution *d);

/* ---- summary_timeline.c: one run job by job, as the document has it ---- */

#define SUMMARY_TIMELINE_JOBS_MAX      200 /* of a batch: more cannot be told apart in a chart */
#define SUMMARY_TIMELINE_SAMPLE_MAX    100 /* of a larger batch or a loop */
#define SUMMARY_TIMELINE_BEATS_MAX     5000
#define SUMMARY_TIMELINE_BEATS_SAMPLED 200 /* beside a sample of the jobs */

/* The schema's "timeline" of this run; null without a run (NULL) or jobs. NULL when out of memory.
 */
json_t *summary_timeline_json(const struct cell *cell, const struct run_record *run);

#endif
