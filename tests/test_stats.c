/* The promise: statistics are those of the published methods, to the last digit that these give,
 * and nothing is stated that the samples do not carry. */
#include "math/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CLOSE 1e-9

/* cmocka's own comparison is of floats: 7 digits */
#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static struct stats_median median_of_ranks(size_t n)
{
    double *values = calloc(n, sizeof *values);
    struct stats_median m;

    assert_non_null(values);
    for (size_t i = 0; i < n; i++)
        values[i] = (double)(n - i); /* rank k has the value k */
    stats_median_of(values, n, &m);
    free(values);
    return m;
}

/* Le Boudec, Performance Evaluation of Computer and Communication Systems, appendix A, confidence
 * intervals for the median at 95 %: those rows of its table whose interval is symmetric. */
static void intervals_are_those_of_the_table(void **state)
{
    static const struct {
        size_t n;
        double low, high, confidence;
    } rows[] = {
        {6, 1, 6, 0.96875},    {7, 1, 7, 0.98438},   {9, 2, 8, 0.96094},   {10, 2, 9, 0.97852},
        {11, 2, 10, 0.98828},  {13, 3, 11, 0.97754}, {15, 4, 12, 0.96484}, {17, 5, 13, 0.95096},
        {18, 5, 14, 0.96912},  {19, 5, 15, 0.98079}, {20, 6, 15, 0.95861}, {25, 8, 18, 0.95671},
        {30, 10, 21, 0.95723},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stats_median m = median_of_ranks(rows[i].n);

        assert_close(m.ci_low, rows[i].low, CLOSE);
        assert_close(m.ci_high, rows[i].high, CLOSE);
        assert_close(m.confidence, rows[i].confidence, 1e-5);
        assert_close(m.median, ((double)rows[i].n + 1) / 2, CLOSE);
    }
}

/* With fewer than 6 values even the whole range falls short of 95 %, and that is said. */
static void few_values_give_their_range_and_its_confidence(void **state)
{
    static const double confidence[] = {0, 0, 0.5, 0.75, 0.875, 0.9375};

    (void)state;
    for (size_t n = 1; n <= 5; n++) {
        struct stats_median m = median_of_ranks(n);

        assert_close(m.ci_low, 1, CLOSE);
        assert_close(m.ci_high, (double)n, CLOSE);
        assert_close(m.confidence, confidence[n], CLOSE);
    }
}

/* Each value lies below the true median or above it as a coin falls. Of all 2^n ways, count those
 * in which the interval holds the median: that share is what it covers. */
static void confidence_is_the_share_of_cases_covered(void **state)
{
    (void)state;
    for (size_t n = 2; n <= 16; n++) {
        struct stats_median m = median_of_ranks(n);
        size_t covered = 0;

        for (uint32_t coins = 0; coins < 1u << n; coins++) {
            double below = __builtin_popcount(coins);

            covered += m.ci_low <= below && below < m.ci_high;
        }
        assert_close(m.confidence, (double)covered / (double)(1u << n), CLOSE);
    }
}

/* Le Boudec, the same table: for large n the ranks 0.5 n -+ 0.980 sqrt(n), rounded outwards. 2^-n
 * has no double any more for n = 2000. */
static void intervals_of_many_values_follow_the_normal_approximation(void **state)
{
    static const size_t sizes[] = {100, 1000, 2000, 20000};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double n = (double)sizes[i], spread = 0.980 * sqrt(n);
        struct stats_median m = median_of_ranks(sizes[i]);

        assert_close(m.ci_low, floor(n / 2 - spread), 1);
        assert_close(m.ci_high, ceil(n / 2 + 1 + spread), 1);
        assert_true(m.confidence >= 0.95 && m.confidence < 0.97);
    }
}

static void median_of_an_even_number_is_the_middle_of_two(void **state)
{
    double values[] = {9, 1, 4, 3};
    struct stats_median m;

    (void)state;
    stats_median_of(values, 4, &m);
    assert_close(m.median, 3.5, CLOSE);
}

/* Hyndman and Fan's definition 1, on the usual worked example of the nearest rank. */
static void percentiles_are_nearest_ranks(void **state)
{
    static const uint64_t sorted[] = {15, 20, 35, 40, 50};

    (void)state;
    assert_int_equal(sorted[stats_rank(5, 0) - 1], 15);
    assert_int_equal(sorted[stats_rank(5, 0.05) - 1], 15);
    assert_int_equal(sorted[stats_rank(5, 0.2) - 1], 15);
    assert_int_equal(sorted[stats_rank(5, 0.3) - 1], 20);
    assert_int_equal(sorted[stats_rank(5, 0.4) - 1], 20);
    assert_int_equal(sorted[stats_rank(5, 0.5) - 1], 35);
    assert_int_equal(sorted[stats_rank(5, 1) - 1], 50);
}

/* A share of k / n is rank k, for every k and n, though 0.07 * 100 is more than 7 in a double. */
static void ranks_are_exact_where_products_are_not(void **state)
{
    (void)state;
    assert_true(0.07 * 100 > 7);
    assert_int_equal(stats_rank(100, 0.07), 7);
    for (size_t n = 1; n <= 1000; n++)
        for (size_t k = 1; k <= n; k++)
            assert_int_equal(stats_rank(n, (double)k / (double)n), k);
    assert_int_equal(stats_rank(10000000, 0.999), 9990000);
    assert_int_equal(stats_rank(10000001, 0.999), 9990001);
}

static struct stats_distribution distribution_of_ranks(size_t n)
{
    uint64_t *values = calloc(n + 1, sizeof *values);
    struct stats_distribution d;

