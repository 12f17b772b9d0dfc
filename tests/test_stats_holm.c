/* The promise: adjusted p values are those of R, in the order that they were given in. R 4.2.2:
 * p.adjust(p, "holm"). */
#include "math/stats_ranks.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_adjusted(const double *p, size_t n, const double *expected)
{
    double adjusted[16];

    assert_int_equal(stats_holm_adjust(p, n, adjusted), 0);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(adjusted[i] - expected[i]) <= 1e-14))
            fail_msg("%zu of %zu: %.15g is not %.15g", i, n, adjusted[i], expected[i]);
}

static void adjusted_as_by_r(void **state)
{
    static const double few[] = {0.01, 0.02, 0.03}, few_adjusted[] = {0.03, 0.04, 0.04};
    static const double mixed[] = {0.01, 0.04, 0.03, 0.005, 0.8, 0.03, 0.2};
    static const double mixed_adjusted[] = {0.060, 0.150, 0.150, 0.035, 0.800, 0.150, 0.400};
    static const double p[] = {0.0001, 0.0021, 0.021, 0.4, 0.9, 0.0021};
    static const double of_six[] = {0.0006, 0.0105, 0.0630, 0.8, 0.9, 0.0105};

    (void)state;
    assert_adjusted(few, 3, few_adjusted);
    assert_adjusted(mixed, 7, mixed_adjusted);
    assert_adjusted(p, 6, of_six);
}

static void in_place(void **state)
{
    double p[] = {0.03, 0.01, 0.02};

    (void)state;
    assert_int_equal(stats_holm_adjust(p, 3, p), 0);
    assert_true(fabs(p[0] - 0.04) < 1e-15 && fabs(p[1] - 0.03) < 1e-15 && p[2] == 0.04);
}

static void ends(void **state)
{
    static const double fine[] = {0, 1}, odd[] = {0.5, NAN}, above[] = {1.01}, below[] = {-0.01};
    double out[2];

    (void)state;
    assert_int_equal(stats_holm_adjust(fine, 0, out), 0);
    assert_int_equal(stats_holm_adjust(fine, 2, out), 0);
    assert_true(out[0] == 0 && out[1] == 1);
    assert_int_equal(stats_holm_adjust(odd, 2, out), -EINVAL);
    assert_int_equal(stats_holm_adjust(above, 1, out), -EINVAL);
    assert_int_equal(stats_holm_adjust(below, 1, out), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjusted_as_by_r),
        cmocka_unit_test(in_place),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
