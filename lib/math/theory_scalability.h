/* The universal scalability law: how throughput X grows with the number N of clients, threads or
 * jobs at once, and why it stops. Pure functions, any thread.
 *
 *     X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
 *
 * lambda is the throughput of one, sigma the share that queues for something common (contention),
 * kappa the cost of agreeing with each other (coherency). Sources: Gunther, Guerrilla Capacity
 * Planning, 2007; the form with lambda: Gunther, "A general theory of
 * computational scalability based on rational functions", arXiv:0808.1431; Schwartz, Practical
 * Scalability Analysis with the Universal Scalability Law, 2015. */
#ifndef TVA_MATH_THEORY_SCALABILITY_H
#define TVA_MATH_THEORY_SCALABILITY_H

#include <stddef.h>

struct theory_scalability_point {
    double n; /* >= 1 */
    double x; /* > 0 */
};

struct theory_scalability {
    double lambda, sigma, kappa;
    double r2; /* share of the variance of x explained, about its mean; NAN when all x are equal */
    double peak;   /* N with the highest X: sqrt((1 - sigma) / kappa), at least 1; INFINITY: none */
    double peak_x; /* X there; lambda / sigma when there is no peak, which may be INFINITY too */
};

/* Fit by least squares in x, with lambda > 0 and sigma, kappa >= 0. 0; -EINVAL when a value is out
 * of range or there are fewer than 3 different n; -EDOM when no such curve could be fitted. Method:
 * N / X is a quadratic in N, which gives the start by weighted linear least squares (Gunther 2007,
 * who stops there); Levenberg and Marquardt's steps from it then minimise the squares
 * in x itself. Done for both parameters free, for each of them 0, and for both 0; the best of those
 * within bounds is the minimum, since what a bound stops lies on it. */
int theory_scalability_fit(const struct theory_scalability_point *points, size_t count,
                           struct theory_scalability *out);

/* X(n) by the law. */
double theory_scalability_at(const struct theory_scalability *law, double n);

#endif
