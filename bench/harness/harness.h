/* The harness: carries out a plan, each run in a fresh process, in shuffled rounds.
 *
 * A cell that cannot run, or whose runs fail, gets runs with a sentence in `failure` and does not
 * stop the others. One thread. */
#ifndef TVA_BENCH_HARNESS_H
#define TVA_BENCH_HARNESS_H

#include "interrupt.h"
#include "plan/plan.h"
#include "progress.h"
#include "run/run.h"

#include <stdbool.h>

/* After this many failed runs a cell is given up. */
#define HARNESS_FAILURES_MAX 2

/* A run may take its ideal time HARNESS_TIMEOUT_FACTOR times over and HARNESS_TIMEOUT_NS more,
 * unless a timeout is given. */
#define HARNESS_TIMEOUT_FACTOR 10
#define HARNESS_TIMEOUT_NS     (60 * NS_PER_S)

/* A run that is expected to touch more memory than this gets it warmed up: see memory_warm.h. */
#define HARNESS_WARM_BYTES (64ULL << 20)

struct harness_options {
    uint64_t seed;          /* of the shuffle and of the jobs */
    uint64_t timeout_ns;    /* for one run; 0: see above */
    double precision;       /* more rounds than planned until all cells are known to this share of
                               their median (precision.h); 0: the plan's rounds */
    uint64_t time_limit_ns; /* begin no round after so long; 0: no limit */
    /* Give each run of a loop a seed of its own, made from the session's and the run's number (the
     * first has the session's), so that what is said of several runs is not said of one sequence
     * of arrivals. The same number has the same seed in every cell. */
    bool vary_seed;
    const char *command; /* in front of what is said; NULL: "tva run" */
    /* Is given each run of the plan's cell number `index` that did not fail, and may keep it
     * elsewhere: what it takes out of the record is its own. A negative errno ends the measuring.
     * NULL: records stay here. Not together with a precision. */
    int (*keep)(void *arg, size_t index, struct run_record *record);
    void *keep_arg;
};

/* What ended the measuring. */
enum harness_end { HARNESS_ROUNDS, HARNESS_PRECISION, HARNESS_TIME_LIMIT, HARNESS_INTERRUPT };

/* What was measured of one cell of the plan. */
struct harness_cell {
    struct run_record *runs; /* plan's rounds at most; with a precision, PLAN_ROUNDS_MAX */
    unsigned count;          /* of runs, failed ones included */
    unsigned failures;
    bool given_up;     /* no more runs: it cannot run, or failed too often */
    uint64_t ideal_ns; /* of a run with its warm-up: cell_expected_ns() */
    uint64_t spent_ns; /* wall time of the processes of runs that did not fail */
};

struct harness;

/* Make one for the plan, which must stay. NULL when out of memory. */
struct harness *harness_create(const struct plan *plan, const struct harness_options *options);

/* Measure. 0 when the plan was carried out (some cells may have failed), -EINTR when a signal came:
 * what is complete is kept; what keep() returned below 0. In all cases no child is left. Failures
 * are told through progress. */
int harness_measure(struct harness *h, struct interrupt *interrupt, struct progress *progress);

/* What ended it, in how many rounds, the one that was cut short included, and how many cells are
 * not known to the precision that was asked for. After harness_measure(). */
enum harness_end harness_ended_by(const struct harness *h);
unsigned harness_rounds(const struct harness *h);
size_t harness_imprecise(const struct harness *h);

/* What is there of the plan's cell number `index`, and how much of the plan in all. */
const struct harness_cell *harness_cell(const struct harness *h, size_t index);

/* Free it with all records. */
void harness_destroy(struct harness *h);

#endif
