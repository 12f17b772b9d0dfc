/* The columns of the closing report: the catalogue's metrics that belong to a kind of cell
 * (result/metric.h). Reads the document alone. */
#ifndef TVA_BENCH_REPORT_COLUMNS_H
#define TVA_BENCH_REPORT_COLUMNS_H

#include "result/metric.h"

#include <stdio.h>

#define REPORT_TEXT 64 /* bytes of a column's text */

/* The cell's model with its threads, "pool(6)"; in buf or the document's. */
const char *report_model(const json_t *cell, char *buf, size_t size);

/* A line of titles for that kind of cells (a kind of load, or METRIC_COUNTED), and the line of one
 * cell; at most 100 columns wide. A figure that is not known is "-". */
void report_write_titles(unsigned cells, FILE *out);
void report_write_row(unsigned cells, const json_t *cell, FILE *out);

#endif
