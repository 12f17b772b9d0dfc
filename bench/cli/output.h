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

/* End the command `name`: its report was `shown` on standard output, or not, with a negative errno;
 * write the document and its exports, in this order, since a full disk must not cost the report.
 * path: NULL for no file. Tell where they are, and of invalid cells. The exit status, with *err set
 * when a file could not be written. */
int output_conclude(const char *name, int shown, const json_t *document, const char *path,
                    size_t invalid, struct err *err);

#endif
