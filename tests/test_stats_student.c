/* The promise: Student's t is that of the printed tables and, to 10 digits, of the closed forms
 * that it has for 1, 2 and 4 degrees of freedom. */

#include "math/stats_laws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

/* Abramowitz and Stegun, table 26.10 (also NIST/SEMATECH e-Handbook, 1.3.6.7.2): 3 decimals. */
static void quantiles_are_those_of_the_tables(void **state)
{
    static const struct {
        unsigned df;
        double p, t;
    } table[] = {
        {1, 0.975, 12.706}, {2, 0.975, 4.303},  {3, 0.975, 3.182},  {5, 0.975, 2.571},
        {10, 0.975, 2.228}, {19, 0.975, 2.093}, {20, 0.975, 2.086}, {30, 0.975, 2.042},
        {60, 0.975, 2.000}, {120, 0.975, 1.98}, {1, 0.995, 63.657}, {10, 0.995, 3.169},
        {30, 0.995, 2.750}, {5, 0.95, 2.015},   {7, 0.9, 1.415},    {9, 0.9995, 4.781},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_close(stats_student_quantile(table[i].p, table[i].df), table[i].t, 0.500001e-3);
}

/* Shaw, "Sampling Student's T distribution", Journal of Computational Finance 9 (2006): 1, 2, 4. */
static void quantiles_are_the_closed_forms(void **state)
{
    (void)state;
    for (double p = 0.005; p < 0.9995; p += 0.005) {
        double a = 4 * p * (1 - p), side = p < 0.5 ? -1 : 1;
        double one = tan(M_PI * (p - 0.5)), two = (2 * p - 1) * sqrt(2 / a);
        double four = side * 2 * sqrt(fmax(0, cos(acos(sqrt(a)) / 3) / sqrt(a) - 1));

        assert_close(stats_student_quantile(p, 1), one, 1e-10 * (1 + fabs(one)));
        assert_close(stats_student_quantile(p, 2), two, 1e-10 * (1 + fabs(two)));
        assert_close(stats_student_quantile(p, 4), four, 1e-7); /* which itself loses digits at 0 */
    }
    assert_close(stats_student_quantile(0.975, 1), 12.7062047361747, 1e-9);
    assert_close(stats_student_quantile(0.975, 2), 4.30265272974946, 1e-10);
    assert_close(stats_student_quantile(0.975, 4), 2.77644510519779, 1e-10);
}

static void it_becomes_the_normal_distribution(void **state)
{
    (void)state;
    for (double p = 0.01; p < 0.995; p += 0.09)
        assert_close(stats_student_quantile(p, 100000), stats_normal_quantile(p), 5e-5);
}

static void ends(void **state)
{
    (void)state;
    assert_true(stats_student_quantile(0, 5) == -INFINITY &&
                stats_student_quantile(1, 5) == INFINITY);
    assert_true(isnan(stats_student_quantile(-0.1, 5)) && isnan(stats_student_quantile(NAN, 5)));
    assert_true(isnan(stats_student_quantile(0.5, 0)));
    assert_true(stats_student_quantile(0.5, 5) == 0);
    assert_close(stats_student_quantile(0.25, 7) + stats_student_quantile(0.75, 7), 0, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_the_tables),
        cmocka_unit_test(quantiles_are_the_closed_forms),
        cmocka_unit_test(it_becomes_the_normal_distribution),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
