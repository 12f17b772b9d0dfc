/* The promise: the interval of batch means holds the true mean as often as it says, also for values
 * that depend on each other; and a series that is too short for that is called so. */
#include "math/stats_series.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define N                             20000
#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

/* NIST Statistical Reference Datasets, univariate summary statistics: lag-1 autocorrelation
 * certified to 15 digits. NumAcc1 to 4 are made by rule; Michelso is Michelson's 100 measurements
 * of the speed of light in air, 1879, in thousands of km/s less 299. */
static void autocorrelations_are_those_certified_by_nist(void **state)
{
    static const short michelson[] = {
        850,  740, 900, 1070, 930, 850, 950, 980, 980, 880, 1000, 980, 930, 650, 760, 810, 1000,
        1000, 960, 960, 960,  940, 960, 940, 880, 800, 850, 880,  900, 840, 830, 790, 810, 880,
        880,  830, 800, 790,  760, 800, 880, 880, 880, 860, 720,  720, 620, 860, 970, 950, 880,
        910,  850, 870, 840,  840, 850, 840, 840, 840, 890, 810,  810, 820, 800, 770, 760, 740,
        750,  760, 910, 920,  890, 860, 880, 720, 840, 850, 850,  780, 890, 840, 780, 810, 760,
        810,  790, 810, 820,  850, 870, 870, 810, 740, 810, 940,  950, 800, 810, 870};
    const double num_acc1[] = {10000001, 10000003, 10000002};
    double values[1001];

    (void)state;
    assert_int_equal(sizeof michelson / sizeof *michelson, 100);
    for (size_t i = 0; i < 100; i++)
        values[i] = 299 + michelson[i] / 1000.0;
    assert_close(stats_lag1(values, 100), 0.535199668621283, 1e-12);
    assert_close(stats_lag1(num_acc1, 3), -0.5, 1e-15);
    for (size_t i = 0; i < 1001; i++)
        values[i] = i == 0 ? 1.2 : i % 2 ? 1.1 : 1.3;
    assert_close(stats_lag1(values, 1001), -0.999, 1e-12);
    for (size_t i = 0; i < 1001; i++)
        values[i] = i == 0 ? 1000000.2 : i % 2 ? 1000000.1 : 1000000.3;
    assert_close(stats_lag1(values, 1001), -0.999, 1e-8);
    for (size_t i = 0; i < 1001; i++)
        values[i] = i == 0 ? 10000000.2 : i % 2 ? 10000000.1 : 10000000.3;
    assert_close(stats_lag1(values, 1001), -0.999, 1e-7);
}

/* 20 values, +1 and -1: mean 0, variance 20/19, t for 19 degrees of freedom 2.093024. */
static void by_hand(void **state)
{
    struct stats_batch_means m;
    double values[100];

    (void)state;
    for (size_t i = 0; i < 100; i++)
        values[i] = i % 2 ? -1 : 1;
    assert_int_equal(stats_batch_means(values, 20, &m), 0);
    assert_int_equal(m.batches, 20);
    assert_int_equal(m.batch_size, 1);
    assert_int_equal(m.dropped, 0);
    assert_close(m.mean, 0, 1e-15);
    assert_close(m.ci_high, 2.093024 / sqrt(19), 1e-6);
    assert_close(m.ci_low, -m.ci_high, 1e-15);
    assert_close(m.lag1, -0.95, 1e-12);
    assert_true(m.independent);
    assert_close(m.effective, 20, 1e-9);
    assert_int_equal(stats_batch_means(values, 100, &m), 0); /* 50 batches of 2: all 0 */
    assert_int_equal(m.batches, 50);
    assert_true(m.ci_low == 0 && m.ci_high == 0 && m.effective == 100);
}

static void batches_are_as_many_as_stated(void **state)
{
    double values[500];

    (void)state;
    for (size_t i = 0; i < 500; i++)
        values[i] = random_uniform(1, 2, i);
    for (size_t n = STATS_BATCH_VALUES_MIN; n <= 500; n++) {
        struct stats_batch_means m;

        assert_int_equal(stats_batch_means(values, n, &m), 0);
        assert_true(m.batches >= 20 && m.batches <= 79);
        assert_true(m.batches * m.batch_size + m.dropped == n && m.dropped < m.batch_size);
        assert_true(m.ci_low < m.mean && m.mean < m.ci_high);
    }
}

/* A first-order autoregression with mean 5; phi = 0 is independent. */
static void autoregression(double phi, uint64_t seed, double *values, size_t n)
{
    double x = stats_normal_quantile(random_uniform(seed, 9, N + 1)) / sqrt(1 - phi * phi);

    for (size_t i = 0; i < n; i++) {
        x = phi * x + stats_normal_quantile(random_uniform(seed, 9, i));
        values[i] = 5 + x;
    }
}

static void intervals_cover_as_often_as_they_say(void **state)
{
    const struct {
        double phi;
        size_t n;
        double least, most, most_correlated;
    } cases[] = {{0, 1000, 0.92, 0.98, 0.02},
                 {0.9, 20000, 0.91, 0.98, 0.02},
                 {0.99, 20000, 0.87, 0.98, 0.9}};
    const unsigned runs = 300;
    double *values = malloc(N * sizeof *values);

    (void)state;
    assert_non_null(values);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        unsigned covered = 0, correlated = 0;
        double effective = 0;

        for (uint64_t seed = 0; seed < runs; seed++) {
            struct stats_batch_means m;

            autoregression(cases[c].phi, seed, values, cases[c].n);
            assert_int_equal(stats_batch_means(values, cases[c].n, &m), 0);
            covered += m.ci_low <= 5 && 5 <= m.ci_high;
            correlated += !m.independent;
            effective += m.effective / runs;
        }
        assert_true(covered >= cases[c].least * runs && covered <= cases[c].most * runs);
        assert_true(correlated <= cases[c].most_correlated * runs);
        /* of an autoregression, (1 - phi) / (1 + phi) of them are worth something */
        if (cases[c].phi > 0 && cases[c].phi < 0.95)
            assert_close(effective / ((double)cases[c].n * (1 - cases[c].phi) / (1 + cases[c].phi)),
                         1, 0.15);
    }
    free(values);
}

static void a_trend_is_not_taken_for_independent(void **state)
{
    struct stats_batch_means m;
    double values[1000];

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        values[i] = (double)i;
    assert_int_equal(stats_batch_means(values, 1000, &m), 0);
    assert_false(m.independent);
    assert_int_equal(m.batches, 20);
    assert_int_equal(m.batch_size, 50);
    assert_true(m.effective < 10);
    assert_close(m.mean, 499.5, 1e-9);
}

static void what_cannot_be_done_is_refused(void **state)
{
    double values[20] = {0};
    struct stats_batch_means m;

    (void)state;
    assert_int_equal(stats_batch_means(values, 19, &m), -ENODATA);
    assert_int_equal(stats_batch_means(values, 0, &m), -ENODATA);
    assert_int_equal(stats_batch_means(values, 20, &m), 0); /* all equal */
    assert_true(m.ci_low == 0 && m.ci_high == 0 && m.lag1 == 0 && m.independent);
    assert_true(stats_lag1(values, 1) == 0 && stats_lag1(values, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(autocorrelations_are_those_certified_by_nist),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(batches_are_as_many_as_stated),
        cmocka_unit_test(intervals_cover_as_often_as_they_say),
        cmocka_unit_test(a_trend_is_not_taken_for_independent),
        cmocka_unit_test(what_cannot_be_done_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
