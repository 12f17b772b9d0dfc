/* Student's t distribution with a whole number of degrees of freedom. Pure functions, any thread.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4, finite sums
 * that are exact but for rounding; they take df / 2 steps. */
#ifndef TVA_MATH_STATS_STUDENT_H
#define TVA_MATH_STATS_STUDENT_H

/* P(T <= t) with df >= 1 degrees of freedom. */
double stats_student_cdf(double t, unsigned df);

/* The t with P(T <= t) = p, by bisection to 12 digits; -INFINITY at 0, INFINITY at 1, NAN outside
 * and for df = 0. */
double stats_student_quantile(double p, unsigned df);

#endif
