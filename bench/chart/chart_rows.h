/* The form "rows" (plots/rows.gp): panels with a row for each model, a dot with its interval. */
#ifndef TVA_BENCH_CHART_ROWS_H
#define TVA_BENCH_CHART_ROWS_H

#include "chart/chart.h"

/* A panel that every group has. Axes are logarithmic, in the unit of the metric. */
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

/* struct chart's put of the form: the panels that the chart declares. */
bool chart_rows_put(struct chart_view *v, struct chart_data *data);

#endif
