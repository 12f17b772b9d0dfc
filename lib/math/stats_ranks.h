/* Tests, estimates and intervals by ranks, which assume little of how values are distributed; and
 * the correction for many tests. Pure functions, any thread. */
#ifndef TVA_MATH_STATS_RANKS_H
#define TVA_MATH_STATS_RANKS_H

#include <stdbool.h>
#include <stddef.h>

/* The signed-rank test: whether values lie to one side of a number, if their distribution is
 * symmetric; for differences and log ratios of pairs. Sources: Wilcoxon, "Individual comparisons by
 * ranking methods", Biometrics Bulletin 1, 1945. Values that are equal to the number are dropped,
 * as there, and ties share the mean of their ranks. Probabilities are over the 2^n equally likely
 * signs of these ranks (Pratt and Gibbons, Concepts of Nonparametric Theory, 1981, chapter 3), and
 * so exact with ties as well. */
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

/* The rank-sum test: whether values of one kind tend to be greater than values of another, whatever
 * their distribution. Sources: Wilcoxon, "Individual comparisons by ranking methods", Biometrics
 * Bulletin 1, 1945; Mann and Whitney, "On a test of whether one of two random variables is
 * stochastically larger than the other", Annals of Mathematical Statistics 18, 1947. Ties share the
 * mean of their ranks, and exact probabilities are over all ways to share out these ranks: Lehmann,
 * Nonparametrics: Statistical Methods Based on Ranks, 1975, section 1.4. */
#define STATS_RANK_SUM_EXACT_MAX                                                                   \
    1000 /* pairs; the normal approximation is good to 3 digits then                               \
          */

struct stats_rank_sum {
    double u;     /* pairs in which a is greater, ties count half: 0 to a_count * b_count */
    double above; /* P(U >= u): small if a is greater; exact up to STATS_RANK_SUM_EXACT_MAX pairs */
    double below; /* P(U <= u) */
    double p;     /* two-sided: twice the smaller of the two, at most 1 */
};

/* Compare a with b, at least 1 value each. 0 or -ENOMEM. */
int stats_rank_sum_of(const double *a, size_t a_count, const double *b, size_t b_count,
                      struct stats_rank_sum *out);

/* P(U = u) for n and m values without ties, into at[u] for u = 0 to n * m. n and m >= 1. 0; -ERANGE
 * when n * m is above STATS_RANK_SUM_EXACT_MAX; -ENOMEM. */
int stats_rank_sum_probabilities(size_t n, size_t m, double *at);

/* By how much values differ from 0, or values of one kind from values of another: the estimates and
 * intervals that go with the signed-rank and the rank-sum test. For logarithms of ratios, exp of
 * the estimate is the ratio.
 *
 * One sample: the median of the Walsh averages (x[i] + x[k]) / 2, i <= k. Two samples: the median
 * of all differences a[i] - b[k]. The interval is a pair of order statistics of these, at ranks
 * from the exact distribution of the test. Sources: Hodges and Lehmann, "Estimates of location
 * based on rank tests", Annals of Mathematical Statistics 34, 1963; Hollander and Wolfe,
 * Nonparametric Statistical Methods, 2nd ed. 1999, (3.23), (3.27), (4.14) and (4.18). With ties it
 * covers at least as often. */
#define STATS_HODGES_LEHMANN_MAX 4000 /* values; all their pairs are kept */

struct stats_hodges_lehmann {
    double estimate, ci_low, ci_high;
    double confidence; /* of the interval: at least the wanted one if there are enough values, else
                          that of the whole range, which is less */
};

/* values[n] as one sample: their pseudo-median. Ranks are exact up to 200 values, by the normal
 * approximation beyond. `confidence` is two-sided, between 0 and 1. 0; -EINVAL when n is 0, a value
 * is not finite, or for the confidence; -E2BIG above STATS_HODGES_LEHMANN_MAX; -ENOMEM. */
int stats_hodges_lehmann_of(const double *values, size_t n, double confidence,
                            struct stats_hodges_lehmann *out);

/* By how much a is above b. Ranks are exact up to 1000 pairs. Else as above. */
int stats_hodges_lehmann_shift(const double *a, size_t a_count, const double *b, size_t b_count,
                               double confidence, struct stats_hodges_lehmann *out);

/* The smallest effect that a signed-rank test of n pairs can show.
 *
 * The test is that of stats_signed_rank_of(), one-sided: `above` <= alpha. The values are normal
 * with standard deviation sd around the center + effect. The critical sum of ranks is exact. W has
 * its true mean and variance under the alternative (Lehmann, Nonparametrics: Statistical Methods
 * Based on Ranks, 1975, section 4.2, (4.28) and (4.29)) and is approximated by a beta distribution
 * over its range: W is skewed where power is high, and a normal distribution would be off by up to
 * 0.04. Where W must be its largest value, or 1 below, the chance is exact. Simulation agrees
 * within 0.015. Noether, "Sample size determination for some common nonparametric tests", JASA 82,
 * 1987, uses the variance of the null hypothesis, which fits small effects only.
 *
 * *out: the smallest effect that n pairs show with that power, to 4 digits; INFINITY where they can
 * show nothing at this alpha, since 2^-n > alpha. sd > 0, 0 < alpha < 1, 0 < power < 1. 0; -EINVAL;
 * -ERANGE when n is above STATS_SIGNED_RANK_EXACT_MAX; -ENOMEM. */
int stats_power_effect(size_t n, double sd, double alpha, double power, double *out);

/* Holm's correction for testing many hypotheses at once. If adjusted p values are compared with
 * alpha, the chance that any true hypothesis of the family is rejected is at most alpha, however
 * the tests depend on each other. Source: Holm, "A simple sequentially rejective multiple test
 * procedure", Scandinavian Journal of Statistics 6, 1979.
 *
 * Adjusted p values of p[n] into adjusted[n], in the same order; the arrays may be the same one. 0;
 * -EINVAL when a p is not from 0 to 1; -ENOMEM. */
int stats_holm_adjust(const double *p, size_t n, double *adjusted);

#endif
