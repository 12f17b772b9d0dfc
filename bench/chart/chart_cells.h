/* The cells of a result as charts need them: their values, and in groups, chosen and ranked.
 * Everything points into the document, which must outlive it. One thread at a time. */
#ifndef TVA_BENCH_CHART_CELLS_H
#define TVA_BENCH_CHART_CELLS_H

#include "result/metric.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CHART_GROUP_CELLS 12 /* of one group that a chart shows; more are left out */
#define CHART_LABEL_MAX   64

bool chart_cell_valid(const json_t *cell);

/* Were all jobs there at the start? So it is in documents that say nothing of load. */
bool chart_cell_batch(const json_t *cell);

/* A metric of the catalogue as charts draw it: durations are in s, whatever the document's unit.
 * The interval of a value without one is the value. */
struct metric_value chart_value(const struct metric *m, const json_t *cell);

/* What theory says of it; NAN where it says nothing, and of an open loop where it is off by more
 * than this factor: then it is of another service than the one that was measured. Charts say so. */
#define CHART_THEORY_OFF      2.0
#define CHART_THEORY_LEFT_OUT "left out where off by more than a factor of 2"
double chart_theory(const struct metric *m, const json_t *cell);

/* The kind of axis, of those in plots/style.gp: "time", "size" or "count". */
const char *chart_kind(const struct metric *m);

/* Cells that do the same work, in document order. */
struct chart_group {
    const char *key;
    size_t count;
    const json_t *cells[CHART_GROUP_CELLS];
};

/* Which groups a chart shows; bits. */
enum chart_keep {
    CHART_WHOLE = 1,      /* a group with one cell to show, whole; else those cells alone */
    CHART_WIDEST = 2,     /* those with the most models */
    CHART_ONE_A_SPEC = 4, /* one for each job spec, or type of job: the one with most models; */
    CHART_ONE_A_JOB = 8   /* then one that served all of its jobs; then the one with most jobs */
};

/* How many models the group has: pools of several sizes are one. */
size_t chart_models(const struct chart_group *group);

/* The document's groups that hold a cell to show, those of one spec together and by count of jobs.
 * *left_out: how many of them `keep` leaves out. The caller frees *groups. 0 or -ENOMEM. */
int chart_groups(const json_t *result, bool (*shows)(const json_t *cell), unsigned keep,
                 struct chart_group **groups, size_t *count, size_t *left_out);

#endif
