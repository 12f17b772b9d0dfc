/* The probability laws that tests and intervals refer to. Pure functions, any thread. */
#ifndef TVA_MATH_STATS_LAWS_H
#define TVA_MATH_STATS_LAWS_H

/* The standard normal distribution: P(Z <= z). */
double stats_normal_cdf(double z);

/* The z with P(Z <= z) = p, for 0 < p < 1, to about 1 part in 10^16; -INFINITY at 0, INFINITY at 1,
 * NAN outside. Source: Wichura, "Algorithm AS 241: the percentage points of the normal
 * distribution", Applied Statistics 37 (1988), 477-484, function PPND16. */
double stats_normal_quantile(double p);

/* Student's distribution: the t with P(T <= t) = p for df degrees of freedom, by bisection to 12
 * digits; -INFINITY at p = 0, INFINITY at 1, NAN for other p outside of 0..1 and for df = 0.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4, finite sums
 * that are exact but for rounding; they take df / 2 steps. */
double stats_student_quantile(double p, unsigned df);

/* The beta distribution: P(X <= x) for a, b > 0 up to about 10^5, to 8 digits; 0 below 0, 1 above
 * 1; NAN for other a, b. Source: Abramowitz and Stegun, 26.5.8, a continued fraction, worked out
 * from its front as Lentz does ("Generating Bessel functions in Mie scattering calculations using
 * continued fractions", Applied Optics 15, 1976). */
double stats_beta_cdf(double x, double a, double b);

#endif
