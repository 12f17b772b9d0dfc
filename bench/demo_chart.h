/* The timeline of one demo, or of several side by side: data for plots/demo.gp, and its pictures.
 */
#ifndef TVA_BENCH_DEMO_CHART_H
#define TVA_BENCH_DEMO_CHART_H

#include "demos/demo_run.h"

#define DEMO_CHART_PANELS_MAX 4

/* Draw runs[count], which have been performed, into DIR/<name>.svg and .png, with their data in
 * DIR/data; folders that are missing are made, one level deep. 0, or a negative errno with *err
 * set: -ENOENT without gnuplot. */
int demo_chart_draw(const struct demo_run *const runs[], size_t count, const char *name,
                    const char *dir, struct err *err);

#endif
