/* Other forms of a result document. One file a format; the registry table is in export.c. */
#ifndef TVA_EXPORT_EXPORT_H
#define TVA_EXPORT_EXPORT_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct export_cell;

struct exporter {
    const char *name, *suffix, *summary;
    bool beside; /* every run leaves it beside its document */
    /* Why the format cannot hold a cell, in a few words: it is left out then. NULL when it can.
     * Formats without this have a place for every cell, also to say what is wrong with it. */
    const char *(*lack)(const struct export_cell *c);
    /* How many figures of a cell that it holds the format has no place for, but would have had they
     * other values; and what is to be known of that, to follow "left out of NAME: ". NULL: none. */
    size_t (*drops)(const struct export_cell *c);
    const char *drops_why;
    /* Write the whole document to a stream; NULL for formats with one file a cell. 0 or a negative
     * errno; -ENODATA with nothing written where there is no cell that the format could hold. What
     * the stream could not write shows in the stream alone. */
    int (*write)(const json_t *result, FILE *out);
    /* Write one cell; NULL for formats with one file in all. */
    int (*write_cell)(const json_t *cell, FILE *out);
};

/* The formats, one file each; and the registry, which is what callers use. */
extern const struct exporter export_csv, export_markdown, export_hgrm, export_google,
    export_benchstat, export_github_smaller, export_github_bigger, export_bencher, export_pyperf,
    export_hyperfine, export_junit, export_summary, export_annotations;
extern const struct exporter *const exporters[];
extern const size_t exporters_count;

/* The format of that name; NULL with *err naming the nearest and the valid ones. */
const struct exporter *export_find(const char *name, struct err *err);

/* Write one format to the file `path`, atomically, or to the folder `path`, which is made, where
 * there is a file a cell: names and what is left out as below. 0 or a negative errno with *err set;
 * -ENODATA where there is no cell that the format could hold. */
int export_one(const struct exporter *e, const json_t *result, const char *path, struct err *err);

/* The same to a stream, which the caller flushes. The format must have a file for all cells. */
int export_stream(const struct exporter *e, const json_t *result, FILE *out, struct err *err);

/* Write the formats that every run leaves beside the document at json_path: for run.json run.csv
 * and run.md, and for formats with one file a cell <format>/<name of the cell>.hgrm, where all but
 * letters and digits become "-". Cells that are invalid or have no samples get no such file. Atomic
 * file by file; files of other cells that are there already stay. 0 or a negative errno with *err
 * set. */
int export_all(const json_t *result, const char *json_path, struct err *err);

#endif
