/* The inside of chart_curves.h: what is known of the panels, and where their labels and marks go.
 * Nobody else includes it. */
#ifndef TVA_BENCH_CHART_CURVES_LAYOUT_H
#define TVA_BENCH_CHART_CURVES_LAYOUT_H

#include "chart/chart_curves.h"

#define LABELS_MAX (CHART_PANELS_MAX * CHART_GROUP_CELLS)
#define MARKS_MAX  8 /* of one panel */

/* Pixels of a panel's plot, which plots/curves.gp is told. */
#define CHART_PLOT_HEIGHT 230.0

struct curves_label {
    size_t panel;
    double x, y, at; /* where the line ends, and where the label stands */
    const char *model;
    bool valid, alarm;
    char text[CHART_LABEL_MAX + 64];
};

struct chart_curves {
    struct chart_data *data;
    size_t panels, lines, labels_count, marks, bounds, notes;
    bool shared, linear_x;
    struct curves_label labels[LABELS_MAX];

    struct curves_panel {
        struct chart_range x, y, theory;
        double least_x; /* on a linear axis, where 0 counts too */
        size_t marks, notes;
        double marks_at[MARKS_MAX];
        size_t mark_ids[MARKS_MAX];
    } panel[CHART_PANELS_MAX + 1]; /* counted from 1 */

    struct curves_line {
        const json_t *cell;
        enum chart_curve_kind kind;
        const char *name;
        double pale, last_x, last_y; /* the last valid point, or the last of an invalid line */
        enum chart_curve_dash dash;
        bool any_valid, gap_due;
        size_t points;
    } line;
};

/* Decide the ranges of all panels, and the places of labels and marks in them. */
void chart_curves_lay_out(struct chart_curves *c);

void chart_curves_write_labels(const struct chart_curves *c);

#endif
