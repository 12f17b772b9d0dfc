/* Holm's correction for testing many hypotheses at once. If adjusted p values are compared with
 * alpha, the chance that any true hypothesis of the family is rejected is at most alpha, however
 * the tests depend on each other. Pure functions, any thread. Source: Holm, "A simple sequentially
 * rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979. */
#ifndef TVA_MATH_STATS_HOLM_H
#define TVA_MATH_STATS_HOLM_H

#include <stddef.h>

/* Adjusted p values of p[n] into adjusted[n], in the same order; the arrays may be the same one.
 * family = n, or more if the family has further tests whose p values are no smaller. 0; -EINVAL
 * when a p is not from 0 to 1 or family < n; -ENOMEM. */
int stats_holm_adjust(const double *p, size_t n, size_t family, double *adjusted);

#endif
