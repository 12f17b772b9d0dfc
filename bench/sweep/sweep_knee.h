/* The knee of a sweep: for each series, the highest rate at which a bound on a metric is kept
 * (--slo p99=20ms), looked for by bisection with repeated runs.
 *
 * sweep_verdict.h says of a rate whether it keeps the bound, surely or by the median. The search
 * grows the stretch until one end is surely kept and the other surely broken, then
 * narrows it (measure/bracket.h). The knee is the highest rate below the first broken one that is
 * kept; its interval reaches from the highest rate surely kept to the lowest surely broken. */
#ifndef TVA_BENCH_SWEEP_KNEE_H
#define TVA_BENCH_SWEEP_KNEE_H

#include "sweep/sweep.h"
#include "sweep/sweep_crossover.h"

struct sweep_knee {
    size_t series;
    double where[SWEEP_AXES_MAX]; /* on the other axes; NAN where it makes no difference */
    double rate, ci_low, ci_high; /* a second; NAN where the search came to no end */
    char sentence[SWEEP_SENTENCE_SIZE];
};

/* Find them all, along the axis of rates, which there has to be: *out is to be freed by the caller.
 * 0; -EINTR when a signal came, or another negative errno with *err set. */
int sweep_knees_find(struct sweep *s, struct sweep_knee **out, size_t *count, struct err *err);

#endif
