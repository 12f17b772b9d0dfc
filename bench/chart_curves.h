/* Panels with a line for each model, named at its end: the form of the latency and throughput
 * charts (plots/curves.gp). Both axes are logarithmic; points with a value <= 0 are left out. */
#ifndef TVA_BENCH_CHART_CURVES_H
#define TVA_BENCH_CHART_CURVES_H

#include "chart_cells.h"
#include "chart_data.h"

struct chart_curves;

enum chart_curve_kind { CHART_MEASURED, CHART_IDEAL };

/* Begin the chart's tables. NULL when out of memory. data must outlive it. */
struct chart_curves *chart_curves_create(struct chart_data *data);

/* Begin the next panel. */
void chart_curves_panel(struct chart_curves *c, const char *title);

/* Begin the next line of the panel; what of a cell it shows, and whether it counts. */
void chart_curves_line(struct chart_curves *c, enum chart_curve_kind kind, const json_t *cell);

/* The next point of the line, with its interval (equal to y when there is none). */
void chart_curves_point(struct chart_curves *c, double x, double y, double low, double high);

/* End the line, with what stands at its end behind the model's name. An ideal has no text. */
void chart_curves_end_line(struct chart_curves *c, const char *text);

/* End the panel: its ranges and labels. */
void chart_curves_end_panel(struct chart_curves *c);

/* How many panels have been begun. */
size_t chart_curves_panels(const struct chart_curves *c);

/* Write what is left and free c, which may be NULL. */
void chart_curves_destroy(struct chart_curves *c);

#endif
