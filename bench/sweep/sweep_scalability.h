/* The universal scalability law, fitted to sweeps over the clients of a closed loop: for each
 * series, the throughput of all its runs against the number of clients (math/theory_scalability.h).
 */
#ifndef TVA_BENCH_SWEEP_SCALABILITY_H
#define TVA_BENCH_SWEEP_SCALABILITY_H

#include "math/theory_scalability.h"
#include "sweep/sweep.h"
#include "sweep/sweep_crossover.h"

struct sweep_scalability {
    size_t series;
    double where[SWEEP_AXES_MAX]; /* on the other axes; NAN where it makes no difference */
    struct theory_scalability law;
    char sentence[SWEEP_SENTENCE_SIZE];
};

/* Fit the law to each series that was measured with 3 numbers of clients or more; to none without
 * an axis of clients. The caller frees *out. 0, or -ENOMEM with *err set. */
int sweep_scalability_fit(const struct sweep *s, struct sweep_scalability **out, size_t *count,
                          struct err *err);

#endif
