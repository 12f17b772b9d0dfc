/* The cells of a result as charts need them: their values; and groups of them as lines over an axis
 * (a rate, a number of clients, a share of poison, or whatever a sweep went over), and what the
 * sweep found on them. Works with sweeps and with plain runs at several rates alike. Strings and
 * cells point into the document unless said otherwise. One thread at a time. */
#ifndef TVA_BENCH_CHART_SERIES_H
#define TVA_BENCH_CHART_SERIES_H

#include "result/metric.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CHART_SERIES_POINTS 128 /* of one line; more are left out */
#define CHART_WORK_MAX      704 /* a job of the longest text, and its load */
#define CHART_LABEL_MAX     64

/* ---- Values ---- */

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

/* The kind of axis, of those in plots/style.gp: "time", "size", "share" or "count". */
const char *chart_kind(const struct metric *m);

/* ---- Axes ---- */

/* The sweep's axis of that name, NULL when there is none: it has a name, a unit and the values of
 * the grid in rising order. */
const json_t *chart_axes_find(const json_t *result, const char *name);

/* Where a cell is on an axis: its point of the sweep, else its load's own value ("rate", "clients",
 * "poison", "jobs", "threads"). NAN when it is nowhere. */
double chart_axis_value(const json_t *cell, const char *axis);

/* How an axis of the document is drawn: kind is one of plots/style.gp's ("count", "time", "size",
 * "share"). */
struct chart_axis {
    const char *name, *kind;
};
struct chart_axis chart_axis_of(const json_t *result, const char *name);

/* A value of the axis as text: "480/s", "2%", "16 clients". Returns buf. */
char *chart_axis_text(const struct chart_axis *axis, double value, char *buf, size_t size);

/* ---- Lines and groups ---- */

struct chart_point {
    double x;
    const json_t *cell;
};

/* What one model did at the points of an axis, by rising x. A model to which the sweep's axis makes
 * no difference has the same cell at both of its ends, and counts as being everywhere between. */
struct chart_series {
    char work[CHART_WORK_MAX];   /* job and load but for the axis: the same in lines that compare */
    char label[CHART_LABEL_MAX]; /* result_label(), without a number that is the axis */
    const char *model;
    bool constant;
    size_t count;
    struct chart_point points[CHART_SERIES_POINTS];
};

/* Lines of one work; along no axis each is a cell of one group of the document. */
struct chart_group {
    struct chart_series *lines;
    size_t count;
};

/* Along no axis: the group's cell number i. */
const json_t *chart_group_cell(const struct chart_group *group, size_t i);

/* Which groups a chart shows; bits. */
enum chart_keep {
    CHART_WHOLE = 1,      /* a group with one cell to show, whole; else those cells alone */
    CHART_WIDEST = 2,     /* those with the most models */
    CHART_ONE_A_SPEC = 4, /* one for each job spec, or type of job: the one with most models; */
    CHART_ONE_A_JOB = 8   /* then one that served all of its jobs; then the one with most jobs */
};

struct chart_choice {
    const char *axis;                  /* NULL: none */
    bool (*shows)(const json_t *cell); /* a cell to show; NULL: by the next two */
    unsigned load;                     /* its kind of load is one of these bits; 0: any */
    const char *has;                   /* it has a value above 0 of this metric */
    unsigned keep;                     /* enum chart_keep */
    size_t points;                     /* a group needs a line of so many */
};

struct chart_groups {
    struct chart_group *of;
    size_t count, left_out; /* left out by `keep` and `points` */
    struct chart_series *lines;
};

/* The document's groups that hold a cell to show: along an axis in its order, else those of one
 * spec together and by count of jobs. Free them with chart_groups_deinit(). 0 or -ENOMEM. */
int chart_groups_init(struct chart_groups *groups, const json_t *result,
                      const struct chart_choice *choice);
void chart_groups_deinit(struct chart_groups *groups);

/* How many models the group has: pools of several sizes are one. */
size_t chart_models(const struct chart_group *group);

/* A chart's better(): does a have more points than b? */
bool chart_more_points(const struct chart_group *a, const struct chart_group *b);

/* Append a cell as a line of its own, while the group has room. */
#define CHART_GROUP_CELLS 12
void chart_group_add(struct chart_group *group, const json_t *cell);

/* Job and load of a cell but for what is among `axes` (ends with NULL, may be NULL):
 * "sleep:duration=10ms × 100". Cells with the same work can be compared. Returns buf. */
char *chart_work(const json_t *cell, const char *const *axes, char *buf, size_t size);

/* The most points of a line. */
size_t chart_group_points(const struct chart_group *group);

/* Does any cell of the group have a value of the metric? */
bool chart_group_has(const struct chart_group *group, const struct metric *metric);

/* The valid cells at the largest x that the most lines of the group have a value at, in cells[]
 * with room for one a line. Returns how many; *x: where. */
size_t chart_group_widest_x(const struct chart_group *group, const struct metric *metric,
                            const json_t **cells, double *x);

/* ---- What a sweep found ---- */

/* The rarest of p99, p90 and p50 that any cell of the document has; p50 when none has any. */
const struct metric *chart_rarest(const json_t *result);

/* The metric that a document ranks by: that of its crossings, else the sweep's, else that of its
 * bound, else the rarest percentile of open loops, and throughput of other loads. */
const struct metric *chart_sweep_metric(const json_t *result);

/* The metric that a crossing is about; NULL when it is not known. */
const struct metric *chart_crossing_metric(const json_t *crossing);

/* The entry about a line in one of the sweep's lists: in "knees" one with a rate, in "scalability"
 * the fitted universal scalability law. It names the line's label or its model and, on other axes,
 * the place of its points. NULL when there is none. */
const json_t *chart_sweep_entry(const json_t *result, const char *list,
                                const struct chart_series *series);

#endif
