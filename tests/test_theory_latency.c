/* The promise: latencies are waits and services together, in the closed forms of the textbooks
 * where these exist, and otherwise as a queue that is played through shows them. */
#include "math/theory_queue.h"

#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static struct theory_queue_result solve(const struct theory_queue *q)
{
    struct theory_queue_result r;

    theory_queue_solve(q, &r);
    return r;
}

/* Kleinrock, Queueing Systems I: of M/M/1 it is exponential with the rate mu - lambda.
 */
static void one_exponential_server(void **state)
{
    const struct theory_queue q = {70, 0.01, 1, 1};
    struct theory_queue_result r = solve(&q);

    (void)state;
    for (double t = 0; t < 0.3; t += 0.01)
        assert_close(theory_queue_latency_cdf(&q, &r, DISTRIBUTION_EXPONENTIAL, t),
                     1 - exp(-30 * t), 1e-13);
    assert_close(theory_queue_latency_percentile(&q, &r, DISTRIBUTION_EXPONENTIAL, 0.99),
                 log(100) / 30, 1e-9);
}

/* Gross and Harris, chapter 2: with r = lambda / mu and W_q(0) = 1 - C,
 * P(T > t) = exp(-mu t) (1 + C (1 - exp(-mu t (c - 1 - r))) / (c - 1 - r)). c - 1 = r is its limit:
 * 3 servers and 2 erlang, the book's eye clinic. */
static void several_exponential_servers(void **state)
{
    const struct theory_queue four = {280, 0.01, 1, 4}, clinic = {6, 1 / 3.0, 1, 3};
    struct theory_queue near = clinic;
    struct theory_queue_result r = solve(&four), limit = solve(&clinic), beside;

    (void)state;
    near.arrivals_per_s *= 1 + 3e-6; /* just outside of the limit */
    beside = solve(&near);
    for (double t = 0.001; t < 0.2; t += 0.001)
        assert_close(1 - theory_queue_latency_cdf(&four, &r, DISTRIBUTION_EXPONENTIAL, t),
                     exp(-100 * t) * (1 + r.wait_probability * (1 - exp(-100 * t * 0.2)) / 0.2),
                     1e-12);
    for (double t = 0.01; t < 3; t += 0.01) {
        assert_close(1 - theory_queue_latency_cdf(&clinic, &limit, DISTRIBUTION_EXPONENTIAL, t),
                     exp(-3 * t) * (1 + 4 / 9.0 * 3 * t), 1e-12);
        assert_close(theory_queue_latency_cdf(&clinic, &limit, DISTRIBUTION_EXPONENTIAL, t),
                     theory_queue_latency_cdf(&near, &beside, DISTRIBUTION_EXPONENTIAL, t), 1e-5);
    }
}

static void without_waiting_it_is_the_service(void **state)
{
    const struct theory_queue q = {5000, 0.01, 1, THEORY_QUEUE_UNLIMITED};
    struct theory_queue_result r = solve(&q);

    (void)state;
    for (int kind = DISTRIBUTION_FIXED; kind < DISTRIBUTION_COUNT; kind++)
        for (double p = 0.05; p < 1; p += 0.05) {
            double t = distribution_quantile((enum distribution)kind, 0.01, p);

            if (kind != DISTRIBUTION_FIXED)
                assert_close(theory_queue_latency_cdf(&q, &r, (enum distribution)kind, t), p,
                             1e-12);
            assert_close(theory_queue_latency_percentile(&q, &r, (enum distribution)kind, p), t,
                         1e-9);
        }
}

static void fixed_service_only_shifts_the_waits(void **state)
{
    const struct theory_queue q = {70, 0.01, 0, 1};
    struct theory_queue_result r = solve(&q);

    (void)state;
    assert_true(theory_queue_latency_cdf(&q, &r, DISTRIBUTION_FIXED, 0.00999) == 0);
    assert_close(theory_queue_latency_cdf(&q, &r, DISTRIBUTION_FIXED, 0.01), 0.3, 1e-15);
    assert_close(theory_queue_latency_percentile(&q, &r, DISTRIBUTION_FIXED, 0.9),
                 0.01 + theory_queue_wait_percentile(&r, 0.9), 1e-15);
}

