/* The promise: the rank-sum test has the probabilities of published tables, whichever side is the
 * greater one. */
#include "measure/rank_sum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static struct rank_sum of(const double *a, size_t n, const double *b, size_t m)
{
    struct rank_sum out;

    assert_int_equal(rank_sum_of(a, n, b, m, &out), 0);
    return out;
}

static void assert_near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error))
        fail_msg("%.9g is not %.9g", value, expected);
}

/* Two of the 20 orders of 3 and 3, of the 924 of 6 and 6. */
static void test_fully_apart(void **state)
{
    static const double low[] = {1, 2, 3, 4, 5, 6}, high[] = {7, 8, 9, 10, 11, 12};

    (void)state;
    assert_near(of(low, 3, high, 3).p, 0.1, 1e-12);
    assert_near(of(low, 6, high, 6).p, 2 / 924.0, 1e-12);
    assert_near(of(high, 6, low, 6).p, 2 / 924.0, 1e-12);
    assert_near(of(low, 6, high, 6).u, 0, 0);
    assert_near(of(high, 6, low, 6).u, 36, 0);
    assert_near(of(low, 1, high, 1).p, 1, 1e-12);
}

/* Critical values for a two-sided 5 %: 5 of 6 and 6, 2 of 5 and 5, 23 of 10 and 10 (Mann and
 * Whitney's table as in Siegel, Nonparametric Statistics, 1956, table K). */
static void test_critical_values(void **state)
{
    static const struct {
        size_t n;
        double critical;
    } cases[] = {{5, 2}, {6, 5}, {7, 8}, {8, 13}, {9, 17}, {10, 23}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t n = cases[i].n;
        double a[10], b[10];

        /* b is n numbers; the first of a's beats `critical` of them, or one more, others none */
        for (size_t more = 0; more < 2; more++) {
            double left = cases[i].critical + (double)more;

            for (size_t k = 0; k < n; k++) {
                double beats = fmin(left, (double)n);

                b[k] = 10 + (double)k;
                a[k] = 9.5 + beats - (double)k * 0.01;
                left -= beats;
            }
            assert_near(of(a, n, b, n).u, cases[i].critical + (double)more, 0);
            assert_true((of(a, n, b, n).p <= 0.05) == (more == 0));
        }
    }
}

static void test_no_difference(void **state)
{
    static const double a[] = {1, 4, 5, 8}, b[] = {2, 3, 6, 7}, same[] = {5, 5, 5, 5, 5, 5};

    (void)state;
    assert_near(of(a, 4, b, 4).p, 1, 1e-12);
    assert_near(of(same, 6, same, 6).u, 18, 0);
    assert_true(of(same, 6, same, 6).p > 0.9);
}

/* Where the exact probabilities end, the approximation goes on. */
static void test_many_values(void **state)
{
    double a[40], b[40];

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        a[i] = (double)i;
        b[i] = (double)i + 8.5;
    }
    assert_near(of(a, 31, b, 32).p, of(a, 32, b, 32).p, 0.002);
    assert_true(of(a, 31, b, 32).p < 0.05 && of(a, 31, b, 32).p > 0.0001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fully_apart),
        cmocka_unit_test(test_critical_values),
        cmocka_unit_test(test_no_difference),
        cmocka_unit_test(test_many_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
