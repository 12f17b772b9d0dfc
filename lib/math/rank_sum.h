/* The rank-sum test: whether values of one kind tend to be greater than values of another, whatever
 * their distribution. Pure functions, any thread.
 * Sources: Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945; Mann
 * and Whitney, "On a test of whether one of two random variables is stochastically larger than the
 * other", Annals of Mathematical Statistics 18, 1947. Ties share the mean of their ranks, and exact
 * probabilities are over all ways to share out these ranks: Lehmann,
 * Nonparametrics: Statistical Methods Based on Ranks, 1975, section 1.4. */
#ifndef TVA_MATH_RANK_SUM_H
#define TVA_MATH_RANK_SUM_H

#include <stddef.h>

#define RANK_SUM_EXACT_MAX 1000 /* pairs; beyond, the normal approximation is good to 3 digits */

struct rank_sum {
    double u;     /* pairs in which a is greater, ties count half: 0 to a_count * b_count */
    double above; /* P(U >= u): small if a is greater; exact up to RANK_SUM_EXACT_MAX pairs */
    double below; /* P(U <= u) */
    double p;     /* two-sided: twice the smaller of the two, at most 1 */
};

/* Compare a with b, at least 1 value each. 0 or -ENOMEM. */
int rank_sum_of(const double *a, size_t a_count, const double *b, size_t b_count,
                struct rank_sum *out);

/* P(U = u) for n and m values without ties, into at[u] for u = 0 to n * m. n and m >= 1. 0; -ERANGE
 * when n * m is above RANK_SUM_EXACT_MAX; -ENOMEM. */
int rank_sum_probabilities(size_t n, size_t m, double *at);

#endif
