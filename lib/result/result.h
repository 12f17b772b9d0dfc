/* The result document, run.json: what was measured, on what machine. Format: results/schema.json.
 *
 * In memory it is a jansson object, read with result_number() and friends by the names that the
 * schema gives; so exporters, charts and comparisons depend on the document alone, never on the
 * process that made it. One thread at a time. */
#ifndef TVA_RESULT_RESULT_H
#define TVA_RESULT_RESULT_H

#include "base/err.h"
#include "measure/stats.h"
#include "run/run.h"

#include <jansson.h>
#include <stdbool.h>

#define RESULT_SCHEMA_VERSION 1

/* What the document says about the whole session. */
struct result_session {
    const char *suite; /* name of the suite or profile, NULL when given by options */
    uint64_t seed;     /* at most INT64_MAX: JSON's integers end there */
    uint64_t rounds;   /* at least 1 */
    bool partial;      /* ended early; complete cells only */
    const struct stats_distribution *timer_error; /* measure/timer_error.h; NULL: not measured */
};

/* A new document with its context filled in (measure/sysinfo.h) and no cells. NULL when out of
 * memory. */
json_t *result_create(const struct result_session *session);

/* Summarise a cell's runs and append it to the document. A run that failed, a job that failed, or
 * unequal ledgers among the runs make the cell invalid, with a sentence in "reasons". 0 or -ENOMEM.
 */
int result_add_cell(json_t *result, const struct cell *cell, const struct run_record *runs,
                    size_t runs_count);

/* Mark cells whose ledger differs from others of their group as invalid. Call once, after all
 * cells were added. Returns how many cells of the document are invalid. */
size_t result_check_ledgers(json_t *result);

/* Write the document to a file, atomically. 0 or a negative errno with *err set. */
int result_write(const json_t *result, const char *path, struct err *err);

/* Read a document and check that it has the version and shape that exporters and charts rely on.
 * NULL with *err saying which file, what about it, and what to do. */
json_t *result_read(const char *path, struct err *err);

/* A number by dotted path ("summary.makespan_s.median"); NAN when it is absent or null. */
double result_number(const json_t *object, const char *path);

/* A string by dotted path; "" when absent. Owned by the document. */
const char *result_string(const json_t *object, const char *path);

#endif
