#include "math/stats_ks.h"

#include <math.h>

/* Where both series of the limit distribution converge after a few terms. */
#define SERIES_CHANGE 1.0
#define TERMS         20

double stats_ks_distance(const double *sorted, size_t n, stats_cdf cdf, const void *arg)
{
    double largest = 0, before = 0;

    for (size_t i = 0; i < n; i++) {
        double after = (double)(i + 1) / (double)n;

        if (i + 1 < n && sorted[i + 1] == sorted[i])
            continue;
        largest = fmax(largest, fabs(before - cdf(nextafter(sorted[i], -INFINITY), arg)));
        largest = fmax(largest, fabs(after - cdf(sorted[i], arg)));
        before = after;
    }
    return largest;
}

double stats_ks_between(const double *a, size_t n, const double *b, size_t m)
{
    double largest = 0;
    size_t i = 0, k = 0;

    while (i < n && k < m) {
        double x = fmin(a[i], b[k]);

        while (i < n && a[i] <= x)
            i++;
        while (k < m && b[k] <= x)
            k++;
        largest = fmax(largest, fabs((double)i / (double)n - (double)k / (double)m));
    }
    return largest;
}

/* P(K >= x) of the limit of sqrt(n) times the distance. Small x: by the theta function's other
 * series, since the first converges slowly there. */
static double limit_tail(double x)
{
    double sum = 0;

    if (x <= 0)
        return 1;
    if (x < SERIES_CHANGE) {
        for (int k = 1; k <= TERMS; k++)
            sum += exp(-(2 * k - 1) * (2 * k - 1) * M_PI * M_PI / (8 * x * x));
        return 1 - sqrt(2 * M_PI) / x * sum;
    }
    for (int k = 1; k <= TERMS; k++)
        sum += (k % 2 == 1 ? 2 : -2) * exp(-2 * k * k * x * x);
    return sum;
}

static double stretch(double n)
{
    return sqrt(n) + 0.12 + 0.11 / sqrt(n);
}

double stats_ks_critical(double n, double alpha)
{
    double low = 0, high = 10; /* P(K >= 10) is 0 in a double */

    while (high - low > 1e-12) {
        double middle = (low + high) / 2;

        if (limit_tail(middle) > alpha)
            low = middle;
        else
            high = middle;
    }
    return high / stretch(n);
}
