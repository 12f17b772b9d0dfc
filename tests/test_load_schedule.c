/* The promise: an open loop's schedule is what its name says, constant or Poisson, follows from
 * load and seed alone, and has its warm-up in front. */
#include "load/schedule.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct load poisson(double rate_per_s)
{
    return (struct load){.kind = LOAD_OPEN, .arrivals = LOAD_POISSON, .rate_per_s = rate_per_s};
}

static struct load constant(double rate_per_s)
{
    return (struct load){.kind = LOAD_OPEN, .arrivals = LOAD_CONSTANT, .rate_per_s = rate_per_s};
}

static struct sample *make(const struct load *load, uint64_t seed, size_t warmup, size_t jobs,
                           struct schedule *s)
{
    struct sample *samples;

    assert_int_equal(schedule_plan(s, load, seed, warmup, jobs, 1000000), 0);
    samples = malloc((s->count + 1) * sizeof *samples);
    assert_non_null(samples);
    memset(samples, 0xa5, (s->count + 1) * sizeof *samples);
    schedule_fill(s, (struct share){.count = 1}, samples);
    return samples;
}

static void test_constant_arrivals_are_evenly_spaced(void **state)
{
    struct load load = constant(4000);
    struct schedule s;
    struct sample *samples;

    (void)state;
    load.duration_ns = NS_PER_S / 2;
    samples = make(&load, 1, 0, 0, &s);
    assert_int_equal(s.count, 2000);
    assert_int_equal(s.warmup, 0);
    for (size_t i = 0; i < s.count; i++) {
        assert_int_equal(samples[i].intended_ns, i * 250 * NS_PER_US);
        assert_int_equal(samples[i].result, 0);
    }
    free(samples);
    load = constant(3); /* no whole number of ns */
    samples = make(&load, 1, 0, 301, &s);
    assert_int_equal(samples[300].intended_ns, 100 * NS_PER_S);
    free(samples);
}