    assert_non_null(values);
    for (size_t i = 0; i < n; i++)
        values[i] = n - i;
    stats_distribution_of(values, n, &d);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(values[i], i + 1); /* sorted */
    free(values);
    return d;
}

static void assert_ranks(size_t n, double q, size_t low, size_t high)
{
    size_t found_low, found_high;

    stats_rank_interval(n, q, &found_low, &found_high);
    assert_int_equal(found_low, low);
    assert_int_equal(found_high, high);
}

/* Of the median: Le Boudec's table of ranks. Else by binomial sums. */
static void a_percentile_lies_between_ranks_of_the_binomial(void **state)
{
    (void)state;
    assert_ranks(10, 0.5, 2, 9);
    assert_ranks(100, 0.5, 40, 61);
    assert_ranks(1000, 0.99, 983, 997);
    assert_ranks(1000000, 0.99, 989805, 990196);
    assert_ranks(368, 0.99, 360, 368);
    assert_ranks(100, 0.99, 97, 101); /* the greatest of 100 is no bound */
}

static void percentiles_need_ten_samples_beyond_them(void **state)
{
    struct stats_distribution d;

    (void)state;
    assert_true(isnan(distribution_of_ranks(19).at[STATS_P50]));
    d = distribution_of_ranks(20);
    assert_true(!isnan(d.at[STATS_P50]) && isnan(d.at[STATS_P90]));
    assert_true(d.at[STATS_P50] == 10);

    assert_true(isnan(distribution_of_ranks(99).at[STATS_P90]));
    d = distribution_of_ranks(100);
    assert_true(!isnan(d.at[STATS_P90]) && isnan(d.at[STATS_P99]));
    assert_true(d.at[STATS_P90] == 90);

    assert_true(isnan(distribution_of_ranks(999).at[STATS_P99]));
    d = distribution_of_ranks(1000);
    assert_true(!isnan(d.at[STATS_P99]) && isnan(d.at[STATS_P999]));
    assert_true(d.at[STATS_P99] == 990);

    assert_true(isnan(distribution_of_ranks(9999).at[STATS_P999]));
    d = distribution_of_ranks(10000);
    assert_true(!isnan(d.at[STATS_P999]));
    assert_true(d.at[STATS_P999] == 9990);
}

/* NIST Statistical Reference Datasets, univariate: NumAcc1, whose certified values are exact; and
 * the same far from 0, where a sum of squares would have no digits left. */
static void mean_and_deviation_are_the_certified_ones(void **state)
{
    static const uint64_t offsets[] = {10000000, 1000000000000000};

    (void)state;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        uint64_t values[] = {offsets[i] + 1, offsets[i] + 3, offsets[i] + 2};
        struct stats_distribution d;

        stats_distribution_of(values, 3, &d);
        assert_close(d.mean, (double)(offsets[i] + 2), CLOSE);
        assert_close(d.stddev, 1, CLOSE);
        assert_int_equal(d.min, offsets[i] + 1);
        assert_int_equal(d.max, offsets[i] + 3);
    }
}

static void small_distributions_are_described(void **state)
{
    uint64_t one = 42, extremes[] = {UINT64_MAX, 0};
    struct stats_distribution d;

    (void)state;
    memset(&d, 0xff, sizeof d);
    stats_distribution_of(NULL, 0, &d);
    assert_int_equal(d.count, 0);
    assert_int_equal(stats_greatest(&d), -1);

    stats_distribution_of(&one, 1, &d);
    assert_int_equal(d.count, 1);
    assert_close(d.mean, 42, CLOSE);
    assert_close(d.stddev, 0, CLOSE);

    stats_distribution_of(extremes, 2, &d);
    assert_int_equal(d.min, 0);
    assert_true(d.max == UINT64_MAX);
    assert_close(d.mean / (double)UINT64_MAX, 0.5, CLOSE);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Few and many values; all bytes, the low ones alone, the high ones alone, none. */
static void whole_numbers_are_sorted_as_by_qsort(void **state)
{
    static const uint64_t masks[] = {UINT64_MAX, 0xffffff, 0xff00ULL << 48, 1, 0};
    static const size_t sizes[] = {0, 1, 2, 999, 1000, 5000};

    (void)state;
    for (size_t m = 0; m < sizeof masks / sizeof *masks; m++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            uint64_t values[5000], expected[5000];
            uint64_t x = 88172645463325252;

            for (size_t i = 0; i < sizes[k]; i++) {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                values[i] = expected[i] = (x & masks[m]) + 5;
            }
            qsort(expected, sizes[k], sizeof *expected, by_value);
            stats_sort_u64(values, sizes[k]);
            assert_memory_equal(values, expected, sizes[k] * sizeof *values);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_the_table),
        cmocka_unit_test(few_values_give_their_range_and_its_confidence),
        cmocka_unit_test(confidence_is_the_share_of_cases_covered),
        cmocka_unit_test(intervals_of_many_values_follow_the_normal_approximation),
        cmocka_unit_test(median_of_an_even_number_is_the_middle_of_two),
        cmocka_unit_test(whole_numbers_are_sorted_as_by_qsort),
        cmocka_unit_test(percentiles_are_nearest_ranks),
        cmocka_unit_test(ranks_are_exact_where_products_are_not),
        cmocka_unit_test(a_percentile_lies_between_ranks_of_the_binomial),
        cmocka_unit_test(percentiles_need_ten_samples_beyond_them),
        cmocka_unit_test(mean_and_deviation_are_the_certified_ones),
        cmocka_unit_test(small_distributions_are_described),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
