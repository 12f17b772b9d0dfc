/* The knee of a sweep: for each series, the highest rate that keeps a bound on a metric
 * (--slo p99=20ms), found by bisection with repeated runs.
 *
 * A run keeps the bound when its metric is at most the bound, at most 0.1 % of its arrivals were
 * refused or not served, and the generator kept its schedule; a run that failed does not. A rate
 * keeps the bound when the median of its runs does; that is sure when the whole interval of the
 * median (math/stats.h) does. The search grows the stretch until one end is surely kept and the
 * other surely broken, then narrows it (math/bracket.h). The knee is the highest rate below the
 * first broken one that is kept; its interval reaches from the highest rate surely kept to the
 * lowest surely broken. Below SWEEP_ROUNDS_MIN rounds it has none. One thread. */
#ifndef TVA_BENCH_SWEEP_KNEE_H
#define TVA_BENCH_SWEEP_KNEE_H

#include "sweep/sweep.h"

/* Add all knees to the answers, along the axis of rates, which there has to be. 0; -EINTR when a
 * signal came, or another negative errno with *err set. */
int sweep_knees_find(struct sweep *s, struct sweep_answers *out, struct err *err);

/* Does a cell keep the bound? *sure: -1 surely, 1 surely not, 0 cannot tell; *kept: by the median.
 * false when it has no runs, or when out of memory. */
bool sweep_knee_judge(const struct sweep *s, const struct sweep_cell *cell, int *sure, bool *kept);

#endif
