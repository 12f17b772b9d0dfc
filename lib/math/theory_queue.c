#include "math/theory_queue.h"

#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATENCY_STEPS     1000
#define LATENCY_PRECISION 1e-9

/* 1 / B grows by n / load a server: no factorials. An overflow does no harm, because 1 / INFINITY
 * is 0, as it should be. */
double theory_erlang_b(uint64_t servers, double load)
{
    double inverse = 1;

    if (load == 0)
        return servers == 0 ? 1 : 0;
    for (uint64_t n = 1; n <= servers && inverse < INFINITY; n++)
        inverse = 1 + (double)n / load * inverse;
    return 1 / inverse;
}

double theory_erlang_c(uint64_t servers, double load)
{
    double rho = load / (double)servers, b;

    if (rho >= 1)
        return 1;
    b = theory_erlang_b(servers, load);
    return b / (1 - rho * (1 - b));
}

/* With fixed service: by which share waits are longer than half those of M/M/c. At most 1, because
 * fixed service is never worse than exponential. */
static double cosmetatos(double c, double rho)
{
    return fmin(1, (1 - rho) * (c - 1) * (sqrt(4 + 5 * c) - 2) / (16 * rho * c));
}

/* Kimura's mean of the means of M/M/c and M/D/c; for 1 server this is Pollaczek-Khinchine. */
static double mean_wait(const struct theory_queue *q, double rho, double wait_probability)
{
    double c = (double)q->servers, scv = q->service_scv;
    double exponential = wait_probability * q->service_s / (c * (1 - rho));
    double fixed = exponential * (1 + cosmetatos(c, rho)) / 2;

    if (scv == 1 || exponential == 0)
        return exponential;
    return (1 + scv) / (2 * scv / exponential + (1 - scv) / fixed);
}

static bool is_positive(double x)
{
    return isfinite(x) && x > 0;
}

static bool is_valid(const struct theory_queue *q)
{
    return is_positive(q->arrivals_per_s) && is_positive(q->service_s) &&
           isfinite(q->service_scv) && q->service_scv >= 0 && q->servers >= 1 &&
           (q->servers <= THEORY_QUEUE_SERVERS || q->servers == THEORY_QUEUE_UNLIMITED);
}

static void set_name(const struct theory_queue *q, struct theory_queue_result *out)
{
    char service = q->service_scv == 1 ? 'M' : q->service_scv == 0 ? 'D' : 'G';

    if (q->servers == THEORY_QUEUE_UNLIMITED)
        snprintf(out->name, sizeof out->name, "M/%c/inf", service);
    else
        snprintf(out->name, sizeof out->name, "M/%c/%" PRIu64, service, q->servers);
}

int theory_queue_solve(const struct theory_queue *q, struct theory_queue_result *out)
{
    double load = q->arrivals_per_s * q->service_s;
    int err = 0;

    memset(out, 0, sizeof *out);
    if (!is_valid(q))
        return -EINVAL;
    set_name(q, out);
    out->exact = true;
    if (q->servers != THEORY_QUEUE_UNLIMITED) {
        out->utilisation = load / (double)q->servers;
        out->wait_probability = theory_erlang_c(q->servers, load);
        out->exact = q->servers == 1 || q->service_scv == 1;
        err = out->utilisation < 1 ? 0 : -EDOM;
        out->mean_wait_s =
            err == 0 ? mean_wait(q, out->utilisation, out->wait_probability) : INFINITY;
    }
    out->mean_latency_s = out->mean_wait_s + q->service_s;
    out->mean_waiting = q->arrivals_per_s * out->mean_wait_s;
    out->mean_in_system = q->arrivals_per_s * out->mean_latency_s;
    return err;
}

double theory_queue_wait_cdf(const struct theory_queue_result *r, double t)
{
    if (t < 0 || isinf(r->mean_wait_s))
        return 0;
    if (r->mean_wait_s == 0)
        return 1;
    return 1 - r->wait_probability * exp(-r->wait_probability / r->mean_wait_s * t);
}

