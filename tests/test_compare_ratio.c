/* The promise: a ratio's interval is that of the rank-sum test, and where values have no ratio it
 * says so. */
#include "compare/compare.h"
#include "support/compare_docs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9))
        fail_msg("%.12g is not %.12g", value, expected);
}

/* The 95 % interval of 6 against 6 is from the 6th of the 36 differences to the 6th from the end
 * (Mann and Whitney's critical value is 5). With b = 2 everywhere the differences are those of a.
 */
static void the_interval_is_that_of_the_rank_sum_test(void **state)
{
    static const double a[COMPARE_DOCS_RUNS] = {1, 2, 4, 8, 16, 32},
                        b[COMPARE_DOCS_RUNS] = {64, 64, 64, 64, 64, 64};
    struct compare_ratio r;

    (void)state;
    assert_int_equal(compare_ratio_of(a, COMPARE_DOCS_RUNS, b, COMPARE_DOCS_RUNS, 0.02, &r), 0);
    assert_near(r.ratio, sqrt(8 * 16));
    assert_near(r.low, 2);
    assert_near(r.high, 64);
    assert_true(r.confidence >= 0.95 && r.confidence < 0.97);
    assert_int_equal(compare_ratio_of(b, COMPARE_DOCS_RUNS, a, COMPARE_DOCS_RUNS, 0.02, &r), 0);
    assert_near(r.low, 1 / 64.0);
    assert_near(r.high, 0.5);
    assert_int_equal(r.verdict, COMPARE_LESS);
}

static void zero_has_no_ratio_but_equals_zero(void **state)
{
    static const double zero[COMPARE_DOCS_RUNS] = {0}, some[COMPARE_DOCS_RUNS] = {0, 1, 1, 1, 1, 1};
    struct compare_ratio r;

    (void)state;
    assert_int_equal(compare_ratio_of(zero, COMPARE_DOCS_RUNS, zero, COMPARE_DOCS_RUNS, 0.02, &r),
                     0);
    assert_int_equal(r.verdict, COMPARE_SAME);
    assert_int_equal(compare_ratio_of(zero, COMPARE_DOCS_RUNS, some, COMPARE_DOCS_RUNS, 0.02, &r),
                     0);
    assert_int_equal(r.verdict, COMPARE_UNKNOWN);
    assert_true(isnan(r.ratio));
}

/* A count may be less than nothing: it is the slope of two totals. */
static void what_is_not_above_0_has_no_ratio(void **state)
{
    struct compare_ratio r;

    (void)state;
    compare_ratio_bare(0.25, -0.25, "why", &r);
    assert_true(isnan(r.ratio));
    compare_ratio_bare(0.25, 0.5, "why", &r);
    assert_near(r.ratio, 2);
    assert_int_equal(r.verdict, COMPARE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_is_that_of_the_rank_sum_test),
        cmocka_unit_test(what_is_not_above_0_has_no_ratio),
        cmocka_unit_test(zero_has_no_ratio_but_equals_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
