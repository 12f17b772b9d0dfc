/* The cells of one group in order of speed: what answers, findings, notes, tables and charts are
 * made from.
 *
 * A cell is behind the fastest when the rank-sum test over their runs says so, with Holm's
 * correction for all pairs of the group's valid cells, at RANKING_ALPHA, and their medians differ
 * by RANKING_EFFECT or more; or when it lost jobs and the fastest did not. Below RANKING_RUNS_MIN
 * runs, or with too few for any pair of so many to pass the test, all share the first place. */
#ifndef TVA_EXPORT_RANKING_H
#define TVA_EXPORT_RANKING_H

#include "result/result.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define RANKING_ALPHA    0.05
#define RANKING_EFFECT   0.02 /* smaller differences do not matter, however certain */
#define RANKING_RUNS_MIN 4

struct metric;
struct model;

/* One cell. Numbers are NAN where the document has none. */
struct ranked {
    const json_t *cell;        /* owned by the document */
    const struct model *model; /* NULL: this program has none of that name */
    char label[RESULT_LABEL];  /* "tasks", "pool(6)" */
    bool valid;
    double median_s, low_s, high_s; /* of the makespan, of loops the mean latency: the interval */
    double ideal_s, lag_s;          /* lag: the longest of the loop, median over runs */
    double jobs, runs;
    double lost; /* share of the jobs that were refused or not served; 0 elsewhere */
    bool behind; /* the fastest is surely faster, or lost no job while this one did */
    size_t at;   /* in the group, by the document's order */
};

struct ranking {
    const json_t *result;
    const char *group;          /* owned by the document */
    bool measured;              /* a cell was, or was to be; else all were only counted */
    bool counted;               /* a cell was */
    struct ranked *cells;       /* valid ones first, those of the first place before those behind,
                                   fastest first; the invalid ones in the document's order */
    const struct ranked **rows; /* all of them in the document's order */
    size_t count, valid, capacity;
    size_t tied; /* so many share the first place, since nothing tells them from the fastest */
    bool loop;   /* cells are of open or closed loops */
    const struct metric *by; /* NULL: each cell's headline */
    bool told;               /* there were runs enough to tell models apart */
    size_t runs_needed;      /* so many of each would be */
};

/* Rankings of all groups of the document, in its order, by their headlines: whatever is said of a
 * group comes from one. Free them with rankings_deinit(), also after a failure. 0 or -ENOMEM. */
struct rankings {
    struct ranking *of;
    size_t count;
};

int rankings_init(struct rankings *all, const json_t *result);
void rankings_deinit(struct rankings *all);

/* One of these cells by another metric: median, low and high are of it and in its unit, and the
 * highest is first where more is better. Free it with ranking_deinit(). 0 or -ENOMEM. */
int ranking_init_by(struct ranking *r, const json_t *const *cells, size_t count,
                    const struct metric *by);
void ranking_deinit(struct ranking *r);

/* The fewest runs of each of n cells with which one that is always faster passes the test as the
 * first of all pairs. */
size_t ranking_runs_needed(size_t n);

/* How large a difference between those of the first place may be without showing, as a share of the
 * fastest: what lies between the ends of their intervals. 0 for one alone. */
double ranking_hidden(const struct ranking *r);

/* Is the slower of two valid cells surely slower? Of others than the fastest the test is the
 * stricter one of Bonferroni, for all pairs. */
bool ranking_differ(const struct ranking *r, const struct ranked *fast, const struct ranked *slow);

/* What the fastest is compared with, in every sentence: sequential, else blocking, where they are
 * behind; else the slowest that is. NULL when none is. */
const struct ranked *ranking_reference(const struct ranking *r);

#endif
