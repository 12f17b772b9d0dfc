/* The comparison of one result with another, the reference: a row for each cell and metric that
 * both have; as people read it; and one metric over many stored results. Reads the documents alone,
 * which must outlive it. One thread at a time. */
#ifndef TVA_BENCH_COMPARE_H
#define TVA_BENCH_COMPARE_H

#include "base/err.h"
#include "base/form.h"
#include "math/stats_change_point.h"
#include "result/metric.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* ---- By what factor one series of values is above another, and what may be said of that ----
 *
 * The ratio is exp of the two-sample Hodges-Lehmann shift of logarithms, with the interval that
 * belongs to the rank-sum test (math/stats_ranks.h): it assumes nothing of how values are
 * distributed but that the two series have the same shape. Pure functions, any thread. */

/* What intervals are to cover; with fewer than 4 values on either side none does. */
#define COMPARE_CONFIDENCE 0.95

/* SAME: the interval is within the effect. MORE, LESS: it excludes 1, and the ratio is beyond the
 * effect. UNCLEAR: neither, for want of runs or of quiet. UNKNOWN: there is no interval; `why` says
 * for what reason. */
enum compare_verdict { COMPARE_SAME, COMPARE_MORE, COMPARE_LESS, COMPARE_UNCLEAR, COMPARE_UNKNOWN };

struct compare_ratio {
    double ratio, low, high; /* NAN where they are not known */
    double confidence;       /* of low and high */
    enum compare_verdict verdict;
    const char *why; /* of UNKNOWN, static; else NULL */
};

/* b over a; each of 1 to METRIC_RUNS_MAX values. effect: the least change that counts, 0.02 for
 * 2 %. 0 or -ENOMEM. */
int compare_ratio_of(const double *a, size_t a_count, const double *b, size_t b_count,
                     double effect, struct compare_ratio *out);

/* Of one value each that may have a spread, of which nothing is known: UNKNOWN for that reason. */
void compare_ratio_bare(double a, double b, const char *why, struct compare_ratio *out);

/* ---- Two results ---- */

/* Instructions vary a little with addresses; other counts that are exact do not vary at all. */
#define COMPARE_INSTRUCTIONS_EFFECT 0.01

#define COMPARE_CHOSEN_MAX 32 /* metrics that options can name */

#define COMPARE_EFFECT 0.02 /* unless something else is asked for */

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

/* ---- A comparison as people read it: on a terminal, at most 100 columns but for names and
 * sentences, as Markdown, or as a part of a page ---- */

struct compare_report {
    const char *a_path, *b_path;
    enum form form;
    bool all; /* the table has every cell, as it has for two machines; else those that changed */
};

/* Write what was compared, what has to be known of it, what changed, the worst first, the table,
 * and what was left out. 0 or -ENOMEM; failures to write show in the stream. */
int compare_report_write(const struct compare *c, const struct compare_report *how, FILE *out);

/* The rows that changed, the worse ones first, the largest change first among each, into rows[] of
 * c->rows_count; returns how many. */
size_t compare_report_changes(const struct compare *c, const struct compare_row **rows);

/* What it says, in words; functions with a buffer return it. "12% longer", "2.4 times A's", "no
 * difference larger than 2%", "cannot tell", with a reason where there is one. */
char *compare_report_words(const struct compare *c, const struct compare_row *row, char *buf,
                           size_t size);

/* The name of the row's cell; of a cell against its base "tasks against sequential, sleep x 100".
 */
char *compare_report_cell(const struct compare_row *row, char *buf, size_t size);

/* "tasks sleep:duration=10ms x 100: makespan 12% longer (95% interval 9..15%)" */
char *compare_report_sentence(const struct compare *c, const struct compare_row *row, char *buf,
                              size_t size);

/* The whole in a sentence: "427 figures of 61 cells: 3 worse, 2 better, ..." */
char *compare_report_summary(const struct compare *c, char *buf, size_t size);

/* What has to be known to read it: sessions measured apart, machine and software, chance. A list of
 * sentences that the caller drops; NULL when out of memory. */
json_t *compare_report_notes(const struct compare *c);

/* ---- One metric over stored results, in the order of their dates, and where it changed its
 * level ---- */

/* Fewer results have no two levels. From 8 on a change can show at all: of fewer, too many
 * orders are as clear as any. */
#define COMPARE_HISTORY_MIN 4

/* What a change is believed at: a share of the shuffled orders. */
#define COMPARE_HISTORY_ALPHA 0.01

#define COMPARE_CHANGES_MAX 8 /* of one line */

/* One cell over the results. */
struct compare_line {
    char *name;         /* as compare_cells_by_name() has it */
    const json_t *cell; /* of the newest result that has it */
    double *values;     /* one a result; NAN where it has none, or an invalid one */
    struct stats_change_point changes[COMPARE_CHANGES_MAX]; /* `at`: index of the result */
    size_t changes_count;
};

struct compare_history {
    const struct metric *metric;
    double effect;
    size_t count;           /* results, of the newest one's machine where the metric is a time */
    const json_t **results; /* oldest first */
    size_t elsewhere;       /* results of other machines, left out */
    size_t repeated;        /* results that were there already, left out */
    struct compare_line *lines;
    size_t lines_count; /* cells with at least 2 values */
};

/* The history of `metric` in results[count], whose order does not matter. A change is listed when
 * it is believed and larger than `effect`. A result that is given twice counts once. Cells are
 * matched by name, the k-th of a name with the k-th. 0; -EINVAL with *err set when fewer than
 * COMPARE_HISTORY_MIN results are of one machine, or no cell has the metric twice; -ENOMEM with
 * *err set. */
int compare_history_create(json_t *const *results, size_t count, const struct metric *metric,
                           double effect, struct compare_history *out, struct err *err);

/* Free what it holds, also after a failure. */
void compare_history_destroy(struct compare_history *h);

/* "tasks sleep x 100: makespan 12% longer from 2026-11-24 (commit 523d2bb) on: 10.3 ms, then
 * 11.5 ms (p = 0.002)". Returns buf. */
char *compare_history_sentence(const struct compare_history *h, const struct compare_line *line,
                               const struct stats_change_point *change, char *buf, size_t size);

/* Write the results by their numbers, the changes, and the cells without. */
void compare_history_write(const struct compare_history *h, FILE *out);

#endif
