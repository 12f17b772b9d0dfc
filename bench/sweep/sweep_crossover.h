/* Crossovers of a sweep: where, along an axis, one model becomes better than another.
 *
 * The grid shows between which values the better model changes: the nearest two with a difference
 * larger than the noise (math/crossing.h), one in each direction. Bisection measures both models
 * between them, in the same interleaved rounds, until the ends are close enough, or as close as the
 * noise allows (math/bracket.h). The crossing and its interval are estimated from all runs of the
 * stretch; the interval is never narrower than the gap between the values measured on either side.
 * One thread. */
#ifndef TVA_BENCH_SWEEP_CROSSOVER_H
#define TVA_BENCH_SWEEP_CROSSOVER_H

#include "sweep/sweep.h"

#define SWEEP_SENTENCE_SIZE 1024

struct sweep_crossover {
    size_t axis;
    size_t from, to;              /* series: better below, better above */
    double where[SWEEP_AXES_MAX]; /* on the other axes; NAN where neither has it */
    double at, ci_low, ci_high;
    char sentence[SWEEP_SENTENCE_SIZE];
};

/* Find all crossovers; the caller frees *out. 0; -EINTR when a signal came, or another negative
 * errno with *err set. */
int sweep_crossovers_find(struct sweep *s, struct sweep_crossover **out, size_t *count,
                          struct err *err);

#endif
