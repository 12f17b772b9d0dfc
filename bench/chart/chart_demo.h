/* The timeline of one demo, or of several side by side. */
#ifndef TVA_BENCH_CHART_DEMO_H
#define TVA_BENCH_CHART_DEMO_H

#include "demos/demo_run.h"

/* Draw runs[count], which have been performed, into DIR/<name>.svg and .png, with their data in
 * DIR/data; folders are made. 0, or a negative errno with *err set: -ENOPKG only without gnuplot.
 */
int chart_demo_draw(const struct demo_run *const runs[], size_t count, const char *name,
                    const char *dir, struct err *err);

#endif
