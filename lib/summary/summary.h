/* The summary of a cell: its runs boiled down to what the schema calls "summary", as numbers.
 * summary_json.h writes it down; trust.h says what to think of it. One thread at a time. */
#ifndef TVA_SUMMARY_SUMMARY_H
#define TVA_SUMMARY_SUMMARY_H

#include "math/stats.h"
#include "summary/little.h"
#include "summary/over_time.h"
#include "summary/prediction.h"
#include "summary/queue_check.h"
#include "summary/run_values.h"
#include "summary/steady.h"

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

struct summary {
    struct summary_quantity quantities[RUN_VALUES];
    struct stats_distribution distributions[SUMMARY_DISTRIBUTIONS];
    struct stats_curve latencies, uncorrected;
    double ideal_makespan_s, ideal_job_s, efficiency; /* NAN: theory has nothing to say */
    struct summary_errors errors;
    uint64_t in_flight_max;              /* of loops */
    uint64_t offered, refused, unserved; /* jobs, sums over the runs */
    struct little little;
    struct steady steady;
    struct prediction prediction;
    struct queue_check_cell queue_check;
    const struct run_record *timeline; /* the run whose makespan is nearest to the median */
    struct over_time over_time;
    double *values; /* behind the quantities, and room to sort those of one */
};

/* Summarise in->count >= 1 runs. 0 or -ENOMEM; summary_deinit() is due in both cases. */
int summary_of(const struct cell_runs *in, struct summary *out);
void summary_deinit(struct summary *s);

#endif
