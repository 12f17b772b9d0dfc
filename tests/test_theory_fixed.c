/* The promise: M/D/c is exact: mean, jump and every percentile, against the formulas of M/D/1,
 * Crommelin's chain worked out step by step, and the queue itself. */
#include "math/theory_fixed.h"

#include "base/random.h"
#include "math/theory_queue.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define COUNT(array)                  (sizeof(array) / sizeof *(array))

static struct theory_fixed *create(double rho, uint64_t servers)
{
    struct theory_fixed *q;

    assert_int_equal(theory_fixed_create(100 * rho * (double)servers, 0.01, servers, &q), 0);
    return q;
}

/* Erlang 1909, as in Gross and Harris: P(W <= t) = (1 - rho) sum over k <= t of
 * (-1)^k (rho (t - k))^k / k! exp(rho (t - k)), in service times. Signs alternate, so it is only
 * summed where little is lost by that. The mean is rho / (2 (1 - rho)). */
static void one_server_is_erlangs_formula(void **state)
{
    static const double rhos[] = {0.1, 0.5, 0.7, 0.9, 0.97};

    (void)state;
    for (size_t r = 0; r < COUNT(rhos); r++) {
        struct theory_fixed *q = create(rhos[r], 1);

        assert_close(theory_fixed_mean_wait_s(q) / 0.01, rhos[r] / (2 * (1 - rhos[r])), 1e-8);
        assert_close(theory_fixed_wait_probability(q), rhos[r], 1e-10);
        for (double t = 0; t < 8; t += 0.125) {
            double sum = 0;

            for (int k = 0; k <= (int)t; k++)
                sum += pow(-rhos[r] * (t - k), k) / tgamma(k + 1) * exp(rhos[r] * (t - k));
            assert_close(theory_fixed_wait_cdf(q, 0.01 * t), (1 - rhos[r]) * sum, 1e-9);
        }
        theory_fixed_destroy(q);
    }
}

/* The same formula in decimal arithmetic of 80 digits, inverted. */
static void percentiles_of_one_server(void **state)
{
    static const struct {
        double rho, p, t; /* in service times */
    } exact[] = {{0.5, 0.9, 1.5157448413810926},   {0.5, 0.99, 3.3362559570014128},
                 {0.5, 0.999, 5.1683850309609625}, {0.7, 0.9, 3.0770868731042356},
                 {0.7, 0.99, 6.4854994289567},     {0.7, 0.999, 9.894353824427071},
                 {0.9, 0.9, 10.782504956025605},   {0.9, 0.99, 21.898237349539613},
                 {0.9, 0.999, 33.013969743117286}};

    (void)state;
    for (size_t i = 0; i < COUNT(exact); i++) {
        struct theory_fixed *q = create(exact[i].rho, 1);

        assert_close(theory_fixed_wait_percentile(q, exact[i].p) / 0.01, exact[i].t, 1e-6);
        theory_fixed_destroy(q);
    }
}

#define STATES 1500
#define NOBODY 1e-25 /* all such states together change no digit */

/* Crommelin's chain, until its distribution no longer changes; nothing is assumed of its tail. */
static void step_by_step(size_t c, double rho, double *wait, double *probability)
{
    static double now[STATES], next[STATES], arrive[STATES];
    double load = (double)c * rho, change = 1, waiting = 0, free_servers = 0;

    for (size_t k = 0; k < STATES; k++) {
        arrive[k] = exp(-load + (double)k * log(load) - lgamma((double)k + 1));
        now[k] = k == c ? 1 : 0;
    }
    while (change > 1e-14) {
        change = 0;
        memset(next, 0, sizeof next);
        for (size_t i = 0; i < STATES; i++)
            for (size_t k = 0, from = i > c ? i - c : 0;
                 now[i] > NOBODY && k < 200 && from + k < STATES; k++)
                next[from + k] += now[i] * arrive[k];
        for (size_t k = 0; k < STATES; k++)
            change += fabs(next[k] - now[k]);
        memcpy(now, next, sizeof now);
    }
    for (size_t k = c + 1; k < STATES; k++)
        waiting += (double)(k - c) * now[k];
    for (size_t k = 0; k < c; k++)
        free_servers += now[k];
    *wait = waiting / load;
    *probability = 1 - free_servers;
}

