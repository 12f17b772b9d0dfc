/* One metric over stored results, in the order of their dates, and where it changed its level.
 * Reads the documents alone, which must outlive it. One thread at a time. */
#ifndef TVA_BENCH_COMPARE_HISTORY_H
#define TVA_BENCH_COMPARE_HISTORY_H

#include "base/err.h"
#include "math/stats_change_point.h"
#include "result/metric.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* Fewer results have no two levels. From 8 on a change can be told at all: of fewer, too many
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
