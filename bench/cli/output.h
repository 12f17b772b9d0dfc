/* Where results go. A command checks this before it measures anything. One thread. */
#ifndef TVA_BENCH_OUTPUT_H
#define TVA_BENCH_OUTPUT_H

#include "base/err.h"

#include <jansson.h>

/* Where results go unless -o says otherwise. */
#define OUTPUT_LATEST_RUN   "results/latest/run.json"
#define OUTPUT_LATEST_SWEEP "results/latest/sweep.json"

/* Settle where a result goes: *path is what was given, NULL for `latest`, one of these files, whose
 * folder is made then. Without either there is no file. Can it be written? 0 or a negative errno
 * with *err set. */
int output_settle(const char **path, const char *latest, struct err *err);

/* Write the document of the command `name` and its exports, and tell where they are; path: NULL for
 * no file. Before the report is shown, since its reader may be gone. 0 or a negative errno with
 * *err set; the report is worth showing all the same. */
int output_write(const char *name, const json_t *document, const char *path, struct err *err);

/* End the command: its document was written or not, its report shown on standard output or not,
 * each 0 or a negative errno. Tells of a report that was lost, and of invalid cells. The exit
 * status. */
int output_conclude(const char *name, int written, int shown, const json_t *document,
                    size_t invalid);

#endif
