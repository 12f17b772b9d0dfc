/* A comparison as people read it: on a terminal, at most 100 columns but for names and sentences,
 * or as Markdown. */
#ifndef TVA_BENCH_COMPARE_REPORT_H
#define TVA_BENCH_COMPARE_REPORT_H

#include "compare/compare.h"

#include <stdbool.h>
#include <stdio.h>

struct compare_report {
    const char *a_path, *b_path;
    bool markdown;
    bool all; /* the table has every cell, as it has for two machines; else those that changed */
};

/* Write what was compared, what has to be known of it, what changed, the worst first, the table,
 * and what was left out. Failures to write show in the stream. */
void compare_report_write(const struct compare *c, const struct compare_report *how, FILE *out);

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

#endif
