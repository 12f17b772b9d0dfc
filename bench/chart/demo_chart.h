/* The timeline of one demo, or of several side by side: data for plots/demo.gp, and its pictures.
 */
#ifndef TVA_BENCH_DEMO_CHART_H
#define TVA_BENCH_DEMO_CHART_H

#include "demos/demo_run.h"

/* Make a folder if it is missing. 0, or a negative errno with *err set. */
int demo_chart_make_dir(const char *path, struct err *err);

/* Draw runs[count], which have been performed, into DIR/<name>.svg and .png, with their data in
 * DIR/data; DIR must be there. 0, or a negative errno with *err set: -ENOENT only for that there is
 * no gnuplot. */
int demo_chart_draw(const struct demo_run *const runs[], size_t count, const char *name,
                    const char *dir, struct err *err);

#endif
