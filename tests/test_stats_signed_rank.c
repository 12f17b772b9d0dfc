/* The promise: the signed-rank test has the probabilities of R and of published examples, exactly,
 * with ties and zeros as well. R 4.2.2: wilcox.test(x, alternative=, exact=TRUE), psignrank(); with
 * ties wilcox.exact() of exactRankTests 0.8.35, and all 2^n signs enumerated by expand.grid(). */
#include "math/stats_ranks.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static void assert_near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.15g is not %.15g", value, expected);
}

static struct stats_signed_rank of(const double *values, size_t n, double center)
{
    struct stats_signed_rank out;

    assert_int_equal(stats_signed_rank_of(values, n, center, &out), 0);
    return out;
}

/* Hollander and Wolfe, table 3.1: depression of 9 patients; p = 0.019 one-sided. */
static void hollander_and_wolfe(void **state)
{
    static const double x[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    static const double y[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    double d[9];
    struct stats_signed_rank out;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        d[i] = x[i] - y[i];
    out = of(d, 9, 0);
    assert_true(out.w == 40 && out.used == 9 && out.exact);
    assert_near(out.above, 0.01953125, 1e-13);
    assert_near(out.below, 0.986328125, 1e-13);
    assert_near(out.p, 0.0390625, 1e-13);
}

/* Darwin's maize (Fisher, The Design of Experiments, 1935), shifted by a center. */
static void darwin(void **state)
{
    static const double maize[] = {6.125, -8.375, 1, 2, 0.75,  2.875, 3.5, 5.125,
                                   1.75,  3.625,  7, 3, 9.375, 7.5,   -6};
    double moved[15];

    (void)state;
    for (size_t i = 0; i < 15; i++)
        moved[i] = maize[i] + 16;
    for (int k = 0; k < 2; k++) {
        struct stats_signed_rank out = k == 0 ? of(maize, 15, 0) : of(moved, 15, 16);

        assert_true(out.w == 96);
        assert_near(out.above, 0.0206298828125, 1e-13);
        assert_near(out.below, 0.982330322265625, 1e-13);
        assert_near(out.p, 0.041259765625, 1e-13);
    }
}

static void ties_and_zeros(void **state)
{
    static const double one[] = {1, 1, 2, -1, 3, 3, -2, 4, 0, 5};
    static const double two[] = {-3, -1, -1, 2, 2, 2, 5, 7, 7, -2, 0, 0, 4, 1};
    static const double three[] = {1, 1, 1, 1, 1, 1, -1};
    double many[40];
    struct stats_signed_rank out = of(one, COUNT_OF(one), 0);

    (void)state;
    assert_true(out.used == 9 && out.w == 38.5 && out.exact);
    assert_near(out.above, 0.03515625, 1e-13);
    assert_near(out.below, 0.98046875, 1e-13);
    assert_near(out.p, 0.0703125, 1e-13);

    out = of(two, COUNT_OF(two), 0);
    assert_true(out.used == 12 && out.w == 60.5);
    assert_near(out.above, 0.049072265625, 1e-13);
    assert_near(out.below, 0.957275390625, 1e-13);
    assert_near(out.p, 0.09814453125, 1e-13);

    out = of(three, COUNT_OF(three), 0);
    assert_true(out.w == 24);
    assert_near(out.above, 0.0625, 1e-13);
    assert_near(out.below, 0.9921875, 1e-13);

    for (int i = 0; i < 40; i++)
        many[i] = (i + 1) * 7 % 23 - 9;
    out = of(many, 40, 0);
    assert_true(out.w == 529);
    assert_near(out.above, 0.0259615038321499, 1e-12);
    assert_near(out.below, 0.974468733593312, 1e-12);
    assert_near(out.p, 0.0519230076642998, 1e-12);
}

/* All 2^n signs, counted in the test itself. */
static void tails_are_those_of_all_signs(void **state)
{
    static const double sizes[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
    double values[10], w[1024];
    struct stats_signed_rank out[1024];

    (void)state;
    for (unsigned signs = 0; signs < 1024; signs++) {
        for (unsigned i = 0; i < 10; i++)
            values[i] = (signs >> i & 1) != 0 ? sizes[i] : -sizes[i];
        out[signs] = of(values, 10, 0);
        w[signs] = out[signs].w;
    }
    for (unsigned signs = 0; signs < 1024; signs++) {
        unsigned above = 0, below = 0;

        for (unsigned k = 0; k < 1024; k++) {
            above += w[k] >= w[signs];
            below += w[k] <= w[signs];
        }
        assert_near(out[signs].above, above / 1024.0, 1e-13);
        assert_near(out[signs].below, below / 1024.0, 1e-13);
    }
}

static void distribution_is_psignrank(void **state)
{
    static const struct {
        size_t n, w;
        double p;
    } table[] = {
        {8, 0, 0.00390625},
        {8, 5, 0.0390625},
        {8, 20, 0.62890625},
        {10, 27, 0.5},
        {10, 28, 0.5390625},
        {20, 52, 0.0242204666137695},
        {20, 60, 0.0486536026000977},
        {40, 210, 0.00318587232504797},
        {50, 300, 0.000423785449182645},
        {60, 500, 0.000955103700458648},
        {60, 915, 0.501457463780590},
    };
    static double at[60 * 61 / 2 + 1];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        double below = 0, all = 0;

        assert_int_equal(stats_signed_rank_probabilities(table[i].n, at), 0);
        for (size_t w = 0; w <= stats_signed_rank_max(table[i].n); w++) {
            below += w <= table[i].w ? at[w] : 0;
            all += at[w];
        }
        assert_near(below, table[i].p, 1e-12);
        assert_near(all, 1, 1e-12);
    }
    assert_int_equal(stats_signed_rank_probabilities(STATS_SIGNED_RANK_EXACT_MAX + 1, at), -ERANGE);
}

/* (((1:60) * 37) %% 61) / 61 - 0.4, exact; (((1:250) * 7919) %% 101) - 45, exact=FALSE. */
static void many_values(void **state)
{
    double values[250];
    struct stats_signed_rank out;

    (void)state;
    for (int i = 0; i < 60; i++)
        values[i] = ((i + 1) * 37 % 61) / 61.0 - 0.4;
    out = of(values, 60, 0);
    assert_true(out.w == 1254 && out.exact);
    assert_near(out.above, 0.00598561910718658, 1e-12);

    for (int i = 0; i < 250; i++)
        values[i] = (i + 1) * 7919 % 101 - 45;
    out = of(values, 250, 0);
    assert_true(out.w == 18276 && out.used == 248 && !out.exact);
    assert_near(out.above, 0.00604785315016603, 1e-12);
    assert_near(out.below, 0.993967272778837, 1e-12);
    assert_near(out.p, 0.0120957063003321, 1e-12);

    /* where the exact ones end: the approximation is that of the same values */
    assert_near(of(values, 200, 0).above, of(values, 204, 0).above, 0.4);
    assert_true(of(values, 200, 0).exact && !of(values, 204, 0).exact);
}

static void ends(void **state)
{
    static const double equal[] = {2, 2, 2}, odd[] = {1, NAN}, endless[] = {INFINITY, 1};
    struct stats_signed_rank out = of(equal, 3, 2);

    (void)state;
    assert_true(out.used == 0 && out.w == 0 && out.above == 1 && out.below == 1 && out.p == 1);
    out = of(equal, 1, 0);
    assert_true(out.above == 0.5 && out.below == 1 && out.p == 1);
    assert_int_equal(stats_signed_rank_of(equal, 0, 0, &out), -EINVAL);
    assert_int_equal(stats_signed_rank_of(odd, 2, 0, &out), -EINVAL);
    assert_int_equal(stats_signed_rank_of(endless, 2, 0, &out), -EINVAL);
    assert_int_equal(stats_signed_rank_of(equal, 3, NAN, &out), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hollander_and_wolfe),
        cmocka_unit_test(darwin),
        cmocka_unit_test(ties_and_zeros),
        cmocka_unit_test(tails_are_those_of_all_signs),
        cmocka_unit_test(distribution_is_psignrank),
        cmocka_unit_test(many_values),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
