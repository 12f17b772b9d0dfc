/* The promise: intervals are those of R's boot but for the draws, cover as often as is said, and
 * are the same for the same seed. R 4.2.2, boot 1.3.28.1, set.seed(7): boot.ci(boot(x, f, 200000),
 * conf =, type = c("perc", "bca")). */
#include "math/stats_bootstrap.h"

#include "base/random.h"
#include "math/normal.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(a)  (sizeof(a) / sizeof *(a))
#define TEST_NUMBERS 103 /* a stream that no part of the program uses */

/* Efron and Tibshirani, table 14.1: spatial test A of 26 children. */
static const double children[] = {48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6,
                                  0,  33, 28, 34, 4,  32, 24, 47, 41, 24, 26, 30, 41};
/* Davison and Hinkley, Bootstrap Methods, 1997, example 1.1: hours between failures. */
static const double failures[] = {3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487};

static void assert_near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error))
        fail_msg("%.6g is not %.6g", value, expected);
}

static double variance(double *sample, size_t n)
{
    double mean = stats_bootstrap_mean(sample, n), squares = 0;

    for (size_t i = 0; i < n; i++)
        squares += (sample[i] - mean) * (sample[i] - mean);
    return squares / (double)n;
}

/* The books' own: (100.8, 233.9) and (115.8, 259.6) for the children's variance from 2000 draws. An
 * end of 20,000 draws is within 1.5 % of one of 200,000. */
static void intervals_are_those_of_r(void **state)
{
    static const struct {
        const double *values;
        size_t n;
        stats_bootstrap_statistic statistic;
        double confidence;
        bool bca;
        double low, high;
    } table[] = {
        {children, COUNT_OF(children), variance, 0.9, false, 97.9, 235.4},
        {children, COUNT_OF(children), variance, 0.9, true, 115.9, 261.1},
        {children, COUNT_OF(children), stats_bootstrap_mean, 0.95, false, 24.46154, 34.53846},
        {children, COUNT_OF(children), stats_bootstrap_mean, 0.95, true, 24.11538, 34.23077},
        {failures, COUNT_OF(failures), stats_bootstrap_mean, 0.95, false, 46.91667, 191},
        {failures, COUNT_OF(failures), stats_bootstrap_mean, 0.95, true, 56.83333, 226.33333},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct stats_bootstrap_options options = {.statistic = table[i].statistic,
                                                  .bca = table[i].bca,
                                                  .resamples = 19999,
                                                  .confidence = table[i].confidence,
                                                  .seed = 1};
        struct stats_bootstrap out;

        assert_int_equal(stats_bootstrap_of(table[i].values, table[i].n, &options, &out), 0);
        assert_near(out.ci_low, table[i].low, 0.015 * table[i].low);
        assert_near(out.ci_high, table[i].high, 0.015 * table[i].high);
    }
}

/* Of 3 values all 27 resamples are known: the median is the least in 7, the middle in 13. */
static void medians_of_three(void **state)
{
    static const double values[] = {30, 10, 20};
    struct stats_bootstrap_options options = {
        .statistic = stats_bootstrap_median, .resamples = 4000, .confidence = 0.6, .seed = 3};
    struct stats_bootstrap out;

    (void)state;
    assert_int_equal(stats_bootstrap_of(values, 3, &options, &out), 0); /* 0.2 < 7 / 27 */
    assert_true(out.estimate == 20 && out.ci_low == 10 && out.ci_high == 30);
    options.confidence = 0.4; /* 0.3 > 7 / 27 */
    assert_int_equal(stats_bootstrap_of(values, 3, &options, &out), 0);
    assert_true(out.ci_low == 20 && out.ci_high == 20);
}

static double coverage(const struct stats_bootstrap_options *given, size_t n, double truth,
                       double (*draw)(double u))
{
    struct stats_bootstrap_options options = *given;
    size_t inside = 0;
    double values[64];

    for (uint64_t k = 0; k < 1000; k++) {
        struct stats_bootstrap out;

        for (uint64_t i = 0; i < n; i++)
            values[i] = draw(random_uniform(5, TEST_NUMBERS, k * n + i));
        options.seed = k;
        assert_int_equal(stats_bootstrap_of(values, n, &options, &out), 0);
        inside += out.ci_low <= truth && truth <= out.ci_high;
    }
    return (double)inside / 1000;
}

static double exponential(double u)
{
    return -log(u);
}

/* 1000 series each; 5 standard errors are 0.035. The bootstrap covers somewhat less than it aims at
 * with few values. */
static void intervals_cover(void **state)
{
    struct stats_bootstrap_options median = {
        .statistic = stats_bootstrap_median, .resamples = 399, .confidence = 0.95};
    struct stats_bootstrap_options mean = {
        .statistic = stats_bootstrap_mean, .resamples = 399, .confidence = 0.95};
    double skewed, corrected;

    (void)state;
    assert_near(coverage(&median, 25, 0, normal_quantile), 0.95, 0.035);
    assert_near(coverage(&mean, 40, 0, normal_quantile), 0.94, 0.035);
    assert_near(coverage(&mean, 10, 0, normal_quantile), 0.90, 0.035);
    skewed = coverage(&mean, 30, 1, exponential);
    mean.bca = true;
    corrected = coverage(&mean, 30, 1, exponential);
    assert_true(corrected > 0.90 && corrected >= skewed - 0.005);
}

static void same_for_the_same_seed(void **state)
{
    struct stats_bootstrap_options options = {
        .statistic = stats_bootstrap_mean, .resamples = 999, .confidence = 0.95, .seed = 9};
    struct stats_bootstrap one, same, other;

    (void)state;
    assert_int_equal(stats_bootstrap_of(failures, 12, &options, &one), 0);
    assert_int_equal(stats_bootstrap_of(failures, 12, &options, &same), 0);
    options.seed++;
    assert_int_equal(stats_bootstrap_of(failures, 12, &options, &other), 0);
    assert_true(one.ci_low == same.ci_low && one.ci_high == same.ci_high);
    assert_true(one.ci_low != other.ci_low || one.ci_high != other.ci_high);
}

static void ends(void **state)
{
    static const double equal[] = {4, 4, 4, 4}, odd[] = {1, INFINITY};
    struct stats_bootstrap_options options = {
        .statistic = stats_bootstrap_mean, .bca = true, .resamples = 100, .confidence = 0.95};
    struct stats_bootstrap out;

    (void)state;
    assert_int_equal(stats_bootstrap_of(equal, 4, &options, &out), 0);
    assert_true(out.estimate == 4 && out.ci_low == 4 && out.ci_high == 4);
    assert_int_equal(stats_bootstrap_of(equal, 1, &options, &out), -EINVAL);
    assert_int_equal(stats_bootstrap_of(odd, 2, &options, &out), -EINVAL);
    options.resamples = 99;
    assert_int_equal(stats_bootstrap_of(equal, 4, &options, &out), -EINVAL);
    options.resamples = 100;
    options.confidence = 1;
    assert_int_equal(stats_bootstrap_of(equal, 4, &options, &out), -EINVAL);
    options.confidence = 0.95;
    options.statistic = NULL;
    assert_int_equal(stats_bootstrap_of(equal, 4, &options, &out), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_r),
        cmocka_unit_test(medians_of_three),
        cmocka_unit_test(intervals_cover),
        cmocka_unit_test(same_for_the_same_seed),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
