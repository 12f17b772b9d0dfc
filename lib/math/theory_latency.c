#include "math/theory_latency.h"

#include <math.h>

#define STEPS     1000
#define PRECISION 1e-9

/* Of who waits, with the rate `drain`, and is then served with the rate `mu`, the share that takes
 * longer than t: the sum of two exponentials. Where the rates are nearly equal the quotient loses
 * its digits, and the limit is as good. */
static double tail_of_sum(double drain, double mu, double t)
{
    double apart = (drain - mu) / mu;

    if (fabs(apart) < 1e-6)
        return (1 + mu * t) * exp(-mu * t);
    return (drain * exp(-mu * t) - mu * exp(-drain * t)) / (drain - mu);
}

/* The share of those who wait that is out by t: over the shares v of their waits, the service that
 * still fits. */
static double convolve(const struct theory_queue *q, enum distribution service, double drain,
                       double t)
{
    double fit = -expm1(-drain * t), sum = 0;

    for (int i = 0; i < STEPS; i++) {
        double wait = -log1p(-fit * (i + 0.5) / STEPS) / drain;

        sum += distribution_cdf(service, q->service_s, t - wait);
    }
    return fit * sum / STEPS;
}

double theory_latency_cdf(const struct theory_queue *q, const struct theory_queue_result *r,
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

double theory_latency_percentile(const struct theory_queue *q, const struct theory_queue_result *r,
                                 enum distribution service, double p)
{
    double low = 0, high = q->service_s;

    if (isinf(r->mean_wait_s))
        return INFINITY;
    if (service == DISTRIBUTION_FIXED)
        return q->service_s + theory_queue_wait_percentile(r, p);
    while (theory_latency_cdf(q, r, service, high) < p)
        high *= 2;
    while (high - low > PRECISION * high) {
        double middle = (low + high) / 2;

        if (theory_latency_cdf(q, r, service, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return high;
}
