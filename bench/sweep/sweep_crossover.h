/* Crossovers of a sweep: where, along an axis, one model becomes better than another.
 *
 * The grid shows between which values the better model changes: the nearest two with a difference
 * larger than the noise (math/crossing.h), one in each direction. Bisection measures both models
 * between them, in the same interleaved rounds, until the ends are close enough, or as close as the
 * noise allows (math/bracket.h). The crossing and its interval are estimated from all runs of the
 * stretch; the interval is never narrower than the gap between the values measured on either side.
 * Below SWEEP_ROUNDS_MIN rounds there is no difference, so no crossing.
 *
 * A change back that rests on one value of the axis contradicts the change before it: at 5 % a
 * comparison, chance alone brings about one. The two become one answer, "undecided between", from
 * the first interval's lower end to the second's upper one. One thread. */
#ifndef TVA_BENCH_SWEEP_CROSSOVER_H
#define TVA_BENCH_SWEEP_CROSSOVER_H

#include "sweep/sweep.h"

/* Add all crossovers to the answers. 0; -EINTR when a signal came, or another negative errno with
 * *err set. */
int sweep_crossovers_find(struct sweep *s, struct sweep_answers *out, struct err *err);

#endif
