/* The cells of a result as charts need them: by group, chosen, ranked. Everything points into the
 * document, which must outlive it. One thread at a time. */
#ifndef TVA_BENCH_CHART_CELLS_H
#define TVA_BENCH_CHART_CELLS_H

#include "base/err.h"
#include "chart/chart_metric.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CHART_GROUP_CELLS 12 /* of one group that a chart shows; more are left out */
#define CHART_LABEL_MAX   64

/* Cells that do the same work, in document order. */
struct chart_group {
    const char *key, *spec, *job;
    double jobs;
    size_t count;
    const json_t *cells[CHART_GROUP_CELLS];
};

bool chart_cell_valid(const json_t *cell);

/* What the cell is called on a chart: its model, with the number of threads if it has any:
 * "pool(6)". Returns buf. */
char *chart_cell_label(const json_t *cell, char *buf, size_t size);

/* The document's groups, those of one spec together and by count of jobs; the caller frees *groups.
 * 0 or -ENOMEM. */
int chart_groups(const json_t *result, struct chart_group **groups, size_t *count);

/* Keep the cells of which `use` is true and the groups that still have any; returns how many do. */
size_t chart_groups_filter(struct chart_group *groups, size_t count,
                           bool (*use)(const json_t *cell));

/* Keep the groups with a cell of which `has` is true, whole; returns how many do. */
size_t chart_groups_having(struct chart_group *groups, size_t count,
                           bool (*has)(const json_t *cell));

/* Keep the groups that have the most cells; returns how many do. */
size_t chart_groups_widest(struct chart_group *groups, size_t count);

/* Keep one group for each job spec, or type of job: the one with the most cells; of those one whose
 * loads were all served, if any; and of those the one with the most jobs. */
size_t chart_groups_one_a_spec(struct chart_group *groups, size_t count);
size_t chart_groups_one_a_job(struct chart_group *groups, size_t count);

/* The most cells in one group. */
size_t chart_groups_rows(const struct chart_group *groups, size_t count);

/* The valid cell that the metric calls best, or worst; NULL when there is none. */
const json_t *chart_best(const struct chart_group *group, const struct metric *metric);
const json_t *chart_worst(const struct chart_group *group, const struct metric *metric);

/* Is a better than b by more than noise: intervals that do not meet, and medians that differ by at
 * least 2 %? */
bool chart_clearly_better(const json_t *a, const json_t *b, const struct metric *metric);

/* The range of a logarithmic axis around positive values, widened by a margin and to a factor of 4
 * at least. Start with lo = INFINITY, hi = 0 and include every value. */
struct chart_range {
    double lo, hi;
};

void chart_range_include(struct chart_range *range, double value);
void chart_range_include_quantity(struct chart_range *range, const struct metric_value *v);
void chart_range_finish(struct chart_range *range);

/* Move labels apart: positions[n] on one axis between lo and hi, given where each would like to be,
 * so that neighbours are at least `gap` apart; their order is kept. n <= 64. */
void chart_spread(double *positions, size_t n, double gap, double lo, double hi);

#endif
