/* The signed-rank test of whether values lie to one side of a number, without assuming anything of
 * how they are distributed but that they are so symmetrically: for differences and log ratios of
 * pairs. Pure functions, any thread.
 *
 * Sources: Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945;
 * values that are equal to the number are dropped, as he does, and ties share the mean of their
 * ranks. Probabilities are those of the 2^n equally likely signs of the ranks that there are
 * (Pratt and Gibbons, Concepts of Nonparametric Theory, 1981, chapter 3), so that they are exact
 * with ties as well. */
#ifndef TVA_MATH_STATS_SIGNED_RANK_H
#define TVA_MATH_STATS_SIGNED_RANK_H

#include <stdbool.h>
#include <stddef.h>

#define STATS_SIGNED_RANK_EXACT_MAX 200 /* values; above, the normal approximation */

struct stats_signed_rank {
    size_t used;  /* values that are not equal to the number */
    double w;     /* sum of the ranks of those above it: R's V */
    bool exact;   /* else by the normal approximation, corrected for ties and continuity */
    double above; /* P(W >= w): small where values lie above the number */
    double below; /* P(W <= w) */
    double p;     /* two-sided: twice the lesser, at most 1 */
};

/* Compare values[n] with `center`. Without any other value than `center` all probabilities are 1.
 * 0; -EINVAL when n is 0 or a value or the center is not finite; -ENOMEM. */
int stats_signed_rank_of(const double *values, size_t n, double center,
                         struct stats_signed_rank *out);

/* The largest sum of ranks of n values, n (n + 1) / 2. */
size_t stats_signed_rank_max(size_t n);

/* P(W = w) without ties, in at[w] for w = 0 to stats_signed_rank_max(n): the caller's array of so
 * many and one. n * n * n / 2 steps; n <= STATS_SIGNED_RANK_EXACT_MAX, else -ERANGE. */
int stats_signed_rank_probabilities(size_t n, double *at);

#endif
