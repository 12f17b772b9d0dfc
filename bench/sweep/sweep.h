/* A sweep while it is carried out: its cells, and what their runs came to.
 *
 * A series is one cell of the command's options (a model with its job), seen along the axes; at
 * each point it has a cell. Cells of the grid are there from the beginning; bisection adds others.
 * Runs go into the state file as they finish, and only their values stay in memory; what the state
 * holds of a cell already is not run again. One thread. */
#ifndef TVA_BENCH_SWEEP_H
#define TVA_BENCH_SWEEP_H

#include "harness/harness.h"
#include "math/stats.h"
#include "summary/run_values.h"
#include "sweep/sweep_axis.h"
#include "sweep/sweep_state.h"

#define SWEEP_CELLS_MAX  2000
#define SWEEP_LABEL_SIZE (CELL_NAME_SIZE + 64)

/* What is asked for. */
struct sweep_settings {
    struct plan_line line; /* has a job */
    struct sweep_axis axes[SWEEP_AXES_MAX];
    size_t axes_count;
    unsigned rounds;
    const struct metric *slo; /* NULL: no bound */
    double slo_bound_ns;
    const struct metric *metric; /* what crossovers are looked for in; NULL: the load decides, see
                                    sweep_init() */
    double width;                /* how narrow an answer is narrow enough, as a ratio less 1 */
    uint64_t seed, timeout_ns;
    uint64_t search_ns; /* begin no more probes when the search has taken this */
    bool quiet;
};

struct sweep_run {
    struct run_values values;
    size_t stored;      /* its number in the state; of runs that did not fail */
    struct err failure; /* "" unless it failed */
};

struct sweep_cell {
    struct cell cell;
    char *key; /* its options, as the state knows it */
    size_t series;
    double point[SWEEP_AXES_MAX]; /* NAN on axes that make no difference to it */
    bool refined;                 /* not of the grid, but looked at on the way to an answer */
    struct sweep_run *runs;
    size_t runs_count;
};

struct sweep_series {
    char label[SWEEP_LABEL_SIZE]; /* "pool(6)"; with the group where there are several */
    char group[CELL_NAME_SIZE];   /* series of one group can be compared */
    struct cell base;
    bool applies[SWEEP_AXES_MAX];
};

struct sweep {
    const struct sweep_settings *settings;
    const struct metric *metric; /* the settings', or what the load decides */
    struct sweep_series *series;
    size_t series_count;
    struct sweep_cell *cells;
    size_t cells_count, cells_capacity;
    struct sweep_state *state; /* NULL before sweep_use_state(); not owned */
    struct interrupt *interrupt;
    struct progress *progress;
    uint64_t search_end_ns; /* UINT64_MAX: no limit */
    struct stats_distribution
        timer_error; /* harness_timer_error(); count is 0 unless loops are open */
    /* sweep_measure(), or what stands in for it. */
    int (*measure)(struct sweep *s, const size_t *indexes, size_t n, bool shown, struct err *err);
    size_t probes; /* cells that the search has measured */
};

/* Can models be ranked by it? */
bool sweep_can_rank(const struct metric *metric);

/* Find the series and add the cells of the grid. Crossovers are looked for in throughput, where
 * nothing else is asked for; in open loops, whose throughput is given, in the highest latency
 * percentile up to p99 for which all runs have enough jobs. 0, or a negative errno with *err set:
 * -EINVAL when something makes no sense. In both cases sweep_deinit() frees it. */
int sweep_init(struct sweep *s, const struct sweep_settings *settings, struct err *err);
void sweep_deinit(struct sweep *s);

/* Everything that decides what is measured, one fact a line: see sweep_state.h. NULL when out of
 * memory; the caller frees it. */
char *sweep_identity(const struct sweep *s);

/* Keep runs in this state from now on, and take those that it has of the cells: *restored of them.
 * Seeds the cells anew, since the seed may be the state's. 0 or a negative errno with *err set. */
int sweep_use_state(struct sweep *s, struct sweep_state *state, size_t *restored, struct err *err);

/* Find or add the cell of a series at a point (values on axes that make no difference to it are not
 * looked at). 0 with its index, or a negative errno with *err set. A cell that is added here is
 * `refined`. */
int sweep_cell_at(struct sweep *s, size_t series, const double *point, size_t *index,
                  struct err *err);

/* Find it. SIZE_MAX when there is none. */
size_t sweep_find(const struct sweep *s, size_t series, const double *point);

/* Add a run of which the values are known. 0, or -ENOMEM with *err set. */
int sweep_add_run(struct sweep_cell *cell, const struct sweep_run *run, struct err *err);

/* How many runs sweep_measure() would make of all the cells there are by now. */
size_t sweep_runs_left(const struct sweep *s);

/* Run these cells, in shuffled rounds, until each has the settings' number of runs. `shown`: draw
 * progress. 0; -EINTR when a signal came, or another negative errno with *err set. */
int sweep_measure(struct sweep *s, const size_t *indexes, size_t n, bool shown, struct err *err);

/* The values that the cell's runs have of a metric, in out[], which holds the settings' rounds.
 * Returns how many. */
size_t sweep_values(const struct sweep_cell *cell, const struct metric *metric, double *out);

/* The lowest rate at which runs can have as many jobs as the percentile asked for needs. */
double sweep_rate_min(const struct sweep_settings *settings);

/* Is there time left for another probe? */
bool sweep_may_search(const struct sweep *s);

/* How much of it, "85 s"; returns buf. */
char *sweep_search_left(const struct sweep *s, char *buf, size_t size);

/* Slices: what is looked for along one axis is looked for at each combination of the values of the
 * others. Fill in where[]: the values of slice number `slice` on the axes other than `axis`, NAN on
 * those that make no difference to series a or b (the same where there is one). false when that is
 * an earlier slice again, or when there are no more, which *more says. */
bool sweep_slice_choose(const struct sweep *s, size_t axis, size_t a, size_t b, size_t slice,
                        double *where, bool *more);

/* Append where it is to a sentence: ", at 16 clients, at 2% poison". */
void sweep_slice_say(const struct sweep *s, size_t axis, const double *where, char *buf,
                     size_t size);

/* The axis of that name. false when there is none. */
bool sweep_find_axis(const struct sweep *s, const char *name, size_t *axis);

#endif
