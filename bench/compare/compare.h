/* The comparison of one result with another, the reference: a row for each cell and metric that
 * both have. Reads the two documents alone, which must outlive it. One thread at a time. */
#ifndef TVA_BENCH_COMPARE_H
#define TVA_BENCH_COMPARE_H

#include "base/err.h"
#include "compare/compare_ratio.h"
#include "result/metric.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Instructions vary a little with addresses; other counts that are exact do not vary at all. */
#define COMPARE_INSTRUCTIONS_EFFECT 0.01

#define COMPARE_CHOSEN_MAX 32 /* metrics that options can name */

struct compare_options {
    double effect; /* the least change that counts: 0.02 for 2 % */
    bool relative; /* compare models with each other within each result, on any machine */
    char label;    /* what sentences call b: 'B' */
    const struct metric *metrics[COMPARE_CHOSEN_MAX];
    size_t metrics_count; /* 0: all */
};

struct compare_row {
    const struct metric *metric;
    const char *name;    /* the cell's, numbered as in a_names, which owns it */
    const json_t *a, *b; /* the cell in the reference and in the other result */
    /* Not NULL: what is compared is how the cell stands to this one of its group, run by run. */
    const json_t *a_base, *b_base;
    double a_value, b_value; /* compare_value(), or their ratio to the base's */
    struct compare_ratio ratio;
    bool elsewhere; /* times of two machines, or ratios of such: shown, and not judged */
};

struct compare_left_out {
    const char *cell; /* its name in a_names or b_names, which own it */
    char why[40];     /* "only in A" */
};

struct compare {
    const json_t *a, *b;
    struct compare_row *rows;
    size_t rows_count;
    struct compare_left_out *left_out;
    size_t left_out_count;
    size_t cells;      /* compared */
    bool same_machine; /* by compare_machine_same() */
    bool relative;     /* rows of models against each other were added */
    char label;
    double effect;
    json_t *a_names, *b_names; /* by compare_cells_by_name() */
};

/* Is the metric one that can be compared? */
bool compare_can(const struct metric *metric);

/* The value of a metric that stands for the cell (metric_of()); NAN where the cell has none, or
 * where another metric says the same of its kind of load. */
double compare_value(const struct metric *metric, const json_t *cell);

/* Compare b with a. Cells are matched by name, the k-th of a name with the k-th; those that are
 * invalid in either, or whose jobs did other work, are left out. On different machines rows of
 * models against each other are added: each model's metric over that of the first of its group that
 * both results have, run by run, as options->relative asks for in any case. There all rows of timed
 * metrics are marked `elsewhere`, since ratios of models, too, differ by factors between machines.
 * 0; -EINVAL with *err set when there is nothing to compare; -ENOMEM with *err set. */
int compare_create(const json_t *a, const json_t *b, const struct compare_options *options,
                   struct compare *out, struct err *err);

/* Free what it holds, also after a failure. */
void compare_destroy(struct compare *c);

/* What the row says: something changed, for the worse or the better; or not; or it cannot tell; or
 * it is not judged. */
enum compare_outcome {
    COMPARE_WORSE,
    COMPARE_BETTER,
    COMPARE_UNCHANGED,
    COMPARE_CANNOT_TELL,
    COMPARE_ELSEWHERE,
    COMPARE_OUTCOMES
};

enum compare_outcome compare_outcome(const struct compare_row *row);
bool compare_changed(const struct compare_row *row);
bool compare_worse(const struct compare_row *row);

/* A new object that holds all cells of the result, in its order, by their names in exports: "tasks
 * null x 100", then "tasks null x 100 #2", so that the k-th is matched with the k-th. To be
 * dropped; NULL when out of memory. */
json_t *compare_cells_by_name(const json_t *result);

/* ---- Were two results measured on the same machine, with the same software? These are two
 * questions here, while the gate's fingerprint has both in one: `compare` may be asked what another
 * compiler or library does to times on one machine. The report then has to say that the software
 * differs ---- */

/* Do the machines' fingerprints agree: CPU, architecture, cores, CPU quota, memory, governor,
 * kernel, whether it is virtual, and what primitives cost (result_primitive_apart())? The host's
 * name is none of them: containers get a new one each time. What differs goes to buf: "cores 2
 * against 8, kernel Linux 6.1 against Linux 6.6"; "" when nothing does. */
bool compare_machine_same(const json_t *a, const json_t *b, char *buf, size_t size);

/* The same for what else makes figures differ without a change of the code measured: compiler,
 * build, libraries, timer slack, libuv's threads. */
bool compare_machine_same_software(const json_t *a, const json_t *b, char *buf, size_t size);

#endif
