/* Two series of a sweep along one axis: at which values both were measured, and which is better
 * there. One thread. */
#ifndef TVA_BENCH_SWEEP_PAIR_H
#define TVA_BENCH_SWEEP_PAIR_H

#include "math/bracket.h"
#include "sweep/sweep.h"

#define SWEEP_PAIR_POINTS_MAX (SWEEP_AXIS_VALUES_MAX + 64)

struct sweep_pair {
    struct sweep *sweep;
    size_t axis, a, b;            /* a and b: series */
    double where[SWEEP_AXES_MAX]; /* on the other axes; NAN where it makes no difference */
    size_t n;
    struct bracket_point points[SWEEP_PAIR_POINTS_MAX]; /* ascending; 1: a is better */
    size_t counts[SWEEP_PAIR_POINTS_MAX][2];            /* of values */
    double *values;
};

/* Before the first pair. NULL when out of memory. */
struct sweep_pair *sweep_pair_create(struct sweep *s);
void sweep_pair_destroy(struct sweep_pair *p);

/* Go on to the next two series that can be compared, and axis along which they can. false when
 * there are no more. */
bool sweep_pair_next(struct sweep_pair *p);

/* Fill in what was measured so far: points, counts and values. 0 or -ENOMEM. */
int sweep_pair_look(struct sweep_pair *p);

/* The values of the sweep's metric at points[i] of a (which: 0) or b (1): counts[i][which] of them.
 */
double *sweep_pair_values(const struct sweep_pair *p, size_t i, size_t which);

#endif
