/* The promise: a signed-rank test with that many pairs sees the effect as often as is said: within
 * 0.02 of simulations, those of R and its own. */
#include "math/stats_power.h"

#include "base/random.h"
#include "math/normal.h"
#include "math/stats_signed_rank.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a)  (sizeof(a) / sizeof *(a))
#define TEST_NUMBERS 102 /* a stream that no part of the program uses */

static void assert_near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error))
        fail_msg("%.6g is not %.6g", value, expected);
}

/* R 4.2.2, set.seed(1), 40,000 times: c <- qsignrank(alpha, n, lower.tail = FALSE) + 1;
 * m <- matrix(rnorm(n * R, effect), R); the share of rows x with sum(rank(abs(x))[x > 0]) >= c. */
static void power_is_that_of_simulation_in_r(void **state)
{
    static const struct {
        size_t n;
        double effect, alpha, power;
    } table[] = {
        {8, 1, 0.05, 0.7555},       {10, 1.5, 0.01, 0.938975},    {12, 1.2, 0.01, 0.865425},
        {16, 0.8, 0.025, 0.81715},  {20, 1, 0.001, 0.769},        {20, 1.4, 0.0002, 0.934375},
        {30, 0.6, 0.025, 0.875875}, {30, 1, 0.0002, 0.896575},    {50, 0.5, 0.01, 0.848975},
        {14, 2, 0.0002, 0.9314},    {60, 0.6, 0.0005, 0.856625},  {8, 2, 0.01, 0.95325},
        {9, 1.8, 0.01, 0.972125},   {12, 2.2, 0.00025, 0.844},    {13, 2, 0.00025, 0.9007},
        {15, 2, 0.00025, 0.976925}, {16, 1.5, 0.00025, 0.838025}, {24, 1.1, 0.00025, 0.865325},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        double power;

        assert_int_equal(stats_power_of(table[i].n, 3 * table[i].effect, 3, table[i].alpha, &power),
                         0);
        assert_near(power, table[i].power, 0.02);
    }
}

static double simulated(size_t n, double effect, double alpha, uint64_t times)
{
    uint64_t seen = 0;

    for (uint64_t k = 0; k < times; k++) {
        double values[STATS_POWER_PAIRS_MAX];
        struct stats_signed_rank out;

        for (uint64_t i = 0; i < n; i++)
            values[i] = effect + normal_quantile(random_uniform(1, TEST_NUMBERS, k * n + i));
        assert_int_equal(stats_signed_rank_of(values, n, 0, &out), 0);
        seen += out.above <= alpha;
    }
    return (double)seen / (double)times;
}

/* What a confirmation asks for: one of 40 metrics at 1 %, Holm's first step. */
static void pairs_have_the_power_asked_for(void **state)
{
    static const double effects[] = {0.8, 1.2, 2};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(effects); i++) {
        double alpha = 0.01 / 40, before;
        size_t n;

        assert_int_equal(stats_power_pairs(effects[i], 1, alpha, 0.9, &n), 0);
        assert_near(simulated(n, effects[i], alpha, 3000), 0.92, 0.055);
        assert_int_equal(stats_power_of(n - 1, effects[i], 1, alpha, &before), 0);
        assert_true(before < 0.9);
    }
}

static void the_effect_found_has_the_power(void **state)
{
    (void)state;
    for (size_t n = 8; n <= 128; n *= 2) {
        double effect, power, alpha = 1.0 / 128;
        size_t pairs;

        assert_int_equal(stats_power_effect(n, 0.03, alpha, 0.9, &effect), 0);
        assert_int_equal(stats_power_of(n, effect, 0.03, alpha, &power), 0);
        assert_near(power, 0.9, 0.001);
        assert_int_equal(stats_power_pairs(effect * 1.001, 0.03, alpha, 0.9, &pairs), 0);
        assert_true(pairs <= n && pairs > n * 3 / 4);
    }
    /* 8 pairs at their smallest p: all above, so p(one)^8 = 0.9 */
    {
        double effect;

        assert_int_equal(stats_power_effect(8, 1, 1 / 256.0, 0.9, &effect), 0);
        assert_near(effect, normal_quantile(pow(0.9, 1 / 8.0)), 1e-4);
    }
}

/* Noether's formula holds for many pairs and small effects: (1.645 + 1.282)^2 / (3 (p2 - 1/2)^2).
 */
static void many_pairs_are_as_noether_has_them(void **state)
{
    size_t n;
    double effect = 0.25, p2 = normal_cdf(M_SQRT2 * effect);
    double noether = pow(1.644854 + 1.281552, 2) / (3 * (p2 - 0.5) * (p2 - 0.5));

    (void)state;
    assert_int_equal(stats_power_pairs(effect, 1, 0.05, 0.9, &n), 0);
    assert_near((double)n, noether, 0.05 * noether);
}

static void ends(void **state)
{
    double out;
    size_t n = 77;

    (void)state;
    assert_int_equal(stats_power_of(6, 5, 1, 0.01, &out), 0);
    assert_true(out == 0); /* 2^-6 > 0.01 */
    assert_int_equal(stats_power_of(8, 0, 1, 0.05, &out), 0);
    assert_true(out > 0.01 && out <= 0.055); /* no effect: about alpha */
    assert_int_equal(stats_power_of(8, 1e300, 1, 0.05, &out), 0);
    assert_true(out == 1);
    assert_int_equal(stats_power_effect(6, 1, 0.01, 0.9, &out), 0);
    assert_true(isinf(out));
    assert_int_equal(stats_power_pairs(0.001, 1, 0.01, 0.9, &n), -ERANGE);
    assert_int_equal(stats_power_pairs(0, 1, 0.01, 0.9, &n), -EINVAL);
    assert_int_equal(stats_power_pairs(1, 0, 0.01, 0.9, &n), -EINVAL);
    assert_int_equal(stats_power_pairs(1, 1, 0, 0.9, &n), -EINVAL);
    assert_int_equal(stats_power_pairs(1, 1, 0.01, 1, &n), -EINVAL);
    assert_int_equal(n, 77);
    assert_int_equal(stats_power_of(0, 1, 1, 0.05, &out), -EINVAL);
    assert_int_equal(stats_power_of(STATS_POWER_PAIRS_MAX + 1, 1, 1, 0.05, &out), -ERANGE);
    assert_int_equal(stats_power_of(8, NAN, 1, 0.05, &out), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_is_that_of_simulation_in_r),
        cmocka_unit_test(pairs_have_the_power_asked_for),
        cmocka_unit_test(the_effect_found_has_the_power),
        cmocka_unit_test(many_pairs_are_as_noether_has_them),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
