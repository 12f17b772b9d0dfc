/* The promise: what so many blocks can show is what the exact distribution says, and never less
 * than what equal code strays by. */
#include "pair/pair_decide.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_minimal(void **state)
{
    (void)state;
    assert_true(fabs(pair_power_minimal(1e-6, 8) - log(1.02)) < 1e-12);
    /* 1.644854 * 0.05 / sqrt(8) */
    assert_true(fabs(pair_power_minimal(0.05, 8) - 0.0290772) < 1e-6);
    assert_true(pair_power_minimal(0.05, 32) < pair_power_minimal(0.05, 8));
}

static void test_smallest(void **state)
{
    double few, more, noisy;

    (void)state;
    assert_int_equal(pair_power_smallest(0.01, 6, 0.01, &few), 0);
    assert_true(isinf(few)); /* 2^-6 > 0.01 */
    assert_int_equal(pair_power_smallest(0.01, 20, 0.01, &more), 0);
    assert_int_equal(pair_power_smallest(0.05, 20, 0.01, &noisy), 0);
    assert_true(more > pair_power_minimal(0.01, 20) && more < noisy);
}

/* P(W <= n): how many sets of different numbers up to n have a sum of at most n (OEIS A000009 has
 * those of each sum), of 2^n. */
static void test_bears_one(void **state)
{
    static const struct {
        size_t n;
        double sets;
    } cases[] = {{10, 43}, {13, 88}, {14, 110}, {19, 307}, {20, 371}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double p = ldexp(cases[i].sets, -(int)cases[i].n);
        bool bears;

        assert_int_equal(pair_power_bears_one(cases[i].n, p * 1.000001, &bears), 0);
        assert_true(bears);
        assert_int_equal(pair_power_bears_one(cases[i].n, p * 0.999999, &bears), 0);
        assert_false(bears);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_minimal),
        cmocka_unit_test(test_smallest),
        cmocka_unit_test(test_bears_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
