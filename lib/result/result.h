/* The result document, run.json: what was measured, on what machine. Format: results/schema.json.
 *
 * In memory it is a jansson object, read with result_number() and friends by the names that the
 * schema gives; so exporters, charts and comparisons depend on the document alone, never on the
 * process that made it. One thread at a time. */
#ifndef TVA_RESULT_RESULT_H
#define TVA_RESULT_RESULT_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>

#define RESULT_SCHEMA_VERSION 1

/* Write the document to a file, atomically. 0 or a negative errno with *err set. */
int result_write(const json_t *result, const char *path, struct err *err);

/* Read a document and check that it has the version and shape that exporters and charts rely on.
 * NULL with *err saying which file, what about it, and what to do. */
json_t *result_read(const char *path, struct err *err);

/* A member by dotted path, "summary.makespan_s"; NULL when absent. */
const json_t *result_get(const json_t *object, const char *path);

/* A number by dotted path ("summary.makespan_s.median"); NAN when it is absent or null. */
double result_number(const json_t *object, const char *path);

/* A string by dotted path; "" when absent. Owned by the document. */
const char *result_string(const json_t *object, const char *path);

#endif
