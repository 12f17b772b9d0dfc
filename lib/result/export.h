/* Other forms of a result document. One file a format; the registry table is in export.c. */
#ifndef TVA_RESULT_EXPORT_H
#define TVA_RESULT_EXPORT_H

#include "base/err.h"

#include <jansson.h>
#include <stdio.h>

struct exporter {
    const char *name, *suffix, *summary;
    /* Write the whole document to a stream; NULL for formats with one file a cell. */
    int (*write)(const json_t *result, FILE *out);
    /* Write one cell; NULL for formats with one file in all. */
    int (*write_cell)(const json_t *cell, FILE *out);
};

/* The formats, one file each; and the registry, which is what callers use. */
extern const struct exporter export_csv, export_markdown, export_hgrm;
extern const struct exporter *const exporters[];
extern const size_t exporters_count;

/* Write every format beside the document at json_path: for run.json run.csv and run.md, and for
 * formats with one file a cell <format>/<name of the cell>.hgrm, where all but letters and digits
 * become "-". Cells that are invalid or have no samples get no such file. Atomic file by file;
 * files of other cells that are there already stay. 0 or a negative errno with *err set. */
int export_all(const json_t *result, const char *json_path, struct err *err);

#endif
