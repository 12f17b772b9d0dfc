/* The promise: the rank-sum test has the probabilities of published tables and of R, with ties as
 * well, whichever side is the greater one. R 4.2.2: wilcox.test(a, b, alternative =, exact =),
 * pwilcox(); with ties all ways to share out the ranks, enumerated by combn(). */
#include "math/stats_ranks.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static struct stats_rank_sum of(const double *a, size_t n, const double *b, size_t m)
{
    struct stats_rank_sum out;

    assert_int_equal(stats_rank_sum_of(a, n, b, m, &out), 0);
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

static void assert_tails(const double *a, size_t n, const double *b, size_t m,
                         const struct stats_rank_sum *expected)
{
    struct stats_rank_sum out = of(a, n, b, m), swapped = of(b, m, a, n);

    assert_near(out.u, expected->u, 0);
    assert_near(out.above, expected->above, 1e-12);
    assert_near(out.below, expected->below, 1e-12);
    assert_near(out.p, expected->p, 1e-12);
    assert_near(swapped.u, (double)n * (double)m - expected->u, 0);
    assert_near(swapped.above, expected->below, 1e-12);
    assert_near(swapped.p, expected->p, 1e-12);
}

/* Hollander and Wolfe, table 4.1: water through membranes; p = 0.127 one-sided. */
static void test_vectors_of_r(void **state)
{
    static const double a[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    static const double b[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    static const struct stats_rank_sum of_ab = {35, 0.127206127206127, 0.896769896769897,
                                                0.254412254412254};
    double p[40], q[45];

    (void)state;
    assert_tails(a, 10, b, 5, &of_ab);
    for (int i = 0; i < 30; i++)
        p[i] = (i + 1) * 17 % 31 / 31.0;
    for (int i = 0; i < 33; i++)
        q[i] = (i + 1) * 10 % 37 / 37.0 + 0.13;
    assert_near(of(p, 30, q, 33).u, 368, 0);
    assert_near(of(p, 30, q, 33).p, 0.0816781958952883, 1e-12);

    /* by the normal approximation: exact = FALSE, where exactly it is 0.0322570865882687 */
    for (int i = 0; i < 40; i++)
        p[i] = (i + 1) * 17 % 41 / 41.0;
    for (int i = 0; i < 45; i++)
        q[i] = (i + 1) * 10 % 47 / 47.0 + 0.15;
    assert_near(of(p, 40, q, 45).u, 657, 0);
    assert_near(of(p, 40, q, 45).p, 0.032753377740944, 1e-12);
}

static void test_ties(void **state)
{
    static const double a[] = {1, 2, 2, 3, 5, 5, 8}, b[] = {2, 3, 4, 5, 6, 8, 8, 9};
    static const double c[] = {12, 12, 12, 13, 12}, d[] = {13, 13, 12, 14, 13, 13};
    static const struct stats_rank_sum of_ab = {15.5, 0.936907536907537, 0.0826728826728827,
                                                0.165345765345765};
    static const struct stats_rank_sum of_cd = {5, 0.997835497835498, 0.0562770562770563,
                                                0.112554112554113};
    double equal[70] = {0};

    (void)state;
    assert_tails(a, 7, b, 8, &of_ab);
    assert_tails(c, 5, d, 6, &of_cd);
    assert_near(of(equal, 30, equal + 30, 40).p, 1, 0);
}

static void test_distribution(void **state)
{
    static const struct {
        size_t n, m, u;
        double p;
    } table[] = {{3, 4, 0, 0.0285714285714286},
                 {5, 5, 5, 0.0753968253968254},
                 {10, 10, 23, 0.0216285262724891},
                 {20, 20, 100, 0.00307247782461788},
                 {30, 33, 718, 0.999120534590315}};
    static double at[STATS_RANK_SUM_EXACT_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        double below = 0;

        assert_int_equal(stats_rank_sum_probabilities(table[i].n, table[i].m, at), 0);
        for (size_t u = 0; u <= table[i].u; u++)
            below += at[u];
        assert_near(below, table[i].p, 1e-12);
        assert_int_equal(stats_rank_sum_probabilities(table[i].m, table[i].n, at), 0);
        for (size_t u = 0; u <= table[i].u; u++)
            below -= at[u];
        assert_near(below, 0, 1e-12);
    }
    assert_int_equal(stats_rank_sum_probabilities(1, STATS_RANK_SUM_EXACT_MAX + 1, at), -ERANGE);
    assert_int_equal(stats_rank_sum_probabilities(1, STATS_RANK_SUM_EXACT_MAX, at), 0);
    assert_near(at[0], 1.0 / (STATS_RANK_SUM_EXACT_MAX + 1), 1e-12);
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
        cmocka_unit_test(test_fully_apart),   cmocka_unit_test(test_critical_values),
        cmocka_unit_test(test_no_difference), cmocka_unit_test(test_vectors_of_r),
        cmocka_unit_test(test_ties),          cmocka_unit_test(test_distribution),
        cmocka_unit_test(test_many_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
