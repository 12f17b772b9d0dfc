#include "math/stats_laws.h"

#include <math.h>
#include <stddef.h>

#define TERMS 8

/* Coefficients of numerator and denominator, lowest power first, as published. */
struct ratio {
    double above[TERMS], below[TERMS];
};

static const struct ratio inner = {
    {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3},
    {1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3},
};

static const struct ratio tail = {
    {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9},
};

static const struct ratio far_tail = {
    {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15},
};

static double evaluate(const struct ratio *r, double x)
{
    double above = 0, below = 0;

    for (size_t i = TERMS; i-- > 0;) {
        above = above * x + r->above[i];
        below = below * x + r->below[i];
    }
    return above / below;
}

double stats_normal_cdf(double z)
{
    return erfc(-z * M_SQRT1_2) / 2;
}

double stats_normal_quantile(double p)
{
    double q = p - 0.5, r, z;

    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    if (fabs(q) <= 0.425)
        return q * evaluate(&inner, 0.425 * 0.425 - q * q);
    r = sqrt(-log(q < 0 ? p : 1 - p));
    z = r <= 5 ? evaluate(&tail, r - 1.6) : evaluate(&far_tail, r - 5);
    return q < 0 ? -z : z;
}

/* 1 + a x + a b x^2 ... with the factors first / (first + 1), (first + 2) / (first + 3) ...;
 * `count` terms. */
static double series(double x, unsigned first, unsigned count)
{
    double term = 1, sum = count > 0 ? 1 : 0;

    for (unsigned k = 1; k < count; k++) {
        double above = first + 2.0 * (k - 1);

        term *= x * above / (above + 1);
        sum += term;
    }
    return sum;
}

/* P(|T| <= t). */
static double within(double t, unsigned df)
{
    double angle = atan(t / sqrt(df)), cosine = cos(angle);

    if (df % 2 == 0)
        return sin(angle) * series(cosine * cosine, 1, df / 2);
    return M_2_PI * (angle + sin(angle) * cosine * series(cosine * cosine, 2, df / 2));
}

double stats_student_quantile(double p, unsigned df)
{
    double wanted = fabs(2 * p - 1), low = 0, high = 1;

    if (!(p >= 0 && p <= 1) || df == 0)
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    while (within(high, df) < wanted && high < 0x1p60)
        high *= 2;
    while (high - low > 1e-13 * high) {
        double middle = (low + high) / 2;

        if (within(middle, df) < wanted)
            low = middle;
        else
            high = middle;
    }
    return p < 0.5 ? -high : p > 0.5 ? high : 0;
}

#define FRACTION_TERMS 10000
#define TINY           1e-300 /* in place of 0, so that nothing is divided by it */

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

    for (unsigned m = 1; m < FRACTION_TERMS; m++) {
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
