/* Other forms of a result document, and what those for other tools are made of: each cell with its
 * metrics. One file a format; the registry table is in export.c. One thread at a time. */
#ifndef TVA_EXPORT_EXPORT_H
#define TVA_EXPORT_EXPORT_H

#include "base/err.h"
#include "result/metric.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct export_metric {
    const struct metric *metric;
    enum metric_kind kind;
    struct metric_value
        value;      /* the median, finite, with its interval; of counts the count alone */
    size_t samples; /* at least 1 */
    const json_t *cell;
};

/* An invalid cell has no metrics, so that no format can make one look valid. */
struct export_cell {
    const json_t *cell;
    const char *name; /* unique in the document: "tasks null x 100", then "tasks null x 100 #2" */
    size_t index;     /* in the document */
    size_t same;      /* how many before it have the name */
    bool valid;
    const char *reasons;                 /* why it is invalid, joined by "; "; some text then */
    const struct export_metric *metrics; /* in the catalogue's order; none when invalid */
    size_t count;
    const struct export_metric *headline; /* what cells are ranked by; NULL: has none */
};

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
    export_hyperfine, export_junit, export_summary, export_annotations, export_trace;
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
 * and run.md, and for formats with one file a cell hgrm/<name of the cell>.hgrm, where all but
 * letters and digits become "-"; for another document NAME.json the folder is NAME.hgrm. Cells that
 * are invalid or have no samples get no such file. Atomic file by file; files of other cells that
 * are there already stay. 0 or a negative errno with *err set. */
int export_all(const json_t *result, const char *json_path, struct err *err);

/* The file for something of one cell beside the document at json_path, into path[PATH_MAX]: for
 * run.json KIND/<name of the cell><suffix>, for another document NAME.json in NAME.KIND/. Makes the
 * folder. 0 or a negative errno with *err set. */
int export_cell_path(const json_t *result, size_t index, const char *json_path, const char *kind,
                     const char *suffix, char *path, struct err *err);

/* The same of a file that is there already. -ENOENT without *err set when there is none. */
int export_cell_find(const json_t *result, size_t index, const char *json_path, const char *kind,
                     const char *suffix, char *path, struct err *err);

/* ---- For the formats ---- */

/* Call visit() for each cell in the document's order, until one returns other than 0. That, or 0,
 * or -ENOMEM. What it is given lasts for the call. */
int export_cells(const json_t *result, int (*visit)(const struct export_cell *c, void *arg),
                 void *arg);

/* The metric of that key, "cpu_user_s"; NULL when the cell has none. */
const struct export_metric *export_cell_metric(const struct export_cell *c, const char *key);

/* Sample number i: the value in a run, of counts that of a repeat; NAN when it has no such. */
double export_metric_sample(const struct export_metric *m, size_t i);

/* The headline is of a loop: the time of a job, not of a batch. */
bool export_cell_is_loop(const struct export_cell *c);

/* A lack, as struct exporter has it, of formats that are about times: the cell is invalid, or has
 * no headline. */
const char *export_cell_untimed(const struct export_cell *c);

/* The same of formats that take any metric: the cell is invalid, or has none. */
const char *export_cell_unknown(const struct export_cell *c);

/* The object without its members that are null; NULL stays. A member "o*" of json_pack() would be
 * left out where there is no memory for it, too. */
json_t *export_without_nulls(json_t *object);

/* A text on one line; null where it is blank. */
json_t *export_line(const char *text);

/* Write the document (NULL: it could not be made) after visit() has put each cell of the result
 * into it; `cells` is its part that holds them. Drops it in any case. 0 or what went wrong:
 * -ENODATA when there are none. */
int export_write_json(const json_t *result, json_t *document, const json_t *cells,
                      int (*visit)(const struct export_cell *c, void *arg), void *arg, FILE *out);

#endif
