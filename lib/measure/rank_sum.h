/* The rank-sum test of whether values of one kind tend to be greater than those of another, without
 * assuming anything of how they are distributed. Pure functions, any thread.
 * Sources: Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945; Mann
 * and Whitney, "On a test of whether one of two random variables is stochastically larger than the
 * other", Annals of Mathematical Statistics 18, 1947, which has the recurrence for exact
 * probabilities used here. */
#ifndef TVA_MEASURE_RANK_SUM_H
#define TVA_MEASURE_RANK_SUM_H

#include <stddef.h>

#define RANK_SUM_EXACT_MAX 1000 /* pairs; above, the normal approximation is good to 3 digits */

struct rank_sum {
    double u; /* pairs in which a is the greater one, ties half: from 0 to a_count * b_count */
    double p; /* two-sided: exact without ties where there are few values, else by the normal
                 approximation; with ties the exact one is nearest to what it would be */
};

/* Values to compare, at least 1 each. 0 or -ENOMEM. */
int rank_sum_of(const double *a, size_t a_count, const double *b, size_t b_count,
                struct rank_sum *out);

/* P(U = u) of n and m values without ties, in at[u] for u = 0 to n * m: the caller's array. n and m
 * >= 1; -ERANGE when n * m is above RANK_SUM_EXACT_MAX, else 0. */
int rank_sum_probabilities(size_t n, size_t m, double *at);

#endif
