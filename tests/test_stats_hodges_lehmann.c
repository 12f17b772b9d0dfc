/* The promise: estimates and intervals are those of R, and state the confidence they have. R 4.2.2:
 * wilcox.test(x, [y,] conf.int=TRUE, exact=TRUE, conf.level=); the confidence that is reached from
 * 1 - 2 * psignrank(qsignrank(alpha / 2, n) - 1, n), and with pwilcox() and qwilcox() likewise. */
#include "math/stats_ranks.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a)  (sizeof(a) / sizeof *(a))
#define TEST_NUMBERS 100 /* a stream that no part of the program uses */

struct interval {
    double wanted, low, high, reached;
};

static void assert_near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error))
        fail_msg("%.15g is not %.15g", value, expected);
}

static void assert_intervals(const double *a, size_t n, const double *b, size_t m, double estimate,
                             const struct interval *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct stats_hodges_lehmann out;
        double wanted = expected[i].wanted;

        if (b == NULL)
            assert_int_equal(stats_hodges_lehmann_of(a, n, wanted, &out), 0);
        else
            assert_int_equal(stats_hodges_lehmann_shift(a, n, b, m, wanted, &out), 0);
        assert_near(out.estimate, estimate, 1e-13);
        assert_near(out.ci_low, expected[i].low, 1e-13);
        assert_near(out.ci_high, expected[i].high, 1e-13);
        assert_near(out.confidence, expected[i].reached, 1e-12);
    }
}

