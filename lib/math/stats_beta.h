/* The beta distribution. Pure functions, any thread.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.5.8, a continued fraction,
 * worked out from its front as Lentz does ("Generating Bessel functions in Mie scattering
 * calculations using continued fractions", Applied Optics 15, 1976). */
#ifndef TVA_MATH_STATS_BETA_H
#define TVA_MATH_STATS_BETA_H

/* P(X <= x) for a, b > 0 up to about 10^5, to 8 digits; 0 below 0, 1 above 1; NAN for other a, b.
 */
double stats_beta_cdf(double x, double a, double b);

#endif
