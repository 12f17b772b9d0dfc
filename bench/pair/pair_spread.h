/* How much log ratios of one metric vary from block to block. Pure functions, any thread. */
#ifndef TVA_BENCH_PAIR_SPREAD_H
#define TVA_BENCH_PAIR_SPREAD_H

#include <stddef.h>

#define PAIR_SPREAD_BLOCKS_MIN 4 /* fewer can suspect nobody at 10 %: 2^-3 is more than that */

/* The standard deviation that the bulk of the deviations would have if they were normal: those of
 * the contender from its own center, and of the relinked base from 0, without the largest quarter.
 * One block in which the machine was away for a moment does not pass for the width of all. NAN with
 * fewer than PAIR_SPREAD_BLOCKS_MIN blocks; at least 1 part in 10^6, so that one can divide by it.
 * 0; -EINVAL for a value that is not finite; -ENOMEM. */
int pair_spread_of(const double *contender, const double *relinked, size_t n, double *out);

#endif
