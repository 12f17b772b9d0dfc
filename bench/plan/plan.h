/* The plan: which cells are measured, how often, and in what order in each round.
 *
 * A line of options (from the command line or from a suite) names lists of models, jobs, counts,
 * pool sizes and loads; the plan gets every combination of them, each once. */
#ifndef TVA_BENCH_PLAN_H
#define TVA_BENCH_PLAN_H

#include "plan_inject.h"
#include "plan_load.h"
#include "run/cell.h"

#include <stdbool.h>

#define PLAN_ROUNDS_MAX 1000

/* The smallest number of runs for which the range from least to greatest covers the median with at
 * least 95 % (measure/stats.h). */
#define PLAN_ROUNDS_DEFAULT 6

/* What one line of options says. Zero counts, and the values that plan_line_init() sets, mean "not
 * given". */
struct plan_line {
    const struct model *models[PLAN_LIST_MAX]; /* not given: all */
    struct job specs[PLAN_LIST_MAX];           /* not given: sleep:duration=10ms */
    uint64_t counts[PLAN_LIST_MAX];            /* not given: 100, or by time in loops */
    unsigned threads[PLAN_LIST_MAX];           /* not given: Python's default */
    const char *url;                           /* of jobs that take one; NULL: not given */
    size_t models_count, specs_count, counts_count, threads_count;
    struct plan_load load;
    struct plan_inject injects[PLAN_LIST_MAX];
    size_t injects_count;
    size_t stack_size;       /* 0: not given */
    uint64_t warmup;         /* CELL_WARMUP_AUTO: not given */
    uint64_t timer_slack_ns; /* 0: not given */
    int cpu;                 /* -1: not given */
    unsigned rounds;         /* 0: not given */
};

struct plan_cell {
    struct cell cell;
    unsigned rounds;
    unsigned runs_before; /* that earlier sessions made of it: see harness_options.vary_seed */
    bool hyperfine;       /* whole processes of it are to be timed too */
};

struct plan {
    struct plan_cell *cells;
    size_t count, capacity;
};

/* A line that says nothing. */
void plan_line_init(struct plan_line *line);

/* Let what `over` says replace what `line` says. */
void plan_line_override(struct plan_line *line, const struct plan_line *over);

/* An empty plan; free the cells of one. */
void plan_init(struct plan *plan);
void plan_deinit(struct plan *plan);

/* Append all combinations of the line that the plan does not hold yet. 0, or -ENOMEM or -EINVAL
 * with *err set. */
int plan_add(struct plan *plan, const struct plan_line *line, bool hyperfine, struct err *err);

/* Has the line's URL, if there is one, found a job, and what it says of loops a loop? 0, or -EINVAL
 * with *err set. */
int plan_check_used(const struct plan *plan, const struct plan_line *line, struct err *err);

/* Give every job this seed. */
void plan_set_seed(struct plan *plan, uint64_t seed);

/* The greatest number of rounds of any cell, and the number of runs in all. */
unsigned plan_rounds(const struct plan *plan);
size_t plan_runs(const struct plan *plan);

/* Fill order[plan->count] with the cells' indices in the order of this round (Fisher-Yates): the
 * same for the same seed and round. */
void plan_shuffle(const struct plan *plan, uint64_t seed, unsigned round, size_t *order);

/* The options that make this cell alone, as `tva cell` takes them, without the seed; returns buf.
 * PLAN_ARGS_SIZE bytes are enough. */
#define PLAN_ARGS_SIZE 1024
char *plan_cell_args(const struct cell *cell, char *buf, size_t size);

#endif
