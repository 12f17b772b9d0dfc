/* What so many blocks can show. Pure functions, any thread. Ratios are logarithms, as in
 * pair_decide.h; spread is the standard deviation of a block. */
#ifndef TVA_BENCH_PAIR_POWER_H
#define TVA_BENCH_PAIR_POWER_H

#include <stdbool.h>
#include <stddef.h>

/* What a regression has to exceed: 2 %, or what 95 % of estimates from n blocks of equal code stay
 * below. */
double pair_power_minimal(double spread, size_t n);

/* The smallest effect that n blocks show with 90 % by a test at that alpha, in *out; INFINITY where
 * they can show nothing. 0 or errors as of stats_power_effect(). */
int pair_power_smallest(double spread, size_t n, double alpha, double *out);

/* Can one block say the contrary of all others, and louder than any, without making the test of n
 * blocks, PAIR_FRESH_MAX at most, miss alpha? P(W <= n): its rank is n, and W's distribution is
 * symmetrical. 0 or -ENOMEM. */
int pair_power_bears_one(size_t n, double alpha, bool *out);

#endif
