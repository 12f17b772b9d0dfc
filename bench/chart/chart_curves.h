/* The form "curves" (plots/curves.gp): panels with a line for each model, named at its end. The y
 * axis is logarithmic, but for CHART_LINEAR; points with a value <= 0 are left out, and so are
 * those with x <= 0, unless x is linear. Panels have marks, bounds and notes. One thread at a time.
 */
#ifndef TVA_BENCH_CHART_CURVES_H
#define TVA_BENCH_CHART_CURVES_H

#include "chart/chart.h"

#include <math.h>

#define CHART_PANELS_MAX       12 /* of one chart */
#define CHART_CURVE_LABELS_MAX (CHART_PANELS_MAX * CHART_GROUP_CELLS)

/* The range of a logarithmic axis. Begin with CHART_NO_RANGE and include every value; values that
 * are not positive have no place on the axis and are ignored. */
struct chart_range {
    double lo, hi;
};

#define CHART_NO_RANGE ((struct chart_range){INFINITY, 0})

/* The value, NAN if it is not positive: that has no place on such an axis. */
static inline double chart_positive(double value)
{
    return value > 0 ? value : (double)NAN;
}

void chart_range_include(struct chart_range *range, double value);

/* Widen it by a margin, and to a factor of 4 at least. */
void chart_range_finish(struct chart_range *range);

/* Move labels apart: positions[n] on one axis between lo and hi, given where each would like to be,
 * so that neighbours are at least `gap` apart; their order is kept. n <= CHART_SPREAD_MAX. */
#define CHART_SPREAD_MAX 64
void chart_spread(double *positions, size_t n, double gap, double lo, double hi);

/* An ideal is dotted and black, a theory thin. */
enum chart_curve_kind { CHART_MEASURED, CHART_IDEAL, CHART_THEORY };
enum chart_curve_dash { CHART_OWN_DASH, CHART_SOLID, CHART_DASHED };

/* A line: what of a cell it shows. Where it is one of several of its model: what it is called in
 * place of the model, how pale it is (0 to 1), and its dash. */
struct chart_curve {
    enum chart_curve_kind kind;
    const json_t *cell;
    const char *name;
    double pale;
    enum chart_curve_dash dash;
    bool uncorrected; /* of percentiles: those counted from the start of a job */
};

/* The chart while it is written; its members are chart_curves.c's. */
struct chart_curves {
    struct chart_data *data;
    struct chart_curves_axes axes;
    size_t panels, lines, labels_count, marks, bounds, notes;

    struct chart_curve line; /* the current one */
    double last_x, last_y;   /* its last valid point, or the last if none is valid */
    bool any_valid, gap_due;
    size_t points;

    struct chart_curves_panel {
        struct chart_curves_ranges {
            struct chart_range x, y;
            double top;       /* of y as far as data goes: above it are marks and notes */
            double linear_hi; /* of a linear axis */
            double least_x;   /* on a linear axis, where 0 counts too */
            size_t rows;      /* of marks and notes */
        } ranges;
        size_t marks, notes;
    } panel[CHART_PANELS_MAX + 1]; /* counted from 1 */

    struct chart_curves_label {
        size_t panel;
        double x, y, at, at_linear; /* where the line ends, and where the label stands */
        const char *model;
        bool valid, alarm;
        char text[CHART_LABEL_MAX + 64];
    } labels[CHART_CURVE_LABELS_MAX];
};

/* Begin the chart's tables. data must outlive c. */
void chart_curves_begin(struct chart_curves *c, struct chart_data *data,
                        const struct chart_curves_axes *axes);

/* Begin the next panel, which ends the one before; at most CHART_PANELS_MAX. y_title: of its y
 * axis; NULL: the chart's. */
void chart_curves_panel(struct chart_curves *c, const char *title, const char *y_title);

/* Begin the next line of the panel; the next point of it; and end it, with what stands at its end:
 * behind its name where it was measured, else alone, and nothing for "". A line without points is
 * not drawn. */
void chart_curves_line(struct chart_curves *c, const struct chart_curve *line);
void chart_curves_point(struct chart_curves *c, double x, double y);
void chart_curves_end_line(struct chart_curves *c, const char *text);

/* A line of the metric along a series, from its first point to its last, with intervals. An invalid
 * cell's point is marked as such and interrupts the line; a missing value only does the latter. The
 * line has the series' label, if `line` has no name, and ends with its last value. */
void chart_curves_series(struct chart_curves *c, const struct chart_series *series,
                         const struct metric *metric, struct chart_curve line);

/* What theory says of the metric along the series, as far as it says anything; the line ends with
 * the text. */
void chart_curves_theory(struct chart_curves *c, const struct chart_series *series,
                         const struct metric *metric, const char *text);

/* A line over the percentiles of the cell's latencies, which ends where fewer than
 * CHART_SAMPLES_BEYOND samples of a run lie beyond, with its last latency: at each the median of
 * the runs. Of runs that carry none, and in documents that do not tell runs apart: over all jobs.
 */
#define CHART_SAMPLES_BEYOND 10
void chart_curves_percentiles(struct chart_curves *c, struct chart_curve line);

/* Can the cell's latencies be drawn as percentiles: are they in the document, and enough? */
bool chart_curves_has_percentiles(const json_t *cell);

/* The few percentiles that queueing theory gives for the cell, as far as the samples reach. */
void chart_curves_percentiles_theory(struct chart_curves *c, const json_t *cell);

/* A place on the panel's x axis worth a line: a knee, a crossing. low and high: its interval, NAN
 * for none. alarm: in the colour of alarm. Ignored when `at` is not > 0. */
void chart_curves_mark(struct chart_curves *c, double at, double low, double high, bool alarm,
                       const char *text);

/* A bound on the panel's y axis, named where lines are. Ignored when `at` is not > 0. */
void chart_curves_bound(struct chart_curves *c, double at, const char *text);

/* A line of text in the panel's upper left corner, in the model's colour. */
void chart_curves_note(struct chart_curves *c, const char *model, const char *text);

/* Write what is left. Returns whether there is any line: without one there is nothing to draw. */
bool chart_curves_end(struct chart_curves *c);

#endif
