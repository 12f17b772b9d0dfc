/* The standard normal distribution. Pure functions, any thread. */
#ifndef TVA_MATH_NORMAL_H
#define TVA_MATH_NORMAL_H

/* P(Z <= z). */
double normal_cdf(double z);

/* The z with P(Z <= z) = p, for 0 < p < 1, to about 1 part in 10^16; -INFINITY at 0, INFINITY at 1,
 * NAN outside. Source: Wichura, "Algorithm AS 241: the percentage points of the normal
 * distribution", Applied Statistics 37 (1988), 477-484, function PPND16. */
double normal_quantile(double p);

#endif
