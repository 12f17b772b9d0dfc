/* The table of theory over measurement, from the document's "queue_check" alone. */
#ifndef TVA_BENCH_THEORY_TABLE_H
#define TVA_BENCH_THEORY_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* How many cells of the document can be compared with theory; *off: of these, how many are off or
 * invalid. */
size_t theory_table_count(const json_t *result, size_t *off);

/* Write the table of them, in the order of theory (M/M/1 first), and what its columns mean; as
 * Markdown or for a terminal. 0 or -ENOMEM. */
int theory_table_write(const json_t *result, bool markdown, FILE *out);

#endif
