/* The harness: carries out a plan, each run in a fresh process, in shuffled rounds.
 *
 * A cell that cannot run, or whose runs fail, gets runs with a sentence in `failure` and does not
 * stop the others. One thread. */
#ifndef TVA_BENCH_HARNESS_H
#define TVA_BENCH_HARNESS_H

#include "interrupt.h"
#include "plan.h"
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
    uint64_t seed;       /* of the shuffle and of the jobs */
    uint64_t timeout_ns; /* for one run; 0: see above */
};

/* What was measured of one cell of the plan. */
struct harness_cell {
    struct run_record *runs; /* plan's rounds at most */
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
 * what is complete is kept; in both cases no child is left. Failures are told through progress. */
int harness_measure(struct harness *h, struct interrupt *interrupt, struct progress *progress);

/* What is there of the plan's cell number `index`, and how much of the plan in all. */
const struct harness_cell *harness_cell(const struct harness *h, size_t index);

/* Free it with all records. */
void harness_destroy(struct harness *h);

#endif
