/* The columns of the closing report: which there are depends on how a group's jobs were wanted.
 * Reads the document alone. */
#ifndef TVA_BENCH_REPORT_COLUMNS_H
#define TVA_BENCH_REPORT_COLUMNS_H

#include <jansson.h>
#include <stdio.h>

#define REPORT_TEXT 32 /* bytes of a column's text */

/* The cell's model with its threads, "pool(6)"; in buf or the document's. */
const char *report_model(const json_t *cell, char *buf, size_t size);

/* A line of titles for cells like this one, and the line of one cell; at most 100 columns wide. A
 * figure that is not known is "-". */
void report_write_titles(const json_t *cell, FILE *out);
void report_write_row(const json_t *cell, FILE *out);

#endif
