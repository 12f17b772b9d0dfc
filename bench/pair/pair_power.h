/* How much ratios vary from block to block, and what so many blocks can show. Pure functions, any
 * thread. Ratios are logarithms, as in pair_decide.h; spread is the standard deviation of a block.
 */
#ifndef TVA_BENCH_PAIR_POWER_H
#define TVA_BENCH_PAIR_POWER_H

#include <stdbool.h>
#include <stddef.h>

#define PAIR_POWER_BLOCKS_MIN 4 /* fewer can suspect nothing at 10 %: 2^-3 is more than that */

/* The standard deviation that the bulk of the deviations would have if they were normal: those of
 * the contender from its own center, and of the relinked base from 0, without the largest quarter.
 * So one block in which the machine did something else does not widen all. NAN with fewer than
 * PAIR_POWER_BLOCKS_MIN blocks; at least 1 part in 10^6, so that it can be divided by. 0; -EINVAL
 * for a value that is not finite; -ENOMEM. */
int pair_power_spread(const double *contender, const double *relinked, size_t n, double *out);

/* What a regression has to exceed: 2 %, or what 95 % of estimates from n blocks of equal code stay
 * below. */
double pair_power_minimal(double spread, size_t n);

/* The smallest effect that n blocks show with 90 % by a test at that alpha, in *out; INFINITY where
 * they can show nothing. 0 or errors as of stats_power_effect(). */
int pair_power_smallest(double spread, size_t n, double alpha, double *out);

/* Does the test of n blocks, PAIR_FRESH_MAX at most, still reach alpha when one block contradicts
 * all others with the largest difference? P(W <= n): its rank is n, and W's distribution is
 * symmetrical. 0 or -ENOMEM. */
int pair_power_bears_one(size_t n, double alpha, bool *out);

#endif
