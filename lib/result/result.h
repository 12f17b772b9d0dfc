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
#include <stdint.h>
#include <stdio.h>

#define RESULT_SCHEMA_VERSION 1

/* Read a document of any kind, which is JSON. NULL with *err set, as below. */
json_t *result_load(const char *path, struct err *err);

/* Read a document and check it. NULL with *err saying which file, what about it, and what to do. */
json_t *result_read(const char *path, struct err *err);

/* Check version and shape: every key that the schema requires is there and of its type, lists
 * included; integers, which are counts and sizes, are not negative. `name` says in messages what
 * was read. 0, or -EINVAL with *err naming the first fault. */
int result_check(const json_t *document, const char *name, struct err *err);

/* A member by dotted path, "summary.makespan_s"; NULL when absent. */
const json_t *result_get(const json_t *object, const char *path);

/* A number by dotted path ("summary.makespan_s.median"); NAN when it is absent or null. */
double result_number(const json_t *object, const char *path);

/* A string by dotted path; "" when absent. Owned by the document. */
const char *result_string(const json_t *object, const char *path);

/* The cell's model with its threads, if it has any: "pool(6)". RESULT_LABEL bytes are enough;
 * returns buf. */
#define RESULT_LABEL 64
char *result_label(const json_t *cell, char *buf, size_t size);

/* The first of the machine's primitives (context.primitives) that costs more than
 * RESULT_PRIMITIVES_FACTOR as much in one context as in the other: then they are of two machines,
 * whatever their names. One machine's figures differed by up to 1.5 in 30
 * sessions under load, those of two machines of one name by 3 and more. NULL when there is none;
 * what either does not know is not held against it. */
#define RESULT_PRIMITIVES_FACTOR 2.0
const char *result_primitive_apart(const json_t *a, const json_t *b);

/* Write a document to a file, atomically. 0 or a negative errno with *err set. */
int result_write(const json_t *result, const char *path, struct err *err);

/* The same in the form that `write` gives it, which returns 0 or a negative errno. */
int result_write_as(const json_t *value, const char *path,
                    int (*write)(const json_t *value, FILE *out), struct err *err);

/* Write it to a stream as text for people and for diff: an object's members and a list's objects on
 * lines of their own, lists of numbers on one line. 0, or -EIO or -ENOMEM. */
int result_dump(const json_t *value, FILE *out);

/* A new number, rounded to the 12 digits that are written, so that a document reads back as it was;
 * null when it is not finite, an integer when it is whole. NULL when out of memory. */
json_t *result_new_number(double v);

/* A new count; INT64_MAX when larger, since JSON's integers end there. NULL when out of memory. */
json_t *result_new_count(uint64_t v);

/* What was built, if all of it was: the value when rc is 0, else NULL, and the value is dropped. */
json_t *result_built(json_t *value, int rc);

/* Append a sentence to a list of them, printf style. Words of others in it that are no UTF-8 have a
 * "?" for each byte that is no ASCII. 0 or -ENOMEM. */
int result_add_sentence(json_t *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
