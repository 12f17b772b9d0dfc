/* The promise: the level's changes are found where they are, those of a published series among
 * them, and histories without one seldom show one. */
#include "math/stats_change_point.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a)  (sizeof(a) / sizeof *(a))
#define TEST_NUMBERS 104 /* a stream that no part of the program uses */

static double draw(uint64_t index)
{
    return stats_normal_quantile(random_uniform(1, TEST_NUMBERS, index));
}

/* The Nile at Aswan, 1871 to 1970: less water from 1899 on (Cobb, "The problem of the Nile",
 * Biometrika 65, 1978). R 4.2.2: strucchange 1.5, breakpoints(Nile ~ 1) has 28 values before it;
 * median(Nile[1:28]) is 1130, median(Nile[29:100]) 842.5. */
static void the_nile(void **state)
{
    static const double nile[] = {
        1120, 1160, 963, 1210, 1160, 1160, 813,  1230, 1370, 1140, 995,  935,  1110, 994,  1020,
        960,  1180, 799, 958,  1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774,  840,
        874,  694,  940, 833,  701,  916,  692,  1020, 1050, 969,  831,  726,  456,  824,  702,
        1120, 1100, 832, 764,  821,  768,  845,  864,  862,  698,  845,  744,  796,  1040, 759,
        781,  865,  845, 944,  984,  897,  822,  1010, 771,  676,  649,  846,  812,  742,  801,
        1040, 860,  874, 848,  890,  744,  749,  838,  1050, 918,  986,  797,  923,  975,  815,
        1020, 906,  901, 1170, 912,  746,  919,  718,  714,  740};
    struct stats_change_point out[4];
    size_t count;

    (void)state;
    assert_int_equal(COUNT_OF(nile), 100);
    assert_int_equal(stats_change_point_find(nile, 100, 0.01, 1, out, 4, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(out[0].at, 28);
    assert_true(out[0].p == 2.0 / (STATS_CHANGE_POINT_SHUFFLES + 1));
    assert_true(out[0].before == 1130 && out[0].after == 842.5);
}

/* Of 6 and 6 values, all of one side above: 2 of 924 orders are as clear at that place, and no
 * other place can be as clear. So p is 2 / 924 but for the shuffles. */
static void p_is_the_share_of_orders(void **state)
{
    static const double step[] = {3, 1, 2, 6, 5, 4, 9, 12, 10, 7, 8, 11};
    struct stats_change_point out;
    size_t count;

    (void)state;
    assert_int_equal(stats_change_point_find(step, 12, 0.01, 4, &out, 1, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(out.at, 6);
    assert_true(out.before == 3.5 && out.after == 9.5);
    assert_true(fabs(out.p - 4 / 924.0) < 0.005 && out.p >= 0.001);
}

static void levels_up_and_back(void **state)
{
    double values[60];
    struct stats_change_point out[3];
    size_t count;

    (void)state;
    for (uint64_t i = 0; i < 60; i++)
        values[i] = draw(i) * 0.01 + (i < 20 ? 0 : i < 40 ? 0.05 : -0.03);
    assert_int_equal(stats_change_point_find(values, 60, 0.01, 1, out, 3, &count), 0);
    assert_int_equal(count, 2);
    assert_true(out[0].at == 20 && out[1].at == 40);
    assert_true(fabs(out[0].after - 0.05) < 0.01 && out[0].after == out[1].before);

    for (uint64_t i = 0; i < 60; i++)
        values[i] = draw(100 + i) * 0.01 + (i >= 20 && i < 40 ? 0.05 : 0);
    assert_int_equal(stats_change_point_find(values, 60, 0.01, 1, out, 1, &count), 0);
    assert_int_equal(count, 2); /* more than there is room for */
    assert_int_equal(out[0].at, 20);
    assert_int_equal(stats_change_point_find(values, 60, 0.01, 1, NULL, 0, &count), 0);
    assert_int_equal(count, 2);
}

/* 300 histories of 20 runs of equal code at 5 %: expected 15, 5 standard errors are 19. */
static void equal_code_seldom_has_one(void **state)
{
    size_t shown = 0, count;

    (void)state;
    for (uint64_t k = 0; k < 300; k++) {
        double values[20];

        for (uint64_t i = 0; i < 20; i++)
            values[i] = draw(1000 + k * 20 + i);
        assert_int_equal(stats_change_point_find(values, 20, 0.05, k, NULL, 0, &count), 0);
        shown += count > 0;
    }
    assert_in_range(shown, 1, 34);
}

/* One odd run is none; three runs of the new level among 20 are enough. */
static void one_odd_run_and_three_new_ones(void **state)
{
    double values[20];
    struct stats_change_point out;
    size_t count;

    (void)state;
    for (uint64_t i = 0; i < 20; i++)
        values[i] = 1 + 0.001 * draw(i);
    values[9] = 50;
    assert_int_equal(stats_change_point_find(values, 20, 0.01, 1, NULL, 0, &count), 0);
    assert_int_equal(count, 0);
    values[9] = 1;
    values[17] = values[18] = values[19] = 1.1;
    assert_int_equal(stats_change_point_find(values, 20, 0.01, 1, &out, 1, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(out.at, 17);
}

/* Most counts of a history are equal: then any step is clear, though the median deviation is 0. */
static void counts(void **state)
{
    double values[16];
    struct stats_change_point out;
    size_t count;

    (void)state;
    for (size_t i = 0; i < 16; i++)
        values[i] = i < 12 ? 3 : 4;
    assert_int_equal(stats_change_point_find(values, 16, 0.01, 1, &out, 1, &count), 0);
    assert_int_equal(count, 1);
    assert_true(out.at == 12 && out.before == 3 && out.after == 4);
}

static void ends(void **state)
{
    static const double equal[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, odd[] = {1, NAN, 2, 3};
    size_t count = 9;

    (void)state;
    assert_int_equal(stats_change_point_find(equal, 10, 0.05, 1, NULL, 0, &count), 0);
    assert_int_equal(count, 0);
    for (size_t n = 0; n < 5; n++)
        assert_int_equal(stats_change_point_find(equal, n, 0.9, 1, NULL, 0, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(
        stats_change_point_find(equal, STATS_CHANGE_POINT_MAX + 1, 0.05, 1, NULL, 0, &count),
        -E2BIG);
    assert_int_equal(stats_change_point_find(odd, 4, 0.05, 1, NULL, 0, &count), -EINVAL);
    assert_int_equal(stats_change_point_find(equal, 10, 1, 1, NULL, 0, &count), -EINVAL);
    assert_int_equal(stats_change_point_find(equal, 10, 0, 1, NULL, 0, &count), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nile),
        cmocka_unit_test(p_is_the_share_of_orders),
        cmocka_unit_test(levels_up_and_back),
        cmocka_unit_test(equal_code_seldom_has_one),
        cmocka_unit_test(one_odd_run_and_three_new_ones),
        cmocka_unit_test(counts),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
