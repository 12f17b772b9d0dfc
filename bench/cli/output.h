/* Where results go. A command checks this before it measures anything. One thread. */
#ifndef TVA_BENCH_OUTPUT_H
#define TVA_BENCH_OUTPUT_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Where results go unless -o says otherwise. */
#define OUTPUT_LATEST_RUN   "results/latest/run.json"
#define OUTPUT_LATEST_SWEEP "results/latest/sweep.json"

/* What --help says of the option that sets `exports`. */
#define OUTPUT_EXPORTS_HELP                                                                        \
    "Write CSV, Markdown and .hgrm beside the file as well; 'tva export' writes them later"

struct output {
    const char *path; /* as given, or settled; NULL: no file; "-": standard output */
    bool exports;     /* CSV, Markdown and .hgrm beside the file */
};

/* Settle where a result goes: what was given, NULL for `latest`, one of these files, whose folder
 * is made then and which has exports. Without either there is no file. Can it be written? 0 or a
 * negative errno with *err set. */
int output_settle(struct output *o, const char *latest, struct err *err);

/* Does the document go to standard output? */
bool output_is_stdout(const struct output *o);

/* Where the report goes: standard output, or standard error where the document has that. */
FILE *output_report(const struct output *o);

/* Write the document of the command `name` and its exports, and tell where they are. Before the
 * report is shown, since its reader may be gone. 0 or a negative errno with *err set; the report is
 * worth showing all the same. */
int output_write(const char *name, const json_t *document, const struct output *o, struct err *err);

/* End the command: its document was written or not, its report shown or not, each 0 or a negative
 * errno. Tells of a report that was lost, and of invalid cells. The exit status. */
int output_conclude(const char *name, int written, int shown, const json_t *document,
                    size_t invalid);

#endif
