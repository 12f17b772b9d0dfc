/* A sweep while it is carried out: its cells, and the values of their runs.
 *
 * A series is one cell of the command's options (a model with its job) along the axes; at each
 * point it has a cell. The grid's cells exist from the beginning; the search adds others. A
 * finished run goes into the state file, and only its values stay in memory. Runs that the state
 * holds already are not made again. One thread. */
#ifndef TVA_BENCH_SWEEP_H
#define TVA_BENCH_SWEEP_H

#include "harness/harness.h"
#include "math/stats.h"
#include "math/theory_scalability.h"
#include "summary/run_values.h"
#include "summary/trust.h"
#include "sweep/sweep_axis.h"
#include "sweep/sweep_state.h"

#include <jansson.h>

#define SWEEP_CELLS_MAX     2000
#define SWEEP_LABEL_SIZE    (CELL_NAME_SIZE + 64)
#define SWEEP_SENTENCE_SIZE 1024
#define SWEEP_ROUNDS_MIN    4 /* fewer tell no models apart, and give no interval */

/* What the options ask for. */
struct sweep_settings {
    struct plan_line line; /* has a job */
    struct sweep_axis axes[SWEEP_AXES_MAX];
    size_t axes_count;
    unsigned rounds;
    const struct metric *slo; /* NULL: no bound */
    double slo_bound_ns;
    const struct metric *metric; /* that compares models; NULL: sweep_init() chooses */
    double width;                /* of an answer that is narrow enough: a ratio less 1 */
    uint64_t seed, timeout_ns;
    uint64_t search_ns; /* the search begins no probe after this */
    bool quiet;
};

struct sweep_run {
    struct run_values values;
    size_t stored;      /* its number in the state; of runs that did not fail */
    struct err failure; /* "" unless it failed */
};

struct sweep_cell {
    struct cell cell;
    size_t series;
    double point[SWEEP_AXES_MAX]; /* NAN on axes that make no difference to it */
    bool refined;                 /* the search added it to the grid */
    struct sweep_run *runs;       /* room for sweep_runs_max() */
    size_t runs_count;
};

struct sweep_series {
    char label[SWEEP_LABEL_SIZE]; /* "pool(6)"; with the group when there are several */
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
    uint64_t search_end_ns;                /* UINT64_MAX: no limit */
    struct stats_distribution timer_error; /* count is 0 unless loops are open */
    /* sweep_measure(), or a replacement of it. */
    int (*measure)(struct sweep *s, const size_t *indexes, size_t n, bool shown, struct err *err);
    size_t probes; /* cells that the search has measured */
};

enum sweep_answer_kind { SWEEP_CROSSOVER, SWEEP_KNEE, SWEEP_SCALABILITY };

/* What a search or a fit found along an axis. */
struct sweep_answer {
    enum sweep_answer_kind kind;
    size_t axis;
    size_t series;                /* whose it is; of a crossover: the better one above it */
    size_t from;                  /* of a crossover: the series that is better below it */
    double where[SWEEP_AXES_MAX]; /* on the other axes; NAN where it makes no difference */
    /* Of a knee in 1/s; NAN where the search came to no end. `at` of a crossover is NAN where it is
     * undecided who is better between ci_low and ci_high. */
    double at, ci_low, ci_high;
    struct theory_scalability law; /* all NAN where it misses what was measured */
    char sentence[SWEEP_SENTENCE_SIZE];
};

/* In the order in which they were found. Begins as all 0; the caller frees the items. */
struct sweep_answers {
    struct sweep_answer *items;
    size_t count, capacity;
};

/* Append an answer whose where[] is a point of the slice. 0, or -ENOMEM with *err set. */
int sweep_answer_add(struct sweep_answers *answers, const struct sweep_answer *answer,
                     struct err *err);

/* Can models be ranked by it? */
bool sweep_can_rank(const struct metric *metric);

/* Find the series and add the cells of the grid. Without --metric and --slo, models are compared by
 * throughput. In open loops, whose throughput is given, they are compared by the highest latency
 * percentile up to p99 for which all runs have enough jobs. 0, or a negative errno with *err set:
 * -EINVAL when the settings do not go together. In both cases sweep_deinit() frees it. */
int sweep_init(struct sweep *s, const struct sweep_settings *settings, struct err *err);
void sweep_deinit(struct sweep *s);

/* All that decides what is measured, as text for sweep_state.h. NULL when out of memory; the caller
 * frees it. */
char *sweep_identity(const struct sweep *s);

/* Keep runs in this state from now on, and take those that it has of the cells. Sets the cells'
 * seed again, since it may come from the state. 0 or a negative errno with *err set. */
int sweep_use_state(struct sweep *s, struct sweep_state *state, struct err *err);

/* Find the cell of a series at a point, whose values on axes that make no difference to the series
 * are ignored. SIZE_MAX when there is none. */
size_t sweep_find(const struct sweep *s, size_t series, const double *point);

