/* Slices of a sweep: what is looked for along one axis is looked for at each combination of the
 * values of the others. One thread. */
#ifndef TVA_BENCH_SWEEP_SLICE_H
#define TVA_BENCH_SWEEP_SLICE_H

#include "sweep/sweep.h"

/* Fill in where[]: the values of slice number `slice` on the axes other than `axis`, NAN on those
 * that make no difference to series a or b (the same where there is one). false when that is the
 * same as an earlier slice, or there are no more, which *more says. */
bool sweep_slice_choose(const struct sweep *s, size_t axis, size_t a, size_t b, size_t slice,
                        double *where, bool *more);

/* Append where it is to a sentence: ", at 16 clients, at 2% poison". */
void sweep_slice_say(const struct sweep *s, size_t axis, const double *where, char *buf,
                     size_t size);

/* The axis of that name. false when there is none. */
bool sweep_slice_axis(const struct sweep *s, const char *name, size_t *axis);

#endif
