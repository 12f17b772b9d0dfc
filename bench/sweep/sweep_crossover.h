/* Crossovers of a sweep: where, along an axis, one model becomes better than another.
 *
 * The grid shows between which values the better one changes: the nearest two at which there is a
 * difference larger than the noise (measure/crossing.h), one way and the other. Bisection measures
 * both models again and again in between, in the same interleaved rounds, until the values on both
 * sides are near enough to each other, or as near as the noise lets them be (measure/bracket.h).
 * Where in there the crossing is, and its interval, comes from all runs of the stretch; the
 * interval is never narrower than the gap between the values measured on either side of it. */
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

/* Find them all: *out is to be freed by the caller. 0; -EINTR when a signal came, or another
 * negative errno with *err set. */
int sweep_crossovers_find(struct sweep *s, struct sweep_crossover **out, size_t *count,
                          struct err *err);

#endif
