/* Charts: what tva plot draws. The table is in chart.c, an entry in chart_<name>.c.
 *
 * A chart reads the result document alone. It declares which cells it shows, the metric that it is
 * about, and what stands under its title; its functions compute the finding that the title states
 * and put the values into tables. plots/<form>.gp draws them: charts of one form share the script
 * and the functions that write what it reads. One thread at a time. */
#ifndef TVA_BENCH_CHART_H
#define TVA_BENCH_CHART_H

#include "base/err.h"
#include "chart/chart_data.h"
#include "chart/chart_series.h"
#include "export/ranking.h"

struct chart_curves;

/* The form "rows" (plots/rows.gp): panels with a row for each model, a dot with its interval. */

/* A panel that every group has. Axes are in the unit of the metric, and logarithmic but for
 * CHART_LINEAR. */
struct chart_rows_panel {
    const char *metric;    /* of the catalogue: the dot and its interval; the line is its ideal */
    const char *p50, *p99; /* the same: small marks, with a legend; NULL for none */
    const char *title;     /* over the panel, before job and load of the group; may be NULL */
    const char *axis;      /* what stands under the panel */
    const char *before;    /* stands before the value at the end of a row; may be NULL */
    const char *nothing;   /* stands for a value that is not positive; NULL: the value */
};

struct chart_rows {
    struct chart_rows_panel panels[2]; /* the second may have no metric: there is one then */
    double text_width;                 /* pixels at the end of a row */
    double reference;                  /* where a line goes down all panels; 0 for none */
    bool share_range;                  /* all panels have the same range */
};

/* The form "curves" (plots/curves.gp): panels with a line for each model (chart_curves.h). */

/* The axes of all panels. Kinds are those of plots/style.gp. */
struct chart_curves_axes {
    const char *x_title, *x_kind; /* NULL: percentiles of jobs, 1 / (1 - p) */
    const char *x_name;           /* of the axis in the document; chart_write() sets it */
    const char *y_title, *y_kind; /* NULL: latency */
    bool x_linear;                /* from the least to the greatest value, 0 allowed */
    bool share_ranges;            /* all panels have the same on both axes */
    bool one_model;               /* a panel holds one model: what theory says is drawn in black */
};

/* What a chart shows of a document: cells in groups, or, along an axis, in lines. */
struct chart_view {
    const struct chart *chart;
    const json_t *result;
    const struct metric *metric;
    const char *axis; /* NULL: none */
    struct chart_groups all;
    struct chart_group *groups; /* those that are shown */
    size_t count, left_out;     /* left out: groups, or lines of the only one */
    const json_t **cells;       /* all cells of those that are shown */
    size_t cells_count;
    struct ranking ranking;    /* of the cells that the title speaks of: chart_rank() */
    double ranked_x;           /* where on the axis they are */
    char note[CHART_WORK_MAX]; /* what {note} stands for; "" unless put() or prepare() sets it */
};

struct chart {
    const char *name, *summary;
    const char *form;   /* the script, plots/<form>.gp; of a chart with put() */
    const char *metric; /* of the catalogue: its interval is drawn, and the title ranks by it; NULL:
                           what prepare() or the document chooses */

    struct chart_choice choice; /* which cells are shown */
    size_t most;                /* groups, or lines of the only one; 0: no limit */

    /* One group alone: the first of which no other is better. NULL: all that were kept. */
    bool (*better)(const struct chart_group *a, const struct chart_group *b);

    /* Choose the metric, the axis or the groups by the document, before any of the above counts. 0,
     * -ENOMEM, or -ENODATA with *err set. May be NULL. */
    int (*prepare)(struct chart_view *view, struct err *err);

    /* Write the tables. False when there is nothing to draw. NULL of the forms below. */
    bool (*put)(struct chart_view *view, struct chart_data *data);

    /* What the title says: a finding. title() may leave buf as it was, "", and be NULL; then it is
     * `finding`, where models can be ranked, else the summary. */
    void (*title)(const struct chart_view *view, char *buf, size_t size);
    const char *finding;

