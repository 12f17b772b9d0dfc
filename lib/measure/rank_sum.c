#include "measure/rank_sum.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double count_greater(const double *a, size_t a_count, const double *b, size_t b_count)
{
    double u = 0;

    for (size_t i = 0; i < a_count; i++)
        for (size_t k = 0; k < b_count; k++)
            u += a[i] > b[k] ? 1 : a[i] == b[k] ? 0.5 : 0;
    return u;
}

/* In ways[u]: how many of the orders of n and m values have that u. Mann and Whitney's recurrence
 * f(n, m, u) = f(n - 1, m, u - m) + f(n, m - 1, u), as the generating function
 * prod (1 - q^(m + i)) / (1 - q^i), i = 1..n, multiplied out term by term. */
static void count_orders(double *ways, size_t n, size_t m)
{
    size_t most = n * m;

    memset(ways, 0, (most + 1) * sizeof *ways);
    ways[0] = 1;
    for (size_t i = 1; i <= n; i++) {
        for (size_t u = most; u >= m + i; u--)
            ways[u] -= ways[u - m - i];
        for (size_t u = i; u <= most; u++)
            ways[u] += ways[u - i];
    }
}

/* Twice the tail up to the lesser u. */
static int exact_p(size_t n, size_t m, double u, double *p)
{
    double *ways = malloc((n * m + 1) * sizeof *ways), all = 0, tail = 0;

    if (ways == NULL)
        return -ENOMEM;
    count_orders(ways, n, m);
    for (size_t i = 0; i <= n * m; i++) {
        all += ways[i];
        if ((double)i <= u)
            tail += ways[i];
    }
    *p = fmin(1, 2 * tail / all);
    free(ways);
    return 0;
}

static double normal_p(double n, double m, double u)
{
    double sigma = sqrt(n * m * (n + m + 1) / 12);

    return fmin(1, erfc((n * m / 2 - u - 0.5) / sigma / sqrt(2)));
}

int rank_sum_of(const double *a, size_t a_count, const double *b, size_t b_count,
                struct rank_sum *out)
{
    double pairs = (double)a_count * (double)b_count, lesser;

    out->u = count_greater(a, a_count, b, b_count);
    lesser = fmin(out->u, pairs - out->u);
    if (pairs <= RANK_SUM_EXACT_MAX)
        return exact_p(a_count, b_count, lesser, &out->p);
    out->p = normal_p((double)a_count, (double)b_count, lesser);
    return 0;
}

int rank_sum_probabilities(size_t n, size_t m, double *at)
{
    double all = 0;

    if (n * m > RANK_SUM_EXACT_MAX)
        return -ERANGE;
    count_orders(at, n, m);
    for (size_t u = 0; u <= n * m; u++)
        all += at[u];
    for (size_t u = 0; u <= n * m; u++)
        at[u] /= all;
    return 0;
}