/* The most runs that a cell gets: with a bound, as many again in place of void ones. */
size_t sweep_runs_max(const struct sweep_settings *settings);

/* How many runs the cell should have: the settings' rounds; sweep_runs_max() when it has those, and
 * void ones among them leave open whether it keeps the bound. */
size_t sweep_runs_wanted(const struct sweep *s, const struct sweep_cell *cell);

/* How many of the settings' rounds all cells lack. */
size_t sweep_runs_left(const struct sweep *s);

/* Measure these cells (NULL: the first n, for the settings' rounds), in shuffled rounds, until each
 * has the runs that it should have now. `shown`: draw progress. 0; -EINTR when a signal came, or
 * another negative errno with *err set. */
int sweep_measure(struct sweep *s, const size_t *indexes, size_t n, bool shown, struct err *err);

/* Write the values of a metric in the cell's runs to out[], which has room for sweep_runs_max().
 * Returns how many. */
size_t sweep_values(const struct sweep_cell *cell, const struct metric *metric, double *out);

/* The median of the sweep's metric over the cell's runs; NAN when no run has a value. */
double sweep_median(const struct sweep *s, const struct sweep_cell *cell);

/* The lowest rate at which a run can have enough jobs for the percentile that is asked for. */
double sweep_rate_min(const struct sweep_settings *settings);

/* Is there time left for another probe? */
bool sweep_may_search(const struct sweep *s);

/* Measure n series, 1 or 2, at a point; where it is new, cells are added as `refined` ones. `what`
 * says in a note what is looked for at where[axis]. As sweep_measure(). */
int sweep_probe(struct sweep *s, const size_t *series, size_t n, const double *where, size_t axis,
                const char *what, struct err *err);

/* "s" for a verb behind a label that is singular, as "pool(6)"; "" behind "tasks" or "threads". */
const char *sweep_verb_end(const char *label);

/* Slices: a search along one axis is made at each combination of the values of the other axes. Go
 * on to the next slice, from *slice 0 on, and fill in where[]: its values on the axes other than
 * `axis`, NAN on those that make no difference to series a or b (the same when there is one). false
 * when there are no more. */
bool sweep_slice_next(const struct sweep *s, size_t axis, size_t a, size_t b, size_t *slice,
                      double *where);

/* Append the place of a slice to a sentence, as ", at 16 clients, at 2% poison". */
void sweep_slice_say(const struct sweep *s, size_t axis, const double *where, char *buf,
                     size_t size);

/* The axis of that name; SIZE_MAX when there is none. */
size_t sweep_find_axis(const struct sweep_settings *settings, const char *name);

/* The values of the axis at which series a or b (the same when there is one) has a cell of the
 * slice: ascending, each once, at most `max` of them in out[]. Returns how many. */
size_t sweep_points(const struct sweep *s, size_t axis, size_t a, size_t b, const double *where,
                    double *out, size_t max);

/* ---- What is found along the axes: each adds its answers. 0; -EINTR when a signal came, or
 * another negative errno with *err set ---- */

/* sweep_crossover.c: where one model becomes better than another. */
int sweep_crossovers_find(struct sweep *s, struct sweep_answers *out, struct err *err);

/* sweep_knee.c: for each series the highest rate that keeps the bound. There has to be an axis of
 * rates. */
int sweep_knees_find(struct sweep *s, struct sweep_answers *out, struct err *err);

/* Does a cell keep the bound? A void run (summary/trust.h) may have kept or broken it: a verdict
 * holds whatever those did. */
struct sweep_verdict {
    int sure;                  /* -1: surely, by the interval of the median; 1: surely not; 0 */
    enum trust_outcome median; /* TRUST_VOID: so many runs are void that they decide */
    size_t voids;              /* so many of the cell's runs are void */
};

/* false when it has no runs. */
bool sweep_knee_judge(const struct sweep *s, const struct sweep_cell *cell,
                      struct sweep_verdict *out);

/* sweep_scalability.c: the law of each series that was measured with 3 numbers of clients or more;
 * none without an axis of clients. */
#define SWEEP_SCALABILITY_MISS 0.10
int sweep_scalability_fit(const struct sweep *s, struct sweep_answers *out, struct err *err);

/* ---- What comes out ---- */

/* sweep_document.c: a result as `tva run` writes it, of all cells that were measured, each with its
 * "point", and a member "sweep" with the axes and the answers. Format: results/schema.json. Reads
 * the runs back from the state, one cell at a time. *invalid: how many cells are invalid. NULL with
 * *err set. */
json_t *sweep_document_create(struct sweep *s, const struct sweep_answers *answers, size_t *invalid,
                              struct err *err);

/* sweep_report.c: show a table with the median of the metric at each point, the best of each row
 * marked, and the sentences of the answers. 0 or -ENOMEM. */
int sweep_report_write(const struct sweep *s, const struct sweep_answers *answers, FILE *out);

#endif
