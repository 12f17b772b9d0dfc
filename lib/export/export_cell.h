/* What the formats for other tools are made of: each cell of a document with its metrics. An
 * invalid cell has none, so that no format can make one look valid.
 *
 * Functions of the document; one thread at a time. */
#ifndef TVA_EXPORT_EXPORT_CELL_H
#define TVA_EXPORT_EXPORT_CELL_H

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

/* A number of a document that is left out where it is not finite, and a text on one line that is
 * left out where it is blank: NULL then, for members "o*" of json_pack(). */
json_t *export_known(double v);
json_t *export_line(const char *text);

/* Write the document (NULL: it could not be made) after visit() has put each cell of the result
 * into it; `cells` is its part that holds them. Drops it in any case. 0 or what went wrong:
 * -ENODATA when there are none. */
int export_write_json(const json_t *result, json_t *document, const json_t *cells,
                      int (*visit)(const struct export_cell *c, void *arg), void *arg, FILE *out);

#endif
