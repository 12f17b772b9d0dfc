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

#endif
