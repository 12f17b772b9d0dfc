/* The promise: the interval is that of R, and a new value lies in it as often as it says. R 4.2.2:
 * predict(lm(x ~ 1), data.frame(x = 0), interval = "prediction", level =). */
#include "math/stats.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEST_NUMBERS 101 /* a stream that no part of the program uses */

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static void interval_is_that_of_r(void **state)
{
    static const double ratios[] = {0.012, -0.008, 0.021,  0.004, -0.015,
                                    0.009, 0.018,  -0.003, 0.006, 0.011};
    static const double eight[] = {1.92, 1.88, 2.05, 1.97, 1.90, 2.11, 1.85, 1.99};
    static const struct {
        double confidence, low, high;
    } expected[] = {{0.9, -0.016312845752677, 0.027312845752677},
                    {0.95, -0.0214181916625996, 0.0324181916625996},
                    {0.99, -0.0331709188110944, 0.0441709188110944}};
    struct stats_prediction out;
    double logs[8];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stats_prediction_of(ratios, 10, expected[i].confidence, &out), 0);
        assert_close(out.mean, 0.0055, 1e-15);
        assert_close(out.sd, 0.011345581616745, 1e-14);
        assert_close(out.low, expected[i].low, 1e-13);
        assert_close(out.high, expected[i].high, 1e-13);
    }
    for (size_t i = 0; i < 8; i++)
        logs[i] = log(eight[i]);
    assert_int_equal(stats_prediction_of(logs, 8, 0.99, &out), 0);
    assert_close(out.low, 0.504498453616185, 1e-12);
    assert_close(out.high, 0.838334648951006, 1e-12);
}

/* 4000 times 8 values and one more: 5 standard errors are 0.0172. */
static void new_values_lie_in_it(void **state)
{
    size_t inside = 0;

    (void)state;
    for (uint64_t k = 0; k < 4000; k++) {
        double values[9];
        struct stats_prediction out;

        for (uint64_t i = 0; i < 9; i++)
            values[i] = stats_normal_quantile(random_uniform(1, TEST_NUMBERS, k * 9 + i));
        assert_int_equal(stats_prediction_of(values, 8, 0.95, &out), 0);
        inside += out.low <= values[8] && values[8] <= out.high;
    }
    assert_close((double)inside / 4000, 0.95, 0.0172);
}

static void ends(void **state)
{
    static const double equal[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    static const double odd[] = {1, 2, 3, 4, 5, 6, 7, NAN};
    struct stats_prediction out;

    (void)state;
    assert_int_equal(stats_prediction_of(equal, 8, 0.95, &out), 0);
    assert_true(out.sd == 0 && out.low == 0.1 && out.high == 0.1);
    assert_int_equal(stats_prediction_of(equal, 7, 0.95, &out), -ENODATA);
    assert_int_equal(stats_prediction_of(equal, 0, 0.95, &out), -ENODATA);
    assert_int_equal(stats_prediction_of(odd, 8, 0.95, &out), -EINVAL);
    assert_int_equal(stats_prediction_of(equal, 8, 1, &out), -EINVAL);
    assert_int_equal(stats_prediction_of(equal, 8, NAN, &out), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_is_that_of_r),
        cmocka_unit_test(new_values_lie_in_it),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
