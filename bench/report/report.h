/* The closing report of a result document: a table a group, warnings, and a sentence of finding.
 * Reads the document alone. */
#ifndef TVA_BENCH_REPORT_H
#define TVA_BENCH_REPORT_H

#include "base/err.h"
#include "base/form.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Write it without the answer, as wide as the terminal. 0 or -ENOMEM. */
int report_write(const json_t *result, FILE *out);

/* Write the answer, which comes last: threads or an event loop. 0 or -ENOMEM. */
int report_write_answer(const json_t *result, FILE *out);

/* Write the lines above it: machine, time, seed. */
void report_write_head(const json_t *result, FILE *out);

/* Part of it: what there is to tell of the ranks that measured together, if there were any. */
void report_write_ranks(const json_t *result, FILE *out);

/* Let all that was written to `out`, standard output, arrive. 0, or -EIO with *err set when some of
 * it could not. */
int report_flush(FILE *out, struct err *err);

/* Write the figures of hyperfine (its --export-json) beside those of the same cells in the
 * document, for a terminal or for a page. Returns how many cells it found, or a negative errno with
 * *err set when it is no such file. */
int report_write_hyperfine(const json_t *result, const char *path, enum form form, FILE *out,
                           struct err *err);

/* How many cells of the document can be compared with theory, by their "queue_check"; *off: of
 * these, how many are off or invalid. */
size_t report_theory_count(const json_t *result, size_t *off);

/* Write the table of them, in the order of theory (M/M/1 first), and what its columns mean; as
 * Markdown the table alone. 0 or -ENOMEM. */
int report_write_theory(const json_t *result, enum form form, FILE *out);

#endif
