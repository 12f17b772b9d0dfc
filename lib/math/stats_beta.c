#include "math/stats_beta.h"

#include <math.h>

#define TERMS_MAX 10000
#define TINY      1e-300 /* in place of 0, so that nothing is divided by it */

static double not_zero(double x)
{
    return fabs(x) < TINY ? TINY : x;
}

/* The coefficient of term m, from 1. */
static double coefficient(unsigned m, double x, double a, double b)
{
    double k = m / 2;

    if (m % 2 == 0)
        return k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
    return -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
}

/* 1 / (1 + c1 / (1 + c2 / (1 + ...))). */
static double fraction(double x, double a, double b)
{
    double value = 1, above = 1, below = 0;

    for (unsigned m = 1; m < TERMS_MAX; m++) {
        double c = coefficient(m, x, a, b), change;

        above = not_zero(1 + c / above);
        below = not_zero(1 + c * below);
        below = 1 / below;
        change = above * below;
        value *= change;
        if (fabs(change - 1) < 1e-14)
            break;
    }
    return 1 / value;
}

double stats_beta_cdf(double x, double a, double b)
{
    double front;
    int sign; /* lgamma() keeps it in a global instead */

    if (!(a > 0 && b > 0) || isnan(x))
        return NAN;
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    front = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) +
                b * log1p(-x));
    /* the fraction is quick on this side only; the other is its mirror image */
    if (x < (a + 1) / (a + b + 2))
        return front * fraction(x, a, b) / a;
    return 1 - front * fraction(1 - x, b, a) / b;
}
