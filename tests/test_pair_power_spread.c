/* The promise: the spread of blocks is the standard deviation of their bulk, with outliers or
 * without. */
#include "pair/pair_decide.h"

#include "support/pair_suite.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_spread(void **state)
{
    struct pair_suite *s = pair_suite_create();
    double contender[400], relinked[400], spread, with_outliers;

    (void)state;
    *s = (struct pair_suite){.seed = 8};
    for (size_t i = 0; i < 400; i++) {
        contender[i] = 0.3 + 0.05 * pair_suite_normal(s);
        relinked[i] = 0.05 * pair_suite_normal(s);
    }
    assert_int_equal(pair_power_spread(contender, relinked, 400, &spread), 0);
    for (size_t i = 0; i < 20; i++)
        contender[i * 20] = 9;
    assert_int_equal(pair_power_spread(contender, relinked, 400, &with_outliers), 0);
    assert_true(fabs(spread - 0.05) < 0.005);
    assert_true(fabs(with_outliers - 0.05) < 0.01);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
