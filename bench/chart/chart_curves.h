/* Panels with a line for each model, named at its end: the form of the charts that have
 * plots/curves.gp. The y axis is logarithmic; points with a value <= 0 are left out, and so are
 * those with x <= 0, unless x is linear. */
#ifndef TVA_BENCH_CHART_CURVES_H
#define TVA_BENCH_CHART_CURVES_H

#include "chart/chart_cells.h"
#include "chart/chart_data.h"

#include <stdbool.h>

#define CHART_PANELS_MAX 12 /* of one chart */

struct chart_curves;

/* An ideal is dotted, a theory thin; neither is named. */
enum chart_curve_kind { CHART_MEASURED, CHART_IDEAL, CHART_THEORY };

/* Begin the chart's tables. NULL when out of memory. data must outlive it. */
struct chart_curves *chart_curves_create(struct chart_data *data);

/* All panels have the same ranges on both axes (linear_x: x from the least to the greatest value,
 * 0 allowed). Call before the first panel. */
void chart_curves_share_ranges(struct chart_curves *c);
void chart_curves_linear_x(struct chart_curves *c);

/* Begin the next panel, at most CHART_PANELS_MAX. y_title: of its y axis; NULL for the script's. */
void chart_curves_panel(struct chart_curves *c, const char *title, const char *y_title);

/* Begin the next line of the panel; what of a cell it shows, and whether it counts. */
void chart_curves_line(struct chart_curves *c, enum chart_curve_kind kind, const json_t *cell);

/* The line is one of several of its model: what it is called in place of the model, how pale it is
 * (0 to 1), and its dash. */
enum chart_curve_dash { CHART_OWN_DASH, CHART_SOLID, CHART_DASHED };
void chart_curves_look(struct chart_curves *c, const char *name, double pale,
                       enum chart_curve_dash dash);

/* The next point of the line, with its interval (equal to y when there is none). */
void chart_curves_point(struct chart_curves *c, double x, double y, double low, double high);

/* The same for a line over cells: an invalid cell's point is marked as such and interrupts the
 * line, a missing value only does the latter. */
void chart_curves_cell_point(struct chart_curves *c, double x, const json_t *cell,
                             const struct metric_value *v);

/* End the line, with what stands at its end behind the model's name. */
void chart_curves_end_line(struct chart_curves *c, const char *text);

/* A place on the panel's x axis worth a line: a knee, a crossing. low and high: its interval, NAN
 * for none. alarm: in the colour of alarm. Ignored when `at` is not > 0. */
void chart_curves_mark(struct chart_curves *c, double at, double low, double high, bool alarm,
                       const char *text);

/* A bound on the panel's y axis, named where lines are. Ignored when `at` is not > 0. */
void chart_curves_bound(struct chart_curves *c, double at, const char *text);

/* A line of text in the panel's upper left corner, in the model's colour. */
void chart_curves_note(struct chart_curves *c, const char *model, const char *text);

/* End the panel: its ranges and labels. */
void chart_curves_end_panel(struct chart_curves *c);

/* How many lines have points so far: without any there is nothing to draw. */
size_t chart_curves_lines(const struct chart_curves *c);

/* Write what is left and free c, which may be NULL. */
void chart_curves_destroy(struct chart_curves *c);

#endif
