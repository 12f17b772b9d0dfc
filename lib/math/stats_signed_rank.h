/* The signed-rank test: whether values lie to one side of a number, if their distribution is
 * symmetric; for differences and log ratios of pairs. Pure functions, any thread.
 *
 * Sources: Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945.
 * Values that are equal to the number are dropped, as there, and ties share the mean of their
 * ranks. Probabilities are over the 2^n equally likely signs of these ranks (Pratt and Gibbons,
 * Concepts of Nonparametric Theory, 1981, chapter 3), and so exact with ties as well. */
#ifndef TVA_MATH_STATS_SIGNED_RANK_H
#define TVA_MATH_STATS_SIGNED_RANK_H

#include <stdbool.h>
#include <stddef.h>

#define STATS_SIGNED_RANK_EXACT_MAX 200 /* values; beyond, the normal approximation */

struct stats_signed_rank {
    size_t used;  /* values that are not equal to the number */
    double w;     /* sum of the ranks of values above the number: R's V */
    bool exact;   /* false: the normal approximation, corrected for ties and continuity */
    double above; /* P(W >= w): small if values lie above the number */
    double below; /* P(W <= w) */
    double p;     /* two-sided: twice the smaller of the two, at most 1 */
};

/* Compare values[n] with `center`. If all are equal to it, all probabilities are 1. 0; -EINVAL when
 * n is 0 or a value or the center is not finite; -ENOMEM. */
int stats_signed_rank_of(const double *values, size_t n, double center,
                         struct stats_signed_rank *out);

/* The largest sum of ranks of n values, n (n + 1) / 2. */
size_t stats_signed_rank_max(size_t n);

/* P(W = w) without ties, into at[w] for w = 0 to stats_signed_rank_max(n). n * n * n / 2 steps; n
 * <= STATS_SIGNED_RANK_EXACT_MAX, else -ERANGE. */
int stats_signed_rank_probabilities(size_t n, double *at);

#endif