static void one_sample_is_that_of_r(void **state)
{
    static const double maize[] = {6.125, -8.375, 1, 2, 0.75,  2.875, 3.5, 5.125,
                                   1.75,  3.625,  7, 3, 9.375, 7.5,   -6};
    static const struct interval of_maize[] = {{0.9, 1, 4.9375, 0.9053955078125},
                                               {0.95, 0.5, 5.1875, 0.95208740234375},
                                               {0.99, -1.625, 6.125, 0.99163818359375}};
    static const struct interval of_many[] = {
        {0.9, 0.0344262295081967, 0.1655737704918032, 0.901371150323398},
        {0.95, 0.0180327868852459, 0.1819672131147541, 0.950718494015639},
        {0.99, -0.00655737704918036, 0.20655737704918029, 0.990181199174229}};
    static const double x[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    static const double y[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    static const struct interval of_both[] = {{0.95, 0.010, 0.786, 0.9609375}};
    double many[60], d[9];

    (void)state;
    assert_intervals(maize, 15, NULL, 0, 3.125, of_maize, COUNT_OF(of_maize));
    for (int i = 0; i < 60; i++)
        many[i] = ((i + 1) * 37 % 61) / 61.0 - 0.4;
    assert_intervals(many, 60, NULL, 0, 0.1, of_many, COUNT_OF(of_many));
    for (size_t i = 0; i < 9; i++)
        d[i] = x[i] - y[i];
    assert_intervals(d, 9, NULL, 0, 0.46, of_both, 1); /* Hollander and Wolfe, example 3.3 */
}

/* Hollander and Wolfe, table 4.1; and (((1:30) * 17) %% 31) / 31 against (((1:33) * 10) %% 37) / 37
 * + 0.13. */
static void two_samples_are_those_of_r(void **state)
{
    static const double a[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    static const double b[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    static const struct interval few[] = {{0.9, -0.08, 0.72, 0.900765900765901},
                                          {0.95, -0.15, 0.76, 0.96003996003996},
                                          {0.99, -0.35, 1.01, 0.992007992007992}};
    static const struct interval more[] = {
        {0.95, -0.2878029642545772, 0.0182127288578902, 0.950611886111721}};
    double p[30], q[33];

    (void)state;
    assert_intervals(a, 10, b, 5, 0.305, few, COUNT_OF(few));
    for (int i = 0; i < 30; i++)
        p[i] = (i + 1) * 17 % 31 / 31.0;
    for (int i = 0; i < 33; i++)
        q[i] = (i + 1) * 10 % 37 / 37.0 + 0.13;
    assert_intervals(p, 30, q, 33, -0.1339232781168266, more, 1);
}

static void too_few_values_say_so(void **state)
{
    static const double values[] = {4, 1, 3, 2, 5};
    struct stats_hodges_lehmann out;

    (void)state;
    assert_int_equal(stats_hodges_lehmann_of(values, 5, 0.95, &out), 0);
    assert_true(out.ci_low == 1 && out.ci_high == 5 && out.estimate == 3);
    assert_near(out.confidence, 1 - 2 / 32.0, 1e-15);
    assert_int_equal(stats_hodges_lehmann_of(values, 1, 0.95, &out), 0);
    assert_true(out.ci_low == 4 && out.ci_high == 4 && out.confidence == 0);
    assert_int_equal(stats_hodges_lehmann_shift(values, 3, values, 3, 0.95, &out), 0);
    assert_true(out.ci_low == -3 && out.ci_high == 3);
    assert_near(out.confidence, 0.9, 1e-15);
}

static double draw(uint64_t index)
{
    return stats_normal_quantile(random_uniform(1, TEST_NUMBERS, index));
}

/* 2000 series of 8: the share that covers is within 5 standard errors of the one stated. */
static void intervals_cover_as_often_as_they_say(void **state)
{
    size_t covered = 0, covered_shift = 0, series = 2000;
    double stated = 0, stated_shift = 0;

    (void)state;
    for (size_t k = 0; k < series; k++) {
        double a[8], b[8];
        struct stats_hodges_lehmann one, two;

        for (size_t i = 0; i < 8; i++) {
            a[i] = 3 + draw(k * 16 + i);
            b[i] = 5 + draw(k * 16 + 8 + i);
        }
        assert_int_equal(stats_hodges_lehmann_of(a, 8, 0.9, &one), 0);
        assert_int_equal(stats_hodges_lehmann_shift(a, 8, b, 8, 0.9, &two), 0);
        covered += one.ci_low <= 3 && 3 <= one.ci_high;
        covered_shift += two.ci_low <= -2 && -2 <= two.ci_high;
        stated = one.confidence;
        stated_shift = two.confidence;
    }
    assert_near((double)covered / (double)series, stated, 0.03);
    assert_near((double)covered_shift / (double)series, stated_shift, 0.03);
}

/* Where exact ranks end, the interval goes on. */
static void many_values(void **state)
{
    static double values[400];
    struct stats_hodges_lehmann exact, normal;

    (void)state;
    for (uint64_t i = 0; i < 400; i++)
        values[i] = draw(1000000 + i);
    assert_int_equal(stats_hodges_lehmann_of(values, 200, 0.95, &exact), 0);
    assert_int_equal(stats_hodges_lehmann_of(values, 201, 0.95, &normal), 0);
    assert_near(normal.ci_low, exact.ci_low, 0.02);
    assert_near(normal.ci_high, exact.ci_high, 0.02);
    assert_near(normal.confidence, 0.95, 0.002);
    assert_true(normal.confidence >= 0.95);
    assert_int_equal(stats_hodges_lehmann_shift(values, 25, values + 200, 40, 0.95, &exact), 0);
    assert_int_equal(stats_hodges_lehmann_shift(values, 25, values + 200, 41, 0.95, &normal), 0);
    assert_near(normal.ci_low, exact.ci_low, 0.1);
    assert_near(normal.ci_high, exact.ci_high, 0.1);
}

static void ends(void **state)
{
    static const double values[] = {1, 2, NAN};
    struct stats_hodges_lehmann out;

    (void)state;
    assert_int_equal(stats_hodges_lehmann_of(values, 0, 0.95, &out), -EINVAL);
    assert_int_equal(stats_hodges_lehmann_of(values, 3, 0.95, &out), -EINVAL);
    assert_int_equal(stats_hodges_lehmann_of(values, 2, 1, &out), -EINVAL);
    assert_int_equal(stats_hodges_lehmann_of(values, 2, 0, &out), -EINVAL);
    assert_int_equal(stats_hodges_lehmann_of(values, STATS_HODGES_LEHMANN_MAX + 1, 0.95, &out),
                     -E2BIG);
    assert_int_equal(stats_hodges_lehmann_shift(values, 2, values, 0, 0.95, &out), -EINVAL);
    assert_int_equal(stats_hodges_lehmann_shift(values, 2, values, 3, 0.95, &out), -EINVAL);
    assert_int_equal(stats_hodges_lehmann_shift(values, 3, values, 2, 0.95, &out), -EINVAL);
    assert_int_equal(stats_hodges_lehmann_shift(values, 2, values, 2, 1, &out), -EINVAL);
    assert_int_equal(stats_hodges_lehmann_shift(values, 2, values, 2, 0, &out), -EINVAL);
    assert_int_equal(
        stats_hodges_lehmann_shift(values, STATS_HODGES_LEHMANN_MAX + 1, values, 2, 0.95, &out),
        -E2BIG);
    assert_int_equal(
        stats_hodges_lehmann_shift(values, 2, values, STATS_HODGES_LEHMANN_MAX + 1, 0.95, &out),
        -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_sample_is_that_of_r),
        cmocka_unit_test(two_samples_are_those_of_r),
        cmocka_unit_test(too_few_values_say_so),
        cmocka_unit_test(intervals_cover_as_often_as_they_say),
        cmocka_unit_test(many_values),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
