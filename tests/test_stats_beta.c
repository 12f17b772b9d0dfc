/* The promise: probabilities are those of R 4.2.2's pbeta(x, a, b), on both sides of the mean, for
 * shapes near 0 and large. */
#include "math/stats_laws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static void probabilities_are_those_of_r(void **state)
{
    static const struct {
        double x, a, b, p;
    } table[] = {
        {0.5, 0.5, 0.5, 0.5},
        {0.1, 2, 3, 0.0523},
        {0.9, 2, 5, 0.999945},
        {0.3, 1, 7, 0.9176457},
        {0.95, 35, 2, 0.4567293059659197},
        {0.99, 300, 4, 0.6404789806604005},
        {0.7, 1e4, 4300, 0.5714300119890836},
        {0.5, 1e5, 1e5, 0.5},
        {0.001, 3, 1000, 0.0805775903602045},
        {0.84, 26.6, 2.5, 0.0896838205192667},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double p = stats_beta_cdf(table[i].x, table[i].a, table[i].b);

        assert_close(p, table[i].p, 1e-8);
        assert_close(stats_beta_cdf(1 - table[i].x, table[i].b, table[i].a), 1 - p, 1e-8);
    }
}

static void ends(void **state)
{
    (void)state;
    assert_true(stats_beta_cdf(0, 2, 3) == 0 && stats_beta_cdf(-1, 2, 3) == 0);
    assert_true(stats_beta_cdf(1, 2, 3) == 1 && stats_beta_cdf(7, 2, 3) == 1);
    assert_true(isnan(stats_beta_cdf(0.5, 0, 1)) && isnan(stats_beta_cdf(NAN, 1, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_are_those_of_r),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
