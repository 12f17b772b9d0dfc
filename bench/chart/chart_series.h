/* The cells of a result as lines over an axis: a rate, a number of clients, a share of poison, or
 * whatever a sweep went over. Works with sweeps and with plain runs at several rates alike. Strings
 * and cells point into the document unless said otherwise. One thread at a time. */
#ifndef TVA_BENCH_CHART_SERIES_H
#define TVA_BENCH_CHART_SERIES_H

#include "chart/chart_axis.h"
#include "chart/chart_cells.h"
#include "chart/chart_data.h"

#define CHART_SERIES_POINTS 256 /* of one line; more are left out */
#define CHART_SERIES_MAX    64  /* of one document */
#define CHART_WORK_MAX      192

struct chart_point {
    double x;
    const json_t *cell;
};

/* What one model did at the points of an axis, by rising x. A model to which the sweep's axis makes
 * no difference has the same cell at both of its ends, and counts as being everywhere between. */
struct chart_series {
    char work[CHART_WORK_MAX];   /* job and load but for the axis: the same in lines that compare */
    char label[CHART_LABEL_MAX]; /* chart_cell_label(), without a number that is the axis */
    const char *model;
    bool constant;
    size_t count;
    struct chart_point points[CHART_SERIES_POINTS];
};

/* Job and load of a cell but for what is among `axes` (ends with NULL): cells with the same work
 * can be compared. Returns buf. */
char *chart_work(const json_t *cell, const char *const *axes, char *buf, size_t size);

/* All lines over that axis, from cells of which `use` is true; those of one work stand together.
 * The caller frees *series. 0 or -ENOMEM. */
int chart_series(const json_t *result, const char *axis, bool (*use)(const json_t *cell),
                 struct chart_series **series, size_t *count);

/* Keep the lines of the work with the most points; returns how many do. *left_out: works dropped.
 */
size_t chart_series_widest(struct chart_series *series, size_t count, size_t *left_out);

/* The lines of the first work: how many stand together from the beginning. */
size_t chart_series_same_work(const struct chart_series *series, size_t count);

/* The most points of a line. */
size_t chart_series_points(const struct chart_series *series, size_t count);

/* The line's cell at x; NULL when it has none. */
const json_t *chart_series_at(const struct chart_series *series, double x);

/* What stands under the title: "<what>; <median and interval of 5 runs>; <open loop ...>; <rest>".
 */
struct chart_subtitle {
    const char *what, *rest;
    const struct metric *metric; /* whose interval is shown */
    size_t left_out;             /* works that are not shown */
};

/* chart_headings() of these lines. 0 or -ENOMEM. */
int chart_series_headings(struct chart_data *data, const json_t *result,
                          const struct chart_series *series, size_t count, const char *title,
                          const struct chart_subtitle *subtitle);

#endif
