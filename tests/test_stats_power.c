/* The promise: a signed-rank test with that many pairs sees the effect as often as was asked:
 * within 0.02 of simulations, those of R and its own. */

#include "base/random.h"
#include "math/stats_laws.h"
#include "math/stats_ranks.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a)  (sizeof(a) / sizeof *(a))
#define TEST_NUMBERS 102 /* a stream that no part of the program uses */

static double effect_of(size_t n, double sd, double alpha, double power)
{
    double effect = NAN;

    assert_int_equal(stats_power_effect(n, sd, alpha, power, &effect), 0);
    return effect;
}

/* The fewest pairs that show the effect. */
static size_t pairs_of(double effect, double alpha, double power)
{
    for (size_t n = 1; n <= STATS_SIGNED_RANK_EXACT_MAX; n++)
        if (effect_of(n, 1, alpha, power) <= effect)
            return n;
    fail_msg("no number of pairs shows %g", effect);
    return 0;
}

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
        double effect = 3 * table[i].effect;

        assert_true(effect_of(table[i].n, 3, table[i].alpha, table[i].power - 0.02) < effect);
        assert_true(effect_of(table[i].n, 3, table[i].alpha, table[i].power + 0.02) > effect);
    }
}

static double simulated(size_t n, double effect, double alpha, uint64_t times)
{
    uint64_t seen = 0;

    for (uint64_t k = 0; k < times; k++) {
        double values[STATS_SIGNED_RANK_EXACT_MAX];
        struct stats_signed_rank out;

        for (uint64_t i = 0; i < n; i++)
            values[i] = effect + stats_normal_quantile(random_uniform(1, TEST_NUMBERS, k * n + i));
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
        double alpha = 0.01 / 40;

        assert_near(simulated(pairs_of(effects[i], alpha, 0.9), effects[i], alpha, 3000), 0.92,
                    0.055);
    }
}

/* Simulated with the effect as it is found; and 8 pairs at their smallest p: all above, so
 * p(one)^8 = 0.9. */
static void the_effect_found_has_the_power(void **state)
{
    double alpha = 1.0 / 128;

    (void)state;
    for (size_t n = 8; n <= 32; n *= 2)
        assert_near(simulated(n, effect_of(n, 1, alpha, 0.9), alpha, 3000), 0.9, 0.03);
    assert_near(effect_of(8, 1, 1 / 256.0, 0.9), stats_normal_quantile(pow(0.9, 1 / 8.0)), 1e-4);
    assert_near(effect_of(64, 0.03, alpha, 0.9), 0.03 * effect_of(64, 1, alpha, 0.9), 1e-5);
}

/* Noether's formula holds for many pairs and small effects: (1.645 + 1.282)^2 / (3 (p2 - 1/2)^2).
 */
static void many_pairs_are_as_noether_has_them(void **state)
{
    double effect = 0.25, p2 = stats_normal_cdf(M_SQRT2 * effect);
    double noether = pow(1.644854 + 1.281552, 2) / (3 * (p2 - 0.5) * (p2 - 0.5));

    (void)state;
    assert_near((double)pairs_of(effect, 0.05, 0.9), noether, 0.05 * noether);
}

static void ends(void **state)
{
    double out = 77;

    (void)state;
    assert_true(isinf(effect_of(6, 1, 0.01, 0.9))); /* 2^-6 > 0.01 */
    assert_true(effect_of(8, 1, 0.05, 0.06) < 0.1); /* no effect has the power alpha */
    assert_int_equal(stats_power_effect(8, 0, 0.01, 0.9, &out), -EINVAL);
    assert_int_equal(stats_power_effect(8, NAN, 0.01, 0.9, &out), -EINVAL);
    assert_int_equal(stats_power_effect(8, 1, 0, 0.9, &out), -EINVAL);
    assert_int_equal(stats_power_effect(8, 1, 0.01, 1, &out), -EINVAL);
    assert_int_equal(stats_power_effect(0, 1, 0.05, 0.9, &out), -EINVAL);
    assert_int_equal(stats_power_effect(STATS_SIGNED_RANK_EXACT_MAX + 1, 1, 0.05, 0.9, &out),
                     -ERANGE);
    assert_true(out == 77);
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