static void several_servers_are_crommelins_chain(void **state)
{
    static const size_t servers[] = {2, 4, 16, 64};
    static const double rhos[] = {0.3, 0.7, 0.9};

    (void)state;
    for (size_t s = 0; s < COUNT(servers); s++)
        for (size_t r = 0; r < COUNT(rhos); r++) {
            struct theory_fixed *q = create(rhos[r], servers[s]);
            double wait, probability;

            step_by_step(servers[s], rhos[r], &wait, &probability);
            assert_close(theory_fixed_mean_wait_s(q) / 0.01, wait, 1e-9 + 1e-7 * wait);
            assert_close(theory_fixed_wait_probability(q), probability, 1e-9);
            assert_close(theory_fixed_wait_cdf(q, 0), 1 - probability, 1e-9);
            theory_fixed_destroy(q);
        }
}

/* The mean of a wait is the area over its distribution: mean and distribution come by different
 * ways from the same numbers. */
static void the_distribution_has_the_mean(void **state)
{
    const uint64_t servers[] = {1, 3, 10, 64};

    (void)state;
    for (size_t s = 0; s < COUNT(servers); s++) {
        struct theory_fixed *q = create(0.85, servers[s]);
        double mean = 0, last = 0, end = 1.0 / (double)servers[s], step = end / 4000;

        for (double t = 0; t < end; t += step) {
            double p = theory_fixed_wait_cdf(q, t + step / 2);

            assert_true(p >= last - 1e-10 && p <= 1);
            last = p;
            mean += step * (1 - p);
        }
        assert_close(mean / theory_fixed_mean_wait_s(q), 1, 1e-4);
        for (double p = 0.5; p < 0.9999; p += 0.05) {
            double t = theory_fixed_wait_percentile(q, p);

            assert_true(t == 0 || fabs(theory_fixed_wait_cdf(q, t) - p) < 1e-7);
        }
        assert_true(theory_fixed_wait_cdf(q, -1e-9) == 0);
        assert_close(theory_fixed_wait_cdf(q, 1e6), 1, 1e-12);
        assert_true(theory_fixed_wait_cdf(q, 1e300) == 1);
        theory_fixed_destroy(q);
    }
}

/* 200,000 jobs, a fixed seed. */
static void the_queue_itself_agrees(void **state)
{
    const size_t n = 200000;
    uint64_t *arrivals = malloc(n * sizeof *arrivals), *service = malloc(n * sizeof *service);
    struct theory_fixed *q = create(0.7, 4);
    double at = 0;

    (void)state;
    assert_true(arrivals != NULL && service != NULL);
    for (size_t i = 0; i < n; i++) {
        at -= 1e9 / 280 * log(random_uniform(6, RANDOM_ARRIVALS, i));
        arrivals[i] = (uint64_t)at;
        service[i] = 10000000;
    }
    assert_int_equal(theory_fifo_waits(arrivals, service, n, 4, service), 0);
    for (double t = 0; t < 0.04; t += 0.0005) {
        size_t below = 0;

        for (size_t i = 0; i < n; i++)
            below += (double)service[i] <= 1e9 * t;
        assert_close((double)below / (double)n, theory_fixed_wait_cdf(q, t), 0.006);
    }
    theory_fixed_destroy(q);
    free(arrivals);
    free(service);
}

static void nonsense_and_unstable_systems_are_refused(void **state)
{
    struct theory_fixed *q;

    (void)state;
    assert_int_equal(theory_fixed_create(100, 0.01, 1, &q), -EDOM);
    assert_int_equal(theory_fixed_create(1000, 0.01, 4, &q), -EDOM);
    assert_int_equal(theory_fixed_create(0, 0.01, 1, &q), -EINVAL);
    assert_int_equal(theory_fixed_create(1, -1, 1, &q), -EINVAL);
    assert_int_equal(theory_fixed_create(NAN, 1, 1, &q), -EINVAL);
    assert_int_equal(theory_fixed_create(INFINITY, 1, 1, &q), -EINVAL);
    assert_int_equal(theory_fixed_create(1, 0.1, 0, &q), -EINVAL);
    assert_int_equal(theory_fixed_create(1, 0.1, THEORY_FIXED_SERVERS + 1, &q), -EINVAL);
    assert_null(q);
    theory_fixed_destroy(NULL);
    assert_int_equal(theory_fixed_create(1e-6, 0.01, 8, &q), 0); /* hardly ever anybody there */
    assert_close(theory_fixed_wait_probability(q), 0, 1e-12);
    assert_true(theory_fixed_wait_percentile(q, 0.999) == 0);
    theory_fixed_destroy(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_is_erlangs_formula),
        cmocka_unit_test(percentiles_of_one_server),
        cmocka_unit_test(several_servers_are_crommelins_chain),
        cmocka_unit_test(the_distribution_has_the_mean),
        cmocka_unit_test(the_queue_itself_agrees),
        cmocka_unit_test(nonsense_and_unstable_systems_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
