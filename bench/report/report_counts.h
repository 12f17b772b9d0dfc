/* The part of the closing report on what was counted. Reads the document alone. */
#ifndef TVA_BENCH_REPORT_COUNTS_H
#define TVA_BENCH_REPORT_COUNTS_H

#include <jansson.h>
#include <stdio.h>

/* Write the table of a group's counts per job; nothing when none was counted. */
void report_counts_write(const json_t *result, const char *group, FILE *out);

#endif
