/* The promise: the distance is the textbook's, also where the distribution jumps or samples are
 * equal; its limit is Smirnov's table to 6 digits, its critical values Miller's to 0.4 %. */
#include "math/stats_ks.h"

#include "base/random.h"
#include "math/distribution.h"
#include "math/theory_queue.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static double uniform(double x, const void *arg)
{
    (void)arg;
    return fmin(fmax(x, 0), 1);
}

static double distance(const double *sorted, size_t n)
{
    return stats_ks_distance(sorted, n, uniform, NULL);
}

/* Conover, Practical Nonparametric Statistics, chapter 6: T = 0.290. */
static void the_example_of_conover(void **state)
{
    const double sorted[] = {0.203, 0.329, 0.382, 0.477, 0.480, 0.503, 0.554, 0.581, 0.621, 0.710};

    (void)state;
    assert_close(distance(sorted, 10), 0.290, 1e-12);
}

static void by_hand(void **state)
{
    const double one[] = {0.3}, low[] = {0.1, 0.2}, high[] = {0.6, 0.9, 0.95},
                 tied[] = {0.5, 0.5, 0.5, 0.9};

    (void)state;
    assert_close(distance(one, 1), 0.7, 1e-15);
    assert_close(distance(low, 2), 0.8, 1e-15);
    assert_close(distance(high, 3), 0.6, 1e-15); /* just below the first: nothing seen, 0.6 due */
    assert_close(distance(tied, 4), 0.5, 1e-15); /* just below 0.5; at it, 0.25 */
}

/* P(X <= x) of one that is 0 in 40 % of cases, else uniform on 0..1. */
static double with_atom(double x, const void *arg)
{
    (void)arg;
    return x < 0 ? 0 : fmin(1, 0.4 + 0.6 * x);
}

static void a_jump_is_not_a_distance(void **state)
{
    const double exact[] = {0, 0, 0, 0, 0.1, 0.3, 0.5, 0.6, 0.8, 0.95};
    const double fewer[] = {0, 0.1, 0.3, 0.5, 0.95}, none[] = {0.1, 0.5};

    (void)state;
    /* largest just below 0.5: 6 in 10 seen, 0.7 due; of the others below 0.5 and 0.1 */
    assert_close(stats_ks_distance(exact, 10, with_atom, NULL), 0.10, 1e-12);
    assert_close(stats_ks_distance(fewer, 5, with_atom, NULL), 0.26, 1e-12);
    assert_close(stats_ks_distance(none, 2, with_atom, NULL), 0.46, 1e-12);
}

/* Smirnov, "Table for estimating the goodness of fit of empirical distributions", Annals of
 * Mathematical Statistics 19 (1948): L(z), 6 decimals. The limit is that of large n; a quantile is
 * as exact as the table's decimals divided by the density there. */
static void the_limit_is_smirnovs_table(void **state)
{
    static const struct {
        double z, l, density;
    } table[] = {
        {0.5, 0.036055, 0.63}, {1, 0.730000, 1.07}, {1.36, 0.950514, 0.26}, {1.5, 0.977782, 0.13}};
    const double n = 1e16;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_close(sqrt(n) * stats_ks_critical(n, 1 - table[i].l), table[i].z,
                     0.6e-6 / table[i].density);
    assert_close(sqrt(n) * stats_ks_critical(n, 0.10), 1.22384787, 1e-7);
    assert_close(sqrt(n) * stats_ks_critical(n, 0.05), 1.35809864, 1e-7);
    assert_close(sqrt(n) * stats_ks_critical(n, 0.01), 1.62762361, 1e-7);
    for (double alpha = 0.2; alpha < 0.4; alpha += 0.001) /* no step where one series takes over */
        assert_true(stats_ks_critical(n, alpha) > stats_ks_critical(n, alpha + 0.0001));
}

/* Miller, "Table of percentage points of Kolmogorov statistics", JASA 51 (1956): exact. */
static void critical_values_are_near_millers_table(void **state)
{
    static const struct {
        double n, alpha, d;
    } table[] = {{10, 0.10, 0.36866}, {10, 0.05, 0.40925},  {10, 0.01, 0.48893},
                 {20, 0.05, 0.29408}, {20, 0.01, 0.35241},  {30, 0.05, 0.24170},
                 {50, 0.05, 0.18841}, {100, 0.05, 0.13403}, {100, 0.01, 0.16081}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double d = stats_ks_critical(table[i].n, table[i].alpha);

        assert_close(d / table[i].d, 1, 0.004);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double wait_cdf(double x, const void *arg)
{
    return theory_queue_wait_cdf(arg, x);
}

/* Independent draws of the waits of M/M/4: few are refused at 5 %, and fewer than for one without a
 * jump; those of another utilisation nearly always are. */
static void waits_of_a_queue_are_told_apart(void **state)
{
    const struct theory_queue right = {280, 0.01, 1, 4}, wrong = {320, 0.01, 1, 4};
    struct theory_queue_result r, w;
    unsigned refused = 0, found = 0;
    double waits[500];

    (void)state;
    theory_queue_solve(&right, &r);
    theory_queue_solve(&wrong, &w);
    for (uint64_t seed = 0; seed < 200; seed++) {
        double critical = stats_ks_critical(500, 0.05);

        for (size_t i = 0; i < 500; i++)
            waits[i] = theory_queue_wait_percentile(&r, random_uniform(seed, 5, i));
        qsort(waits, 500, sizeof *waits, compare);
        refused += stats_ks_distance(waits, 500, wait_cdf, &r) > critical;
        found += stats_ks_distance(waits, 500, wait_cdf, &w) > critical;
    }
    assert_in_range(refused, 1, 12);
    assert_true(found > 190);
}

/* 1, 2, 2, 5 and 2, 3: after 1 they are 1/4 apart, after 2 1/4, after 3 1/4; and 7 is beyond all.
 */
static void two_series_by_hand(void **state)
{
    const double a[] = {1, 2, 2, 5}, b[] = {2, 3}, far[] = {7}, lower[] = {0, 0, 0, 2};

    (void)state;
    assert_true(stats_ks_between(a, 4, b, 2) == 0.25);
    assert_true(stats_ks_between(b, 2, a, 4) == 0.25);
    assert_true(stats_ks_between(a, 4, a, 4) == 0);
    assert_true(stats_ks_between(a, 4, far, 1) == 1);
    assert_true(stats_ks_between(far, 1, a, 4) == 1);
    assert_true(stats_ks_between(a, 4, lower, 4) == 0.75);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_conover),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(a_jump_is_not_a_distance),
        cmocka_unit_test(the_limit_is_smirnovs_table),
        cmocka_unit_test(critical_values_are_near_millers_table),
        cmocka_unit_test(waits_of_a_queue_are_told_apart),
        cmocka_unit_test(two_series_by_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
