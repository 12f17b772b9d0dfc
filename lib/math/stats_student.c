#include "math/stats_student.h"

#include <math.h>

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
