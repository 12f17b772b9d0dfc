/* The universal scalability law, fitted to sweeps over the clients of a closed loop: for each
 * series, the throughput of all its runs against the number of clients (math/theory_scalability.h).
 * A law that misses the median of a measured point by more than SWEEP_SCALABILITY_MISS of it
 * explains nothing: the answer says so and has no figures of the law. */
#ifndef TVA_BENCH_SWEEP_SCALABILITY_H
#define TVA_BENCH_SWEEP_SCALABILITY_H

#include "sweep/sweep.h"

#define SWEEP_SCALABILITY_MISS 0.10

/* Fit the law to each series that was measured with 3 numbers of clients or more; to none without
 * an axis of clients. Adds the laws to the answers. 0, or -ENOMEM with *err set. */
int sweep_scalability_fit(const struct sweep *s, struct sweep_answers *out, struct err *err);

#endif
