/* The promise: the latency curve has the percentiles that HdrHistogram's tools expect, exact values
 * at them, and no point that the samples do not carry. */
#include "math/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t *ranks(size_t n)
{
    uint64_t *values = calloc(n, sizeof *values);

    assert_non_null(values);
    for (size_t i = 0; i < n; i++)
        values[i] = 1000 * (i + 1);
    return values;
}

static struct stats_curve curve_for(const uint64_t *values, size_t n)
{
    struct stats_curve curve;

    stats_curve_of(values, n, &curve);
    return curve;
}

/* The Percentile column that HdrHistogram prints with 5 ticks per half distance. */
static void percentiles_are_those_of_hdrhistogram(void **state)
{
    static const double expected[] = {0,      0.1, 0.2,    0.3,   0.4,    0.5,     0.55, 0.6,
                                      0.65,   0.7, 0.75,   0.775, 0.8,    0.825,   0.85, 0.875,
                                      0.8875, 0.9, 0.9125, 0.925, 0.9375, 0.94375, 0.95};
    uint64_t *values = ranks(100000);
    struct stats_curve curve = curve_for(values, 100000);
    const struct stats_curve_point *points = curve.points;
    size_t n = curve.count;

    (void)state;
    assert_true(n > sizeof expected / sizeof *expected);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(points[i].percentile == expected[i]); /* to the last bit */
        assert_int_equal(points[i].value, fmax(1, ceil(expected[i] * 100000 - 1e-6)) * 1000);
    }
    free(values);
}

static void every_size_ends_at_its_largest_sample(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 3000; size += size < 100 ? 1 : 97) {
        uint64_t *values = ranks(size);
        struct stats_curve curve = curve_for(values, size);
        const struct stats_curve_point *points = curve.points;
        size_t n = curve.count;

        assert_in_range(n, 1, size);
        assert_true(points[n - 1].percentile == 1);
        assert_int_equal(points[n - 1].value, 1000 * size);
        assert_int_equal(points[n - 1].count, size);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(points[i].count * 1000, points[i].value);
            assert_true((double)points[i].count / (double)size >= points[i].percentile);
        }
        for (size_t i = 1; i < n; i++) {
            assert_true(points[i].percentile > points[i - 1].percentile);
            assert_true(points[i].count > points[i - 1].count); /* one point a rank */
        }
        free(values);
    }
}

static void equal_samples_are_counted_together(void **state)
{
    const uint64_t values[] = {5, 5, 5, 7, 7, 7, 7, 7, 7, 9};
    struct stats_curve curve = curve_for(values, 10);
    const struct stats_curve_point *points = curve.points;
    size_t n = curve.count;

    (void)state;
    assert_int_equal(points[0].value, 5);
    assert_int_equal(points[0].count, 3);
    assert_int_equal(points[4].value, 7); /* at 0.4, rank 4 of 10 */
    assert_int_equal(points[4].count, 9);
    assert_int_equal(points[n - 1].count, 10);
    assert_int_equal(curve_for(values, 0).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_those_of_hdrhistogram),
        cmocka_unit_test(every_size_ends_at_its_largest_sample),
        cmocka_unit_test(equal_samples_are_counted_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
