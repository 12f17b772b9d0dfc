/* The queue itself instead of a formula: how long each job waits when these arrivals with these
 * service times meet c servers, first come first served, and nothing else takes time.
 *
 * With the draws of one run this gives the ideal waits of that very run. Measured minus this is
 * what the implementation adds, without the luck of the draw; this minus the formula is that luck,
 * a control variate (Lavenberg and Welch, "A perspective on the use of control variables to
 * increase the efficiency of Monte Carlo simulations", Management Science 27, 1981). Any thread. */
#ifndef TVA_MATH_THEORY_FIFO_H
#define TVA_MATH_THEORY_FIFO_H

#include <stddef.h>
#include <stdint.h>

/* waits_ns[i] gets the time from arrival i until a server takes it. arrivals_ns[n] ascend;
 * service_ns[n] belong to them; servers >= 1. The arrays may not overlap, but waits_ns may be
 * service_ns. Sums stop at UINT64_MAX. One server: the recursion of Lindley, "The theory of queues
 * with a single server", 1952. More: a heap of the times at which servers become free, the workload
 * vector of Kiefer and Wolfowitz, "On the theory of queues with many servers", 1955; n log c steps.
 * 0; -EINVAL when arrivals fall or servers is 0, or -ENOMEM: then waits_ns are not to be used. */
int theory_fifo_waits(const uint64_t *arrivals_ns, const uint64_t *service_ns, size_t n,
                      uint64_t servers, uint64_t *waits_ns);

#endif
