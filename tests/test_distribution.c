/* The promise: each distribution has the mean asked for, the variance that its header states, and
 * the published shape; the normal quantile is Wichura's to its last digits. */
#include "math/distribution.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

/* The three values that Wichura gives to check AS 241 with, one for each of its ranges. */
static void the_normal_quantile_is_as241(void **state)
{
    (void)state;
    assert_close(stats_normal_quantile(0.25), -0.6744897501960817, 1e-15);
    assert_close(stats_normal_quantile(0.001), -3.090232306167814, 1e-14);
    assert_close(stats_normal_quantile(1e-20), -9.262340089798408, 1e-14);
    assert_true(stats_normal_quantile(0.5) == 0);
}

/* Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.5 (x for Q(x) = 0.25 ...
 * 0.000005, 5 decimals) and table 26.1 (P(x), 15 decimals). */
static void the_normal_tables_of_abramowitz_and_stegun(void **state)
{
    static const struct {
        double q, x;
    } table_26_5[] = {{0.25, 0.67449}, {0.1, 1.28155},   {0.05, 1.64485}, {0.025, 1.95996},
                      {0.01, 2.32635}, {0.005, 2.57583}, {0.001, 3.09023}};
    static const struct {
        double x, p;
    } table_26_1[] = {{0, 0.5},
                      {0.5, 0.691462461274013},
                      {1, 0.841344746068543},
                      {1.5, 0.933192798731142},
                      {2, 0.977249868051821}};

    (void)state;
    for (size_t i = 0; i < sizeof table_26_5 / sizeof *table_26_5; i++) {
        assert_close(stats_normal_quantile(1 - table_26_5[i].q), table_26_5[i].x, 0.50001e-5);
        assert_close(stats_normal_quantile(table_26_5[i].q), -table_26_5[i].x, 0.50001e-5);
    }
    for (size_t i = 0; i < sizeof table_26_1 / sizeof *table_26_1; i++) {
        assert_close(stats_normal_cdf(table_26_1[i].x), table_26_1[i].p, 1e-15);
        assert_close(stats_normal_cdf(-table_26_1[i].x), 1 - table_26_1[i].p, 1e-15);
    }
}

static void the_normal_quantile_has_ends(void **state)
{
    (void)state;
    assert_true(stats_normal_quantile(0) == -INFINITY && stats_normal_quantile(1) == INFINITY);
    assert_true(isnan(stats_normal_quantile(-0.1)) && isnan(stats_normal_quantile(1.1)));
    assert_true(isnan(stats_normal_quantile(NAN)));
    assert_true(isfinite(stats_normal_quantile(0x1p-53)) &&
                isfinite(stats_normal_quantile(1 - 0x1p-53)));
    for (int i = 1; i < 1000; i++)
        assert_close(stats_normal_cdf(stats_normal_quantile(i / 1000.0)), i / 1000.0, 1e-14);
}

/* ln 2, and what follows from the definitions by hand: exact to the digits given. */
static void quantiles_are_the_definitions(void **state)
{
    (void)state;
    assert_close(distribution_quantile(DISTRIBUTION_EXPONENTIAL, 10, 0.5), 6.931471805599453,
                 1e-14);
    assert_close(distribution_quantile(DISTRIBUTION_EXPONENTIAL, 1, 0.99), 4.605170185988091,
                 1e-13);
    assert_close(distribution_quantile(DISTRIBUTION_UNIFORM, 10, 0.25), 5, 0);
    assert_close(distribution_quantile(DISTRIBUTION_FIXED, 10, 0.25), 10, 0);
    assert_close(distribution_quantile(DISTRIBUTION_PARETO, 1, 0.5), 0.791704746463737, 1e-14);
    assert_close(distribution_quantile(DISTRIBUTION_PARETO, 1, 0.999), 9.509359154766681, 1e-12);
    assert_close(distribution_quantile(DISTRIBUTION_LOGNORMAL, 1, 0.5), exp(-0.5), 1e-15);
    assert_close(distribution_quantile(DISTRIBUTION_LOGNORMAL, 2, 0.975),
                 2 * exp(1.459963984540054), 1e-13);
}

static void quantile_and_cdf_undo_each_other(void **state)
{
    (void)state;
    for (int kind = DISTRIBUTION_EXPONENTIAL; kind < DISTRIBUTION_COUNT; kind++) {
        double last = 0;

        for (int i = 1; i < 1000; i++) {
            double x = distribution_quantile((enum distribution)kind, 7, i / 1000.0);

            assert_true(x > last);
            last = x;
            assert_close(distribution_cdf((enum distribution)kind, 7, x), i / 1000.0, 1e-13);
        }
        assert_true(distribution_cdf((enum distribution)kind, 7, 0) == 0);
        assert_true(distribution_cdf((enum distribution)kind, 7, -1) == 0);
    }
    assert_true(distribution_cdf(DISTRIBUTION_FIXED, 7, 6.99) == 0);
    assert_true(distribution_cdf(DISTRIBUTION_FIXED, 7, 7) == 1);
    assert_true(distribution_cdf(DISTRIBUTION_UNIFORM, 7, 15) == 1);
}

