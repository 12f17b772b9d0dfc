/* The harness: carries out a plan in shuffled rounds, each run in a fresh process.
 *
 * A cell that cannot run, or whose runs fail, gets records with a sentence in `failure`; the other
 * cells go on. One thread. */
#ifndef TVA_BENCH_HARNESS_H
#define TVA_BENCH_HARNESS_H

#include "harness/interrupt.h"
#include "harness/progress.h"
#include "harness/run_proc.h"
#include "math/stats.h"
#include "plan/plan.h"
#include "run/run.h"

#include <stdbool.h>

/* A cell is given up after this many failed runs. */
#define HARNESS_FAILURES_MAX 2

/* How processes on one or more hosts carry out each run together: execute() in place of
 * run_proc_execute(), with its results. A lost one of them ends the session as a signal does. */
struct harness_ranks {
    int (*execute)(void *arg, const struct run_proc *run, struct run_record *out, struct err *err);
    void *arg;
    unsigned count, cores; /* cores: that they can use in all */
};

struct harness_options {
    uint64_t seed;          /* of the shuffle and of the jobs */
    uint64_t timeout_ns;    /* for one run; 0: ten times its ideal time and 60 s more */
    double precision;       /* add rounds until each cell is known to this share of its median
                               (harness_precision_of()); 0: the plan's rounds */
    uint64_t time_limit_ns; /* begin no round after this; 0: 300 s with a precision, else never */
    uint64_t until_ns; /* begin no run after this moment, and stop one that goes on; 0: never */
    /* Give each run of a loop its own seed, made from this seed and the run's number (run 0 has
     * this seed), so that the runs of a cell do not all have one sequence of arrivals. The same
     * number has the same seed in every cell. */
    bool vary_seed;
    const char *command; /* in front of messages; NULL: "tva run" */
    /* Gets each run of the plan's cell number `index`, and may take the record's contents. A
     * negative errno ends the measuring. NULL: records stay in the harness. Not together with a
     * precision. */
    int (*keep)(void *arg, size_t index, struct run_record *record);
    void *keep_arg;
    const struct harness_ranks *ranks; /* NULL: one process carries out each run */
};

/* What ended the measuring. */
enum harness_end { HARNESS_ROUNDS, HARNESS_PRECISION, HARNESS_TIME_LIMIT, HARNESS_INTERRUPT };

/* What was measured of one cell of the plan. */
struct harness_cell {
    struct run_record *runs; /* room for the plan's rounds; with a precision, PLAN_ROUNDS_MAX */
    double *headlines_s;     /* of each run, for the medians so far; NAN for one that failed */
    unsigned count;          /* of runs, failed ones included */
    unsigned failures;
    bool given_up;     /* no more runs: it cannot run, or failed too often */
    uint64_t ideal_ns; /* of a run with its warm-up: cell_expected_ns() */
    uint64_t spent_ns; /* wall time of the processes of runs that did not fail */
};

struct harness;

/* Make one for the plan, which must outlive it. NULL when out of memory. */
struct harness *harness_create(const struct plan *plan, const struct harness_options *options);

/* Measure. 0 when the plan was carried out, even if cells failed; -EINTR when a signal came, and
 * complete runs stay; or what keep() returned below 0. No child process is left. Failures are
 * printed through progress. */
int harness_measure(struct harness *h, struct interrupt *interrupt, struct progress *progress);

/* After harness_measure(): what ended it; the number of rounds, with the one that was cut short;
 * and how many cells are not known to the precision. */
enum harness_end harness_ended_by(const struct harness *h);
unsigned harness_rounds(const struct harness *h);
size_t harness_imprecise(const struct harness *h);

/* The plan's cell number `index`. */
const struct harness_cell *harness_cell(const struct harness *h, size_t index);

/* Free it with all records. */
void harness_destroy(struct harness *h);

/* How far the 95 % interval of the median of runs[n] reaches from the median, as a share of it:
 * of the makespan in a batch, of the mean latency in a loop. Failed runs do not count. INFINITY
 * when there are too few runs for such an interval. n is at most PLAN_ROUNDS_MAX. */
double harness_precision_of(const struct cell *cell, const struct run_record *runs, size_t n);

/* When the plan has an open loop, measure by how many ns this machine's timers are late
 * (load/generator.h), which takes about 1.5 s; else out->count is 0. The lateness of a generator
 * is compared with it. 0, or a negative errno with *err set. */
int harness_timer_error(const struct plan *plan, struct stats_distribution *out, struct err *err);

#endif
