/* The plan: which cells are measured, how often, and in what order in each round.
 *
 * A line of options (from the command line or from a suite) names lists of models, jobs, counts,
 * pool sizes and loads; the plan gets each combination of them once. */
#ifndef TVA_BENCH_PLAN_H
#define TVA_BENCH_PLAN_H

#include "base/address.h"
#include "load/load.h"
#include "measure/inject.h"
#include "model/model.h"
#include "run/cell.h"

#include <stdbool.h>

#define PLAN_ROUNDS_MAX 1000
#define PLAN_LIST_MAX   32

/* The fewest runs for which [min, max] is a 95 % interval of the median (math/stats.h). A line
 * whose groups have more cells than so many runs can tell apart has more by default. */
#define PLAN_ROUNDS_DEFAULT 6

/* Faults that a line plants in the jobs of its cells (measure/inject.h). */
struct plan_fault {
    const struct model *model; /* in the jobs of this model; NULL: of all */
    struct inject_fault fault;
};

/* The loads of a line: one for each combination of its rates or clients with its poison shares. */
struct plan_load {
    double rates[PLAN_LIST_MAX];     /* open loops */
    struct load_rates changing;      /* one more open loop; a time of 0: duration_ns */
    uint64_t clients[PLAN_LIST_MAX]; /* closed loops; neither: batches */
    double poisons[PLAN_LIST_MAX];   /* not given: none */
    size_t rates_count, clients_count, poisons_count;
    enum load_arrivals arrivals; /* not given: Poisson */
    bool has_arrivals;
    uint64_t duration_ns; /* 0: not given */
    uint64_t warmup_ns;   /* 0: not given, or given as a number of jobs */
    uint64_t limit;       /* 0: not given */
    uint64_t drain_ns;    /* PLAN_DRAIN_AUTO: not given */
};

#define PLAN_DRAIN_AUTO UINT64_MAX

/* Why a jobs file is refused of which nothing is used. */
#define PLAN_JOBS_FILE_UNUSED "--jobs-file defines jobs, and no --job asks for one: add --job"

/* What one line of options gives. Counts of 0, and the values that plan_line_init() sets, mean "not
 * given". */
struct plan_line {
    const struct model *models[PLAN_LIST_MAX]; /* not given: all but those on request */
    const char *jobs[PLAN_LIST_MAX];           /* not given: sleep:duration=10ms */
    const char *jobs_file;                     /* in which these may have names; NULL: not given */
    struct job_names *names;                   /* what was read from it; NULL: not read yet */
    struct job specs[PLAN_LIST_MAX];           /* the jobs: see plan_line_parse_jobs() */
    uint64_t counts[PLAN_LIST_MAX];            /* not given: 100, or by time in loops */
    uint64_t threads[PLAN_LIST_MAX];           /* not given: the model's default */
    enum model_io ios[PLAN_LIST_MAX];          /* of models that have both; not given: their own */
    const char *url;                           /* goes to the jobs that take one; NULL: not given */
    const char *ca, *ledger;                   /* likewise */
    struct sockaddr_in targets[PLAN_LIST_MAX]; /* cells have the first; of ranks each one in turn */
    bool remote;                               /* url and target may be another machine */
    size_t models_count, jobs_count, specs_count, counts_count, threads_count, ios_count;
    size_t targets_count;
    struct plan_load load;
    struct plan_fault faults[PLAN_LIST_MAX];
    size_t faults_count;
    uint64_t stack_size;     /* 0: not given */
    uint64_t warmup;         /* CELL_WARMUP_AUTO: not given */
    uint64_t timer_slack_ns; /* 0: not given */
    int cpu;                 /* -1: not given */
    uint64_t rounds;         /* 0: not given */
};

struct plan_cell {
    struct cell cell;
    unsigned rounds;
    unsigned runs_before; /* runs that the cell has already: see harness_options.vary_seed */
    bool hyperfine;       /* hyperfine times whole processes of it as well */
};

/* Begins as all 0. */
struct plan {
    struct plan_cell *cells;
    size_t count, capacity;
};

/* Make it a line that gives nothing. */
void plan_line_init(struct plan_line *line);

/* Append the jobs of the line to its specs, which stay as they are when it gives none. The line has
 * no jobs file then: that may be a pipe, which can be read once. 0, or a negative errno with *err
 * set. plan_add() does so, too. */
int plan_line_parse_jobs(struct plan_line *line, struct err *err);

/* Replace what `line` gives by what `over` gives. One kind of loop replaces the other; what the
 * resulting kind cannot use is left out, since a suite has lines of all kinds. */
void plan_line_override(struct plan_line *line, const struct plan_line *over);

/* All faults that the line plants in the jobs of this model: later ones replace earlier ones of a
 * kind. What is planted in `loops` is planted in `loops-uring` too, where the line has that by
 * `--io uring`; the same holds for `tasks` and `uring`. */
struct inject_fault plan_line_faults(const struct plan_line *line, const struct model *model);

/* Free the cells of a plan. */
void plan_deinit(struct plan *plan);

/* Append each combination of the line that the plan does not hold yet. 0, or -ENOMEM or -EINVAL
 * with *err set. */
int plan_add(struct plan *plan, const struct plan_line *line, bool hyperfine, struct err *err);

/* Does a cell of the plan use the line's URL, its io, and each of its options about loops? 0, or
 * -EINVAL
 * with *err set. */
int plan_check_used(const struct plan *plan, const struct plan_line *line, struct err *err);

/* Take out the cells of models that this system cannot run, and print why as `name: ...`, unless
 * name is NULL. None when the line names models or an io: the cell of one that was asked for fails.
 */
void plan_leave_out(struct plan *plan, const struct plan_line *line, const char *name);

/* Print a warning, as `name: ...`, for each model that the line plants faults in and the plan does
 * not have. */
void plan_warn_unused_faults(const struct plan *plan, const struct plan_line *line,
                             const char *name);

/* Give each job this seed. */
void plan_set_seed(struct plan *plan, uint64_t seed);

/* The greatest number of rounds of any cell, and the number of runs in all. */
unsigned plan_rounds(const struct plan *plan);
size_t plan_runs(const struct plan *plan);

/* Fill order[plan->count] with the cells' indices in the order of this round (Fisher-Yates): the
 * same for the same seed and round. */
void plan_shuffle(const struct plan *plan, uint64_t seed, unsigned round, size_t *order);

/* The options that make this cell alone, as `tva cell` takes them, without the seed; returns buf.
 * PLAN_ARGS_SIZE bytes are enough. */
#define PLAN_ARGS_SIZE 1280
char *plan_cell_args(const struct cell *cell, char *buf, size_t size);

#endif
