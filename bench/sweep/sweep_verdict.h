/* Does a rate keep the bound on a metric (--slo p99=20ms)?
 *
 * A run keeps it when its metric is at most the bound, no more than SWEEP_VERDICT_LOST_MAX of its
 * arrivals were refused or not served, and the generator kept its schedule; a run that failed does
 * not. A rate is kept when the median of its runs is; that is sure when the median's whole interval
 * (measure/stats.h) is. Pure functions, any thread. */
#ifndef TVA_BENCH_SWEEP_VERDICT_H
#define TVA_BENCH_SWEEP_VERDICT_H

#include "sweep/sweep.h"

#define SWEEP_VERDICT_LOST_MAX 0.001

/* Of a cell: -1 surely, 1 surely not, 0 cannot tell; *kept: by the median. false when it has no
 * runs, or no memory is left. */
bool sweep_verdict_of(const struct sweep *s, const struct sweep_cell *cell, int *sure, bool *kept);

/* Did the generator of a run fail to keep its schedule, by more than this machine's timers do? */
bool sweep_verdict_late(const struct sweep *s, const struct sweep_run *run);

#endif
