/* The universal scalability law: how throughput X grows with the number N of clients, threads or
 * jobs at once, and why it stops. Pure functions, any thread.
 *
 *     X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
 *
 * lambda is the throughput of one, sigma the share that queues for a common resource (contention),
 * kappa the cost of agreement between them (coherency). Sources: Gunther, Guerrilla Capacity
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
    double r2;     /* share of the variance of x that the law explains; NAN when all x are equal */
    double peak;   /* N with the highest X: sqrt((1 - sigma) / kappa), at least 1; INFINITY: none */
    double peak_x; /* X there; lambda / sigma when there is no peak, which may be INFINITY too */
};

/* Fit by least squares in x, with lambda > 0 and sigma, kappa >= 0. 0; -EINVAL when a value is out
 * of range or there are fewer than 3 different n; -EDOM when no such curve fits. Method: N / X is a
 * quadratic in N, so weighted linear least squares give the start (Gunther 2007 stops there);
 * Levenberg and Marquardt's steps then minimise the squares in x itself. It does so with both
 * parameters free, with each of them 0, and with both 0; the best result within bounds is the
 * minimum, because a minimum beyond a bound moves onto it. */
int theory_scalability_fit(const struct theory_scalability_point *points, size_t count,
                           struct theory_scalability *out);

/* X(n) by the law. */
double theory_scalability_at(const struct theory_scalability *law, double n);

#endif
