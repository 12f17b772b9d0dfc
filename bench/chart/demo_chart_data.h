/* What plots/demo.gp reads: the timelines of demos as tables and texts. */
#ifndef TVA_BENCH_DEMO_CHART_DATA_H
#define TVA_BENCH_DEMO_CHART_DATA_H

#include "demos/demo_run.h"

/* Write the data of one chart of runs[count], which have been performed, into an existing folder:
 * DIR/<name>.gp and its tables. 0, or a negative errno with *err set. */
int demo_chart_data_write(const struct demo_run *const runs[], size_t count, const char *name,
                          const char *dir, struct err *err);

#endif