static int compare_gaps(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Mean and squared coefficient of variation of an exponential distribution are 1, its lag-1
 * autocorrelation 0; and the largest distance to its distribution function (Kolmogorov-Smirnov) is
 * below 1.63 / sqrt(n) with a probability of 99 %. The seed is fixed. */
static void test_poisson_gaps_are_independent_and_exponential(void **state)
{
    enum { N = 100000 };
    struct load load = poisson(1e6);
    double *gaps = malloc(N * sizeof *gaps), sum = 0, squares = 0, products = 0, distance = 0;
    struct schedule s;
    struct sample *samples = make(&load, 42, 0, N, &s);

    (void)state;
    assert_non_null(gaps);
    for (size_t i = 0; i < N; i++) {
        gaps[i] = (double)(samples[i].intended_ns - (i ? samples[i - 1].intended_ns : 0)) / 1000;
        sum += gaps[i];
        squares += gaps[i] * gaps[i];
        products += i ? (gaps[i] - 1) * (gaps[i - 1] - 1) : 0;
    }
    assert_float_equal(sum / N, 1, 0.01);
    assert_float_equal(squares / N - sum / N * sum / N, 1, 0.03);
    assert_float_equal(products / N, 0, 0.01);
    qsort(gaps, N, sizeof *gaps, compare_gaps);
    for (size_t i = 0; i < N; i++)
        distance = fmax(distance, fabs(1 - exp(-gaps[i]) - (double)i / N));
    assert_true(distance < 1.63 / sqrt(N));
    free(gaps);
    free(samples);
}

static void test_the_seed_alone_decides(void **state)
{
    struct load load = poisson(1000), other = poisson(1000);
    struct schedule s[3];
    struct sample *samples[3];

    (void)state;
    other.limit = 5; /* of no concern to the schedule */
    other.drain_ns = NS_PER_S;
    samples[0] = make(&load, 7, 0, 500, &s[0]);
    samples[1] = make(&other, 7, 0, 500, &s[1]);
    samples[2] = make(&load, 8, 0, 500, &s[2]);
    assert_memory_equal(samples[0], samples[1], 500 * sizeof **samples);
    assert_memory_not_equal(samples[0], samples[2], 500 * sizeof **samples);
    for (size_t k = 0; k < 3; k++)
        free(samples[k]);
}

static void test_durations_and_numbers_agree(void **state)
{
    struct load load = poisson(20000);
    struct schedule by_time, by_number;
    struct sample *timed, *numbered;

    (void)state;
    load.duration_ns = NS_PER_S;
    timed = make(&load, 3, 0, 0, &by_time);
    assert_true(by_time.count > 19000 && by_time.count < 21000);
    assert_true(timed[by_time.count - 1].intended_ns < NS_PER_S);
    load.duration_ns = 0;
    numbered = make(&load, 3, 0, by_time.count + 1, &by_number);
    assert_memory_equal(timed, numbered, by_time.count * sizeof *timed);
    assert_true(numbered[by_time.count].intended_ns >= NS_PER_S);
    free(timed);
    free(numbered);
}

static void test_the_warm_up_comes_first(void **state)
{
    struct load load = constant(1000);
    struct schedule s;

    (void)state;
    load.warmup_ns = NS_PER_S / 10;
    load.duration_ns = NS_PER_S;
    free(make(&load, 1, 0, 0, &s));
    assert_int_equal(s.warmup, 100);
    assert_int_equal(s.count, 1100);
    assert_int_equal(s.measured_ns, NS_PER_S / 10);
    load.duration_ns = 0;
    free(make(&load, 1, 0, 30, &s));
    assert_int_equal(s.warmup, 100);
    assert_int_equal(s.count, 130);
    load.warmup_ns = 0;
    free(make(&load, 1, 7, 30, &s));
    assert_int_equal(s.warmup, 7);
    assert_int_equal(s.count, 37);
    assert_int_equal(s.measured_ns, 7 * NS_PER_MS);
    load.duration_ns = NS_PER_S;
    free(make(&load, 1, 7, 0, &s));
    assert_int_equal(s.warmup, 7);
    assert_int_equal(s.count, 1007);
    load = poisson(1000);
    load.warmup_ns = load.duration_ns = NS_PER_S / 10;
    free(make(&load, 1, 0, 0, &s));
    assert_true(s.warmup > 60 && s.warmup < 140);
    assert_true(s.count - s.warmup > 60 && s.count - s.warmup < 140);
}

static struct load changing(enum load_arrivals arrivals, const char *rates)
{
    struct load load = {.kind = LOAD_OPEN, .arrivals = arrivals};

    assert_int_equal(load_rates_parse(rates, &load.rates, NULL), 0);
    load.duration_ns = load_rates_duration_ns(&load.rates);
    load.rate_per_s = load_rates_mean_per_s(&load.rates);
    return load;
}

/* 100/s for 1 s, then to 300/s in 2 s: 100 t + 50 t^2 jobs are wanted t s behind the first piece.
 */
static void test_a_rate_that_changes_spaces_constant_arrivals(void **state)
{
    struct load load = changing(LOAD_CONSTANT, "100/s@1s,100..300/s@2s");
    struct schedule s;
    struct sample *samples;

    (void)state;
    load.warmup_ns = NS_PER_S / 2;
    samples = make(&load, 1, 0, 0, &s);
    assert_int_equal(s.warmup, 50);
    assert_int_equal(s.count, 50 + 100 + 400);
    assert_int_equal(s.measured_ns, NS_PER_S / 2);
    for (size_t i = 0; i < 150; i++)
        assert_in_range(samples[i].intended_ns, i * 10 * NS_PER_MS - (i > 0), i * 10 * NS_PER_MS);
    for (size_t i = 150; i < s.count; i++) {
        double t = ((double)samples[i].intended_ns - 1.5e9) / 1e9;

        assert_float_equal(100 * t + 50 * t * t, (double)i - 150, 1e-6);
    }
    free(samples);
}

/* In each piece as many as the area under its rate says, give or take 4 standard deviations; and
 * what the rate maps them to has gaps with mean and squared coefficient of variation of 1. */
static void test_a_rate_that_changes_draws_poisson_arrivals(void **state)
{
    struct load load = changing(LOAD_POISSON, "1k..9k/s@4s,2k/s@5s");
    struct schedule s, again;
    struct sample *samples = make(&load, 11, 0, 0, &s), *same = make(&load, 11, 0, 0, &again);
    double last = 0, sum = 0, squares = 0;
    size_t first = 0;

    (void)state;
    assert_int_equal(s.count, again.count);
    assert_memory_equal(samples, same, s.count * sizeof *samples);
    for (size_t i = 0; i < s.count; i++) {
        double t = (double)samples[i].intended_ns / 1e9;
        double jobs = t < 4 ? 1000 * t + 1000 * t * t : 20000 + 2000 * (t - 4);

        assert_true(jobs >= last && t < 9);
        sum += jobs - last;
        squares += (jobs - last) * (jobs - last);
        last = jobs;
        first += t < 4;
    }
    assert_true(fabs((double)first - 20000) < 4 * sqrt(20000));
    assert_true(fabs((double)(s.count - first) - 10000) < 4 * sqrt(10000));
    assert_float_equal(sum / (double)s.count, 1, 0.01);
    assert_float_equal(squares / (double)s.count, 2, 0.06);
    free(samples);
    free(same);
}

static void test_shares_are_one_schedule_dealt_out(void **state)
{
    struct load load = poisson(1000);
    struct schedule s;
    struct sample *whole;

    (void)state;
    load.warmup_ns = NS_PER_S / 10;
    load.duration_ns = NS_PER_S;
    whole = make(&load, 7, 0, 0, &s);
    assert_true(s.warmup > 0 && s.last_ns == whole[s.count - 1].intended_ns);
    for (unsigned n = 1; n <= 5; n++)
        for (unsigned q = 0; q < n; q++) {
            struct share share = {.number = q, .count = n};
            size_t warmup = share_of(share, s.warmup);
            size_t count = share_of(share, s.count - s.warmup);
            struct sample *mine = calloc(warmup + count + 1, sizeof *mine);

            assert_non_null(mine);
            schedule_fill(&s, share, mine);
            for (size_t k = 0; k < warmup; k++)
                assert_true(mine[k].intended_ns == whole[share_number(share, k)].intended_ns);
            for (size_t k = 0; k < count; k++)
                assert_true(mine[warmup + k].intended_ns ==
                            whole[s.warmup + share_number(share, k)].intended_ns);
            assert_int_equal(mine[warmup + count].intended_ns, 0);
            free(mine);
        }
    free(whole);
}

static void test_too_many_arrivals_are_refused(void **state)
{
    struct load load = constant(1000);
    struct schedule s;

    (void)state;
    assert_int_equal(schedule_plan(&s, &load, 1, 0, 100, 100), 0);
    assert_int_equal(schedule_plan(&s, &load, 1, 0, 101, 100), -ERANGE);
    assert_int_equal(schedule_plan(&s, &load, 1, 1, 100, 100), -ERANGE);
    load.duration_ns = NS_PER_S / 10;
    assert_int_equal(schedule_plan(&s, &load, 1, 0, 0, 100), 0);
    assert_int_equal(schedule_plan(&s, &load, 1, 0, 0, 99), -ERANGE);
    load.rate_per_s = 1e-12; /* beyond what a clock can count */
    load.duration_ns = NO_DEADLINE - 1;
    assert_int_equal(schedule_plan(&s, &load, 1, 0, 0, 100), -ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_arrivals_are_evenly_spaced),
        cmocka_unit_test(test_poisson_gaps_are_independent_and_exponential),
        cmocka_unit_test(test_the_seed_alone_decides),
        cmocka_unit_test(test_durations_and_numbers_agree),
        cmocka_unit_test(test_the_warm_up_comes_first),
        cmocka_unit_test(test_a_rate_that_changes_spaces_constant_arrivals),
        cmocka_unit_test(test_a_rate_that_changes_draws_poisson_arrivals),
        cmocka_unit_test(test_shares_are_one_schedule_dealt_out),
        cmocka_unit_test(test_too_many_arrivals_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
