/* The queue itself instead of a formula: what each job has to wait when these arrivals with these
 * service times meet c servers, first come first served, and nothing else costs time.
 *
 * Fed with what one run drew, this tells the waits that theory has for that very run: measured
 * minus this is what the implementation adds, free of the luck of the draw; and this minus the
 * formula is that luck, a control variate (Lavenberg and Welch, "A perspective on the use of
 * control variables to increase the efficiency of Monte Carlo simulations", Management Science 27,
 * 1981). Any thread. */
#ifndef TVA_MATH_THEORY_FIFO_H
#define TVA_MATH_THEORY_FIFO_H

#include <stddef.h>
#include <stdint.h>

/* waits_ns[i] gets the time from arrival i until a server takes it up. arrivals_ns[n] do not fall;
 * service_ns[n] are theirs; servers >= 1, and n or more are as many as there are jobs. The three
 * may not overlap, but waits_ns may be service_ns. Sums beyond UINT64_MAX stop there. One server:
 * the recursion of Lindley, "The theory of queues with a single server", 1952. More: the times at
 * which they are free, in a heap, the workload vector of Kiefer and Wolfowitz, "On the theory of
 * queues with many servers", 1955; n log c steps. 0; -EINVAL when arrivals fall or servers is 0
 * (waits_ns are then not to be used), or -ENOMEM. */
int theory_fifo_waits(const uint64_t *arrivals_ns, const uint64_t *service_ns, size_t n,
                      uint64_t servers, uint64_t *waits_ns);

#endif