/* Moments as integrals of quantiles over (0, 1), by the midpoint rule after u = 1 - s^3, which
 * takes the tail apart. Pareto's second moment converges slowest: its integrand ends as s^-0.4. */
static void moments_are_those_stated(void **state)
{
    const int steps = 20000;

    (void)state;
    for (int kind = DISTRIBUTION_FIXED; kind < DISTRIBUTION_COUNT; kind++) {
        double mean = 0, square = 0;

        for (int i = 0; i < steps; i++) {
            double s = (i + 0.5) / steps, weight = 3 * s * s / steps;
            double x = distribution_quantile((enum distribution)kind, 3, 1 - s * s * s);

            mean += weight * x;
            square += weight * x * x;
        }
        assert_close(mean, 3, 1e-5);
        assert_close(square / 9 - 1, distribution_scv((enum distribution)kind), 5e-3);
    }
    assert_true(distribution_scv(DISTRIBUTION_FIXED) == 0);
    assert_true(distribution_scv(DISTRIBUTION_EXPONENTIAL) == 1);
    assert_close(distribution_scv(DISTRIBUTION_UNIFORM), 0.3333333333333333, 1e-15);
    assert_close(distribution_scv(DISTRIBUTION_PARETO), 0.8, 1e-15);
    assert_close(distribution_scv(DISTRIBUTION_LOGNORMAL), 1.718281828459045, 1e-15);
}

/* Kolmogorov-Smirnov: sqrt(n) D below 1.95, the 0.1 % point. */
static void draws_follow_the_distribution(void **state)
{
    const uint64_t n = 20000, mean_ns = 10000000;

    (void)state;
    for (int kind = DISTRIBUTION_EXPONENTIAL; kind < DISTRIBUTION_COUNT; kind++) {
        unsigned below[100] = {0};
        double sum = 0, largest = 0;

        for (uint64_t i = 0; i < n; i++) {
            uint64_t ns = distribution_draw_ns((enum distribution)kind, mean_ns, 11, i);
            double p = distribution_cdf((enum distribution)kind, (double)mean_ns, (double)ns);

            assert_true(ns == distribution_sample_ns((enum distribution)kind, mean_ns,
                                                     random_uniform(11, RANDOM_DURATIONS, i)));
            sum += (double)ns;
            for (size_t k = (size_t)ceil(100 * p); k < 100; k++)
                below[k]++;
        }
        for (size_t k = 1; k < 100; k++)
            largest = fmax(largest, fabs((double)below[k] / (double)n - (double)k / 100));
        assert_true(sqrt((double)n) * largest < 1.95);
        assert_close(sum / (double)n / (double)mean_ns, 1, 0.04);
    }
}

static void extremes_fit(void **state)
{
    (void)state;
    for (int kind = DISTRIBUTION_FIXED; kind < DISTRIBUTION_COUNT; kind++) {
        enum distribution k = (enum distribution)kind;

        assert_true(distribution_sample_ns(k, 0, 0.5) == 0);
        assert_true(distribution_sample_ns(k, 3600000000000ULL, 1 - 0x1p-53) < UINT64_MAX);
        assert_true(distribution_sample_ns(k, 1, 0x1p-53) <= 1);
    }
    assert_true(distribution_sample_ns(DISTRIBUTION_PARETO, UINT64_MAX, 0.99) == UINT64_MAX);
    assert_true(distribution_sample_ns(DISTRIBUTION_FIXED, UINT64_MAX - 1, 0.99) == UINT64_MAX - 1);
}

static void each_has_a_word(void **state)
{
    (void)state;
    for (int kind = DISTRIBUTION_FIXED; kind < DISTRIBUTION_COUNT; kind++)
        assert_true(strlen(distribution_words[kind]) > 0);
    assert_null(distribution_words[DISTRIBUTION_COUNT]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_normal_quantile_is_as241),
        cmocka_unit_test(the_normal_tables_of_abramowitz_and_stegun),
        cmocka_unit_test(the_normal_quantile_has_ends),
        cmocka_unit_test(quantiles_are_the_definitions),
        cmocka_unit_test(quantile_and_cdf_undo_each_other),
        cmocka_unit_test(moments_are_those_stated),
        cmocka_unit_test(draws_follow_the_distribution),
        cmocka_unit_test(extremes_fit),
        cmocka_unit_test(each_has_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
