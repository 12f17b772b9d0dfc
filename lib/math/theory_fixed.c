#include "math/theory_fixed.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define PRECISION 1e-9
#define FOREVER   1e9 /* in service times: no job waits longer */
#define COUNT(c)  (6 * (c) + 40)
#define COUNT_MAX COUNT(THEORY_FIXED_SERVERS)

struct theory_fixed {
    double service_s, load; /* load: arrivals in one service time */
    size_t servers;
    size_t count; /* of exact probabilities; from the last of them on the tail is geometric */
    double ratio; /* of that tail */
    double p[COUNT_MAX];   /* P(i in the system), i < count */
    double sum[COUNT_MAX]; /* P(at most i in the system), i < count */
};

static double poisson(double mean, size_t k)
{
    if (mean <= 0)
        return k == 0 ? 1 : 0;
    return exp(-mean + (double)k * log(mean) - lgamma((double)k + 1));
}

/* 1 / z for the z > 1 with z^c = exp(load (z - 1)), where c ln z - load (z - 1) falls through 0: it
 * is highest at c / load. */
static double tail_ratio(double c, double load)
{
    double low = c / load, high = 2 * low;

    while (c * log(high) > load * (high - 1))
        high *= 2;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;

        if (c * log(middle) > load * (middle - 1))
            low = middle;
        else
            high = middle;
    }
    return 2 / (low + high);
}

/* Row j says that P(j) is what a service time later comes of all that may have been before: up to c
 * jobs have gone, and the rest and new ones make j. The last row is the sum of all. Columns beyond
 * the last are multiples of it. m has `count` columns and the right side. */
static void fill(const struct theory_fixed *q, double *m)
{
    size_t n = q->count, c = q->servers;

    for (size_t j = 0; j + 1 < n; j++) {
        double *row = m + j * (n + 1), *last = row + n - 1, factor = q->ratio;

        for (size_t i = 0; i < n; i++)
            row[i] = i <= c ? poisson(q->load, j) : i <= c + j ? poisson(q->load, j + c - i) : 0;
        for (size_t i = n; i <= c + j; i++, factor *= q->ratio)
            *last += factor * poisson(q->load, j + c - i);
        row[j] -= 1;
        row[n] = 0;
    }
    for (size_t i = 0; i < n; i++)
        m[(n - 1) * (n + 1) + i] = i + 1 < n ? 1 : 1 / (1 - q->ratio);
    m[(n - 1) * (n + 1) + n] = 1;
}

/* Gaussian elimination with partial pivoting; rows have n columns and the right side. */
static void solve(double *m, size_t n, double *out)
{
    for (size_t j = 0; j < n; j++) {
        size_t best = j;

        for (size_t i = j + 1; i < n; i++)
            if (fabs(m[i * (n + 1) + j]) > fabs(m[best * (n + 1) + j]))
                best = i;
        for (size_t k = j; best != j && k <= n; k++) {
            double kept = m[best * (n + 1) + k];

            m[best * (n + 1) + k] = m[j * (n + 1) + k];
            m[j * (n + 1) + k] = kept;
        }
        for (size_t i = j + 1; i < n; i++) {
            double factor = m[i * (n + 1) + j] / m[j * (n + 1) + j];

            for (size_t k = j; factor != 0 && k <= n; k++)
                m[i * (n + 1) + k] -= factor * m[j * (n + 1) + k];
        }
    }
    for (size_t j = n; j-- > 0;) {
        double sum = m[j * (n + 1) + n];

        for (size_t k = j + 1; k < n; k++)
            sum -= m[j * (n + 1) + k] * out[k];
        out[j] = sum / m[j * (n + 1) + j];
    }
}

static int find_probabilities(struct theory_fixed *q)
{
    size_t n = q->count;
    double *m = malloc(n * (n + 1) * sizeof *m), sum = 0;

    if (m == NULL)
        return -ENOMEM;
    fill(q, m);
    solve(m, n, q->p);
    free(m);
    for (size_t i = 0; i < n; i++) {
        sum += q->p[i];
        q->sum[i] = fmin(sum, 1);
    }
    return 0;
}

int theory_fixed_create(double arrivals_per_s, double service_s, uint64_t servers,
                        struct theory_fixed **out)
{
    double load = arrivals_per_s * service_s;
    struct theory_fixed *q;

    *out = NULL;
    if (!(arrivals_per_s > 0 && service_s > 0 && isfinite(load) && load > 0) || servers < 1 ||
        servers > THEORY_FIXED_SERVERS)
        return -EINVAL;
    if (load >= (double)servers)
        return -EDOM;
    q = calloc(1, sizeof *q);
    if (q == NULL)
        return -ENOMEM;
    q->service_s = service_s;
    q->load = load;
    q->servers = (size_t)servers;
    q->count = COUNT(q->servers);
    q->ratio = tail_ratio((double)servers, load);
    if (find_probabilities(q) < 0) {
        free(q);
        return -ENOMEM;
    }
    *out = q;
    return 0;
}

void theory_fixed_destroy(struct theory_fixed *q)
{
    free(q);
}

/* Jobs that wait, from those in the system beyond the servers, over the arrivals that bring them.
 */
double theory_fixed_mean_wait_s(const struct theory_fixed *q)
{
    size_t last = q->count - 1;
    double rest = q->p[last] / (1 - q->ratio), waiting = 0;

    for (size_t i = q->servers + 1; i < last; i++)
        waiting += (double)(i - q->servers) * q->p[i];
    waiting += rest * ((double)(last - q->servers) + q->ratio / (1 - q->ratio));
    return waiting / q->load * q->service_s;
}

/* Arrivals see the system as it is on average (Wolff, "Poisson arrivals see time averages", 1982).
 */
double theory_fixed_wait_probability(const struct theory_fixed *q)
{
    return 1 - q->sum[q->servers - 1];
}

/* P(at most i in the system). */
static double at_most(const struct theory_fixed *q, size_t i)
{
    size_t last = q->count - 1;

    if (i < last)
        return q->sum[i];
    return 1 - q->p[last] * pow(q->ratio, (double)(i - last + 1)) / (1 - q->ratio);
}

/* With t in the k-th service time, and J arrivals in the rest of it: that then at most kc - 1 - J
 * more than c are there. */
double theory_fixed_wait_cdf(const struct theory_fixed *q, double t)
{
    double at = t / q->service_s, k = floor(at) + 1, mean = q->load * (k - at), sum = 0;
    size_t top, terms;

    if (!(at >= 0) || at > FOREVER)
        return at > FOREVER ? 1 : 0;
    top = (size_t)k * q->servers - 1;
    terms = (size_t)fmin((double)top, mean + 12 * sqrt(mean) + 40);
    for (size_t j = 0; j <= terms; j++)
        sum += poisson(mean, j) * at_most(q, q->servers + top - j);
    return fmin(sum, 1);
}

double theory_fixed_wait_percentile(const struct theory_fixed *q, double p)
{
    double low = 0, high = q->service_s;

    if (theory_fixed_wait_cdf(q, 0) >= p)
        return 0;
    while (theory_fixed_wait_cdf(q, high) < p)
        high *= 2;
    while (high - low > PRECISION * q->service_s) {
        double middle = (low + high) / 2;

        if (theory_fixed_wait_cdf(q, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return high;
}
