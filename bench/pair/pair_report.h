/* A paired session as a table: for each metric the ratio, its interval, the smallest effect that
 * could have been seen, and the verdict. One thread. */
#ifndef TVA_BENCH_PAIR_REPORT_H
#define TVA_BENCH_PAIR_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Write what a document (pair_document.h) says, as text or as Markdown. Errors of the stream are
 * left in it. 0 or -ENOMEM. */
int pair_report_write(const json_t *document, bool markdown, FILE *out);

#endif