    /* What the subtitle says. chart_fill() has the words in braces that it and `finding` may hold.
     * left_out: what the view's left_out counts, to be said when there are any. */
    const char *subtitle, *left_out;
    const char *missing; /* what a document lacks that has nothing to draw */

    /* Of the form "rows": its panels. Of the form "curves": its axes, and the function that draws
     * its panels. */
    struct chart_rows rows;
    struct chart_curves_axes axes;
    void (*put_panels)(struct chart_view *view, struct chart_curves *curves);
};

/* The registry, in the order in which charts are drawn. */
extern const struct chart *const charts[];
extern const size_t charts_count;

/* A chart's prepare(): it ranks by the percentile that the sweep bounds, else by the rarest. */
int chart_by_percentile(struct chart_view *view, struct err *err);

/* The chart of that name. NULL with *err naming the valid ones, the nearest offered. */
const struct chart *chart_find(const char *name, struct err *err);

/* Write the chart's tables and texts. 0; -ENODATA with *err saying what the document lacks, when
 * there is nothing to draw; -ENOMEM with *err set. Failures to write are reported by
 * chart_data_finish() instead. */
int chart_write(const struct chart *chart, const json_t *result, struct chart_data *data,
                struct err *err);

/* struct chart's put of the form "rows": the panels that the chart declares. */
bool chart_rows_put(struct chart_view *v, struct chart_data *data);

/* ---- Sentences that charts share: what was done, how often, where, and which model won. Functions
 * that take buf return it ---- */

/* Which loop all cells had: "closed loop", "open loop, Poisson arrivals, 10.0 s a run", "open and
 * closed loop"; or "batch", which is none. */
char *chart_loop_text(const json_t *const *cells, size_t count, char *buf, size_t size);

/* Which model the ranking by the metric has alone in the first place how often: "tasks in 3 of 5,
 * pool in 1; 1 tie". Groups in which nothing can be compared do not count; without any other "one
 * model alone". */
char *chart_tally(const struct chart_group *groups, size_t count, const struct metric *metric,
                  char *buf, size_t size);

/* Append what stands for the cell, as tables have it: "makespan 10.4 ms (97% interval 10.1 ms to
 * 10.9 ms), 6 runs; ideal 10.0 ms". */
#define CHART_HOVER_MAX 512
void chart_add_value(const struct metric *metric, const json_t *cell, char *buf, size_t size);

/* Rank the group's cells where the most lines have a value; *x: there, may be NULL. 0 or -ENOMEM.
 */
int chart_rank_group(struct ranking *r, const struct chart_group *group,
                     const struct metric *metric, double *x);

/* Rank the view's cells by its metric for the title, where they differ most: of one group, or of
 * the lines of one work where most of them have a value. 0 or -ENOMEM. */
int chart_rank(struct chart_view *v);

/* A text of a chart with these words filled in:
 *   {runs}   how the marks came to be: "median and 93% interval of 5 runs"; the weakest cell counts
 *   {loop}   chart_loop_text()
 *   {work}   job and load of all that is shown: of the first group, or of the lines
 *   {metric} the metric's title; {best} "highest" or "lowest", {better} "higher" or "lower"
 *   {axis}   the name of the axis
 *   {ranked} what was ranked: "10.1 ms under tasks, 914 ms under blocking"; those in the first
 *            place, and the last one that is surely behind
 *   {of}     their job and load; {at} their place
 *   {tally}  chart_tally() of the view's metric; {tally NAME} of another
 *   {note}   the view's own words */
char *chart_fill(const struct chart_view *v, const char *text, char *buf, size_t size);

/* The view's subtitle, what is left out, and what to know of the cells. */
char *chart_subtitle_text(const struct chart_view *v, char *buf, size_t size);

/* Write title and subtitle, and as footer the result's machine, program and date. */
void chart_headings(struct chart_data *data, const json_t *result, const char *title,
                    const char *subtitle);

#endif
