/* Charts: what tva plot draws. The table is in chart.c, an entry in chart_<name>.c.
 *
 * A chart reads the result document alone. It declares which cells it shows, the metric that it is
 * about, and what stands under its title; its functions compute the finding that the title states
 * and put the values into tables. plots/<form>.gp draws them: charts of one form share the script
 * and the functions that write what it reads (chart_rows.h, chart_curves.h). */
#ifndef TVA_BENCH_CHART_H
#define TVA_BENCH_CHART_H

#include "base/err.h"
#include "chart/chart_data.h"
#include "chart/chart_series.h"
#include "export/ranking.h"

struct chart_curves;

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
    const json_t *ranked;      /* the first of them; NULL: there are none */
    double ranked_x;           /* where on the axis they are */
    char note[CHART_WORK_MAX]; /* what {note} stands for; "" unless put() or prepare() sets it */
};

struct chart {
    const char *name, *summary;
    const char *form;   /* the script, plots/<form>.gp; of a chart with put() */
    const char *metric; /* of the catalogue: its interval is drawn, and the title ranks by it; NULL:
                           what prepare() or the document chooses */

    /* Which cells: groups of those of which `shows` is true, kept by bits of enum chart_keep, and
     * along an axis, where one has a line of `points` points or more. */
    bool (*shows)(const json_t *cell);
    unsigned keep;
    const char *axis;
    size_t points;
    size_t most; /* groups, or lines of the only one; 0: no limit */

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

    /* What the subtitle says. chart_text.h has the words in braces that it and `finding` may hold.
     * left_out: what the view's left_out counts, to be said when there are any. */
    const char *subtitle, *left_out;
    const char *missing; /* what a document lacks that has nothing to draw */

    /* Of the form "rows": its panels. Of the form "curves": its axes, and the function that draws
     * its panels. */
    const struct chart_rows *rows;
    const struct chart_curves_axes *axes;
    void (*put_panels)(struct chart_view *view, struct chart_curves *curves);
};

/* The registry, in the order in which charts are drawn. */
extern const struct chart *const charts[];
extern const size_t charts_count;

/* A chart's prepare(): it ranks by the percentile that the sweep has a bound on, else by the
 * rarest.
 */
int chart_by_percentile(struct chart_view *view, struct err *err);

/* The chart of that name. NULL with *err naming the valid ones, the nearest offered. */
const struct chart *chart_find(const char *name, struct err *err);

/* Write the chart's tables and texts. 0; -ENODATA with *err saying what the document lacks, when
 * there is nothing to draw; -ENOMEM with *err set. Failures to write are reported by
 * chart_data_finish() instead. */
int chart_write(const struct chart *chart, const json_t *result, struct chart_data *data,
                struct err *err);

#endif
