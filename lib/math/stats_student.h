/* Student's t distribution with a whole number of degrees of freedom. Pure functions, any thread.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4, finite sums
 * that are exact but for rounding; they take df / 2 steps. */
#ifndef TVA_MATH_STATS_STUDENT_H
#define TVA_MATH_STATS_STUDENT_H

/* The t with P(T <= t) = p for df degrees of freedom, by bisection to 12 digits; -INFINITY at p =
 * 0, INFINITY at 1, NAN for other p outside of 0..1 and for df = 0. */
double stats_student_quantile(double p, unsigned df);

#endif
