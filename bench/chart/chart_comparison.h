/* The pictures of comparisons, as SVG and PNG. One thread at a time. */
#ifndef TVA_BENCH_CHART_COMPARISON_H
#define TVA_BENCH_CHART_COMPARISON_H

#include "base/err.h"
#include "compare/compare.h"
#include "compare/compare_history.h"

/* Draw ratios_b.svg, before_after_b.svg and the same as PNG in the folder, which is made: "b" is
 * the comparison's label. What there is no data for is left out with a note. 0 or a negative errno
 * with *err set. */
int compare_charts_draw(const struct compare *c, const char *dir, struct err *err);

/* The same for history_makespan.svg. */
int compare_charts_draw_history(const struct compare_history *h, const char *dir, struct err *err);

#endif