/* The midpoint rule against the closed form: exponential service said to be another's. */
static void the_mean_is_that_of_the_queue(void **state)
{
    (void)state;
    for (int kind = DISTRIBUTION_UNIFORM; kind < DISTRIBUTION_COUNT; kind++) {
        enum distribution k = (enum distribution)kind;
        struct theory_queue q = {70, 0.01, distribution_scv(k), 1};
        struct theory_queue_result r = solve(&q);
        double mean = 0, last = 0, step;

        /* fine for 20 times the service, where it bends */
        for (double t = 0; t < 2; t += step) {
            double p;

            step = t < 0.2 ? 1e-4 : 1e-3;
            p = theory_queue_latency_cdf(&q, &r, k, t + step / 2);
            assert_true(p >= last - 1e-9 && p <= 1);
            last = p;
            mean += step * (1 - p);
        }
        /* a Pareto has some of its mean beyond 2 s: 0.6^2.5 * 200^-1.5 / 1.5, times 0.01 */
        assert_close(mean / r.mean_latency_s, 1, 1e-3);
    }
}

/* 200,000 jobs through the queue itself, a seed that is fixed. Service that varies little shows
 * how much the exponential tail of waits overstates: see theory_queue.h. */
static void percentiles_are_those_of_the_queue_itself(void **state)
{
    const size_t n = 200000;
    uint64_t *arrivals = malloc(n * sizeof *arrivals), *service = malloc(n * sizeof *service);
    uint64_t *waits = malloc(n * sizeof *waits);
    const struct {
        enum distribution kind;
        uint64_t servers;
        double off_by;
    } cases[] = {{DISTRIBUTION_EXPONENTIAL, 1, 0.012}, {DISTRIBUTION_EXPONENTIAL, 4, 0.012},
                 {DISTRIBUTION_UNIFORM, 1, 0.03},      {DISTRIBUTION_UNIFORM, 4, 0.012},
                 {DISTRIBUTION_LOGNORMAL, 1, 0.045},   {DISTRIBUTION_LOGNORMAL, 4, 0.02},
                 {DISTRIBUTION_PARETO, 1, 0.07},       {DISTRIBUTION_PARETO, 4, 0.035}};

    (void)state;
    assert_true(arrivals != NULL && service != NULL && waits != NULL);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct theory_queue q = {700.0 * (double)cases[c].servers, 1e-3,
                                 distribution_scv(cases[c].kind), cases[c].servers};
        struct theory_queue_result r = solve(&q);
        double at = 0;

        for (size_t i = 0; i < n; i++) {
            at -= 1e9 / q.arrivals_per_s * log(random_uniform(6, RANDOM_ARRIVALS, i));
            arrivals[i] = (uint64_t)at;
            service[i] = distribution_draw_ns(cases[c].kind, 1000000, 6, i);
        }
        theory_fifo_waits(arrivals, service, n, q.servers, waits);
        for (double p = 0.5; p < 0.995; p += 0.07) {
            double t = theory_queue_latency_percentile(&q, &r, cases[c].kind, p);
            size_t below = 0;

            for (size_t i = 0; i < n; i++)
                below += (double)(waits[i] + service[i]) <= 1e9 * t;
            assert_close((double)below / (double)n, p, cases[c].off_by);
        }
    }
    free(arrivals);
    free(service);
    free(waits);
}

static void unstable_queues_have_none(void **state)
{
    const struct theory_queue q = {101, 0.01, 1, 1};
    struct theory_queue_result r = solve(&q);

    (void)state;
    assert_true(theory_queue_latency_cdf(&q, &r, DISTRIBUTION_EXPONENTIAL, 1e6) == 0);
    assert_true(isinf(theory_queue_latency_percentile(&q, &r, DISTRIBUTION_EXPONENTIAL, 0.5)));
    assert_true(isinf(theory_queue_latency_percentile(&q, &r, DISTRIBUTION_FIXED, 0.5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_exponential_server),
        cmocka_unit_test(several_exponential_servers),
        cmocka_unit_test(without_waiting_it_is_the_service),
        cmocka_unit_test(fixed_service_only_shifts_the_waits),
        cmocka_unit_test(the_mean_is_that_of_the_queue),
        cmocka_unit_test(percentiles_are_those_of_the_queue_itself),
        cmocka_unit_test(unstable_queues_have_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