double theory_queue_wait_percentile(const struct theory_queue_result *r, double p)
{
    if (isinf(r->mean_wait_s))
        return INFINITY;
    if (1 - p >= r->wait_probability)
        return 0;
    return r->mean_wait_s / r->wait_probability * log(r->wait_probability / (1 - p));
}

/* ---- Latency: the wait and the service together ---- */

/* P(wait + service > t) of a job that waits with rate `drain` and is served with rate `mu`: the sum
 * of two exponentials. If the rates are nearly equal the quotient loses its digits, and the limit
 * is as good. */
static double tail_of_sum(double drain, double mu, double t)
{
    double apart = (drain - mu) / mu;

    if (fabs(apart) < 1e-6)
        return (1 + mu * t) * exp(-mu * t);
    return (drain * exp(-mu * t) - mu * exp(-drain * t)) / (drain - mu);
}

/* P(wait + service <= t) of a job that waits: the mean, over its waits, of the chance that the
 * service fits into the rest of t. */
static double convolve(const struct theory_queue *q, enum distribution service, double drain,
                       double t)
{
    double fit = -expm1(-drain * t), sum = 0;

    for (int i = 0; i < LATENCY_STEPS; i++) {
        double wait = -log1p(-fit * (i + 0.5) / LATENCY_STEPS) / drain;

        sum += distribution_cdf(service, q->service_s, t - wait);
    }
    return fit * sum / LATENCY_STEPS;
}

double theory_queue_latency_cdf(const struct theory_queue *q, const struct theory_queue_result *r,
                                enum distribution service, double t)
{
    double at_once = distribution_cdf(service, q->service_s, t), after, drain;

    if (t <= 0 || isinf(r->mean_wait_s))
        return 0;
    if (r->mean_wait_s == 0)
        return at_once;
    if (service == DISTRIBUTION_FIXED)
        return theory_queue_wait_cdf(r, t - q->service_s);
    drain = r->wait_probability / r->mean_wait_s;
    after = service == DISTRIBUTION_EXPONENTIAL ? 1 - tail_of_sum(drain, 1 / q->service_s, t)
                                                : convolve(q, service, drain, t);
    return (1 - r->wait_probability) * at_once + r->wait_probability * after;
}

double theory_queue_latency_percentile(const struct theory_queue *q,
                                       const struct theory_queue_result *r,
                                       enum distribution service, double p)
{
    double low = 0, high = q->service_s;

    if (isinf(r->mean_wait_s))
        return INFINITY;
    if (service == DISTRIBUTION_FIXED)
        return q->service_s + theory_queue_wait_percentile(r, p);
    while (theory_queue_latency_cdf(q, r, service, high) < p)
        high *= 2;
    while (high - low > LATENCY_PRECISION * high) {
        double middle = (low + high) / 2;

        if (theory_queue_latency_cdf(q, r, service, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* free_ns[0] is the least, and none is less than its parent. */
static void sift_down(uint64_t *free_ns, size_t count)
{
    uint64_t key = free_ns[0];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= count)
            break;
        if (child + 1 < count && free_ns[child + 1] < free_ns[child])
            child++;
        if (free_ns[child] >= key)
            break;
        free_ns[at] = free_ns[child];
        at = child;
    }
    free_ns[at] = key;
}

int theory_fifo_waits(const uint64_t *arrivals_ns, const uint64_t *service_ns, size_t n,
                      uint64_t servers, uint64_t *waits_ns)
{
    size_t count = servers < n ? (size_t)servers : n;
    uint64_t *free_ns;

    if (servers == 0)
        return -EINVAL;
    if (n == 0)
        return 0;
    free_ns = calloc(count, sizeof *free_ns);
    if (free_ns == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        uint64_t arrived_ns = arrivals_ns[i], begins_ns = arrived_ns, needs_ns = service_ns[i];

        if (i > 0 && arrived_ns < arrivals_ns[i - 1]) {
            free(free_ns);
            return -EINVAL;
        }
        if (free_ns[0] > begins_ns)
            begins_ns = free_ns[0];
        waits_ns[i] = begins_ns - arrived_ns;
        free_ns[0] = clock_add_ns(begins_ns, needs_ns);
        sift_down(free_ns, count);
    }
    free(free_ns);
    return 0;
}
