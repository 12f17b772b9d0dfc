/* How precisely a cell is known: when a session that was asked for a precision may stop. */
#ifndef TVA_BENCH_PRECISION_H
#define TVA_BENCH_PRECISION_H

#include "run/run.h"

#define PRECISION_TIME_LIMIT_NS (300 * NS_PER_S) /* of such a session, unless another is given */

/* Of the runs[n] that did not fail: how far the 95 % interval of the median reaches from it, as a
 * share of it. Of the makespan for a batch, of the mean latency for a loop. INFINITY when there are
 * too few runs for an interval of 95 %, or no memory. */
double precision_of(const struct cell *cell, const struct run_record *runs, size_t n);

#endif
