/* The promise: what is left out is what MSER-5 by its definition leaves out, which takes away a
 * beginning that is unlike the rest, and a run without a steady part is called so. */
#include "math/stats_series.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N 1000

static double noise(uint64_t seed, uint64_t index)
{
    return stats_normal_quantile(random_uniform(seed, 4, index));
}

/* White 1997, literally: means of 5, for each truncation d the sum of squares about the mean of
 * what is left, over its count squared. */
static size_t by_definition(const double *values, size_t n, double *least)
{
    size_t groups = n / 5, best = 0;
    double z[N / 5];

    for (size_t g = 0; g < groups; g++)
        z[g] = (values[5 * g] + values[5 * g + 1] + values[5 * g + 2] + values[5 * g + 3] +
                values[5 * g + 4]) /
               5;
    *least = INFINITY;
    for (size_t d = 0; d + 5 < groups; d++) {
        double mean = 0, squares = 0, count = (double)(groups - d);

        for (size_t g = d; g < groups; g++)
            mean += z[g] / count;
        for (size_t g = d; g < groups; g++)
            squares += (z[g] - mean) * (z[g] - mean);
        if (squares / (count * count) < *least) {
            *least = squares / (count * count);
            best = 5 * d;
        }
    }
    return best;
}

static void it_is_the_published_statistic(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        size_t n = 50 + random_bits(seed, 1, 0) % (N - 50);
        double values[N], least;
        struct stats_mser m;

        for (size_t i = 0; i < n; i++)
            values[i] = noise(seed, i) + (double)(seed % 7) * exp(-(double)i / 40);
        assert_int_equal(stats_mser(values, n, &m), 0);
        assert_int_equal(m.truncate, by_definition(values, n, &least));
        assert_true(fabs(m.statistic / least - 1) < 1e-9);
    }
}

static void a_beginning_unlike_the_rest_is_left_out(void **state)
{
    struct stats_mser m;
    double values[N];

    (void)state;
    for (size_t i = 0; i < N; i++)
        values[i] = i < 100 ? 10 : i % 2;
    assert_int_equal(stats_mser(values, N, &m), 0);
    assert_int_equal(m.truncate, 100);
    assert_true(m.steady);
    for (uint64_t seed = 0; seed < 20; seed++) { /* fills up slowly, as a queue does */
        for (size_t i = 0; i < N; i++)
            values[i] = noise(seed, i) - 30 * exp(-(double)i / 30);
        assert_int_equal(stats_mser(values, N, &m), 0);
        assert_in_range(m.truncate, 60, 300);
        assert_true(m.steady);
    }
}

/* On average over seeds little is lost of what was good throughout. */
static void a_steady_run_is_hardly_cut(void **state)
{
    size_t cut = 0;
    double values[N];

    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct stats_mser m;

        for (size_t i = 0; i < N; i++)
            values[i] = noise(seed, i);
        assert_int_equal(stats_mser(values, N, &m), 0);
        cut += m.truncate;
    }
    assert_true(cut / 50 < N / 8);
}

static void a_run_without_a_steady_part_is_called_so(void **state)
{
    struct stats_mser m;
    double values[N];

    (void)state;
    for (size_t i = 0; i < N; i++)
        values[i] = i < 700 ? (double)i : 700; /* a queue that grows, until it is full */
    assert_int_equal(stats_mser(values, N, &m), 0);
    assert_false(m.steady);
    assert_in_range(m.truncate, 690, 705);
    for (size_t i = 0; i < N; i++)
        values[i] = i < 600 ? 0 : 1000; /* an outage at the end */
    assert_int_equal(stats_mser(values, N, &m), 0);
    assert_false(m.steady);
}

static void ends(void **state)
{
    struct stats_mser m;
    double values[STATS_MSER_VALUES_MIN];

    (void)state;
    for (size_t i = 0; i < STATS_MSER_VALUES_MIN; i++)
        values[i] = 7;
    assert_int_equal(stats_mser(values, STATS_MSER_VALUES_MIN - 1, &m), -ENODATA);
    assert_int_equal(stats_mser(values, STATS_MSER_VALUES_MIN, &m), 0);
    assert_true(m.truncate == 0 && m.statistic == 0 && m.steady); /* of equals, the least */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_published_statistic),
        cmocka_unit_test(a_beginning_unlike_the_rest_is_left_out),
        cmocka_unit_test(a_steady_run_is_hardly_cut),
        cmocka_unit_test(a_run_without_a_steady_part_is_called_so),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
