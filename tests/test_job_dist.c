/* The promise: what a job draws depends on seed and index alone, whichever type it is, and is
 * spread as the theory assumes. */
#include "job/job.h"

#include "support/test_async_jobs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct job parse(const char *text)
{
    struct err err = {""};
    struct job job;

    if (job_parse(text, &job, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    return job;
}

static void test_drawn_durations_depend_on_seed_and_index_alone(void **state)
{
    const char *const texts[] = {"sleep:ms=2,dist=exp", "tcp:delay=2ms,dist=exp",
                                 "http:delay=2ms,dist=exp"};
    struct job other = parse(texts[0]);

    (void)state;
    job_set_seed(&other, 1);
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t first_ns = 0;

        for (size_t t = 0; t < 3; t++) {
            struct job job = parse(texts[t]);
            uint64_t ns = job_wait_ns(&job, i);

            assert_true(ns == job_wait_ns(&job, i));
            assert_true(t == 0 || ns == first_ns);
            first_ns = ns;
        }
        assert_true(first_ns != job_wait_ns(&other, i));
    }
}

static void test_what_jobs_draw_has_the_spread_told_to_theory(void **state)
{
    const char *const texts[] = {"sleep:ms=2", "sleep:ms=2,dist=exp",
                                 "tcp:delay=2ms,dist=uniform,requests=3",
                                 "http:delay=2ms,dist=exp,requests=2", "http:delay=1ms,requests=3"};
    const uint64_t n = 20000;

    (void)state;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        struct job job = parse(texts[t]);
        struct job_spread spread = job_spread(&job, 0);
        double sum = 0, squares = 0, mean, scv;

        for (uint64_t i = 0; i < n; i++) {
            double x = (double)job_wait_ns(&job, i);

            sum += x;
            squares += x * x;
        }
        mean = sum / (double)n;
        scv = squares / (double)n / (mean * mean) - 1;
        assert_true(fabs(mean / spread.mean_wait_ns - 1) < 0.03);
        assert_true(fabs(scv - spread.scv) <= 0.05 * spread.scv + 1e-9);
    }
}

static void test_computing_can_be_drawn_too(void **state)
{
    struct test_async_jobs j = {.job = parse("cpu:rounds=1000,dist=exp"), .n = 50};
    double shares = 0;

    (void)state;
    assert_int_equal(test_async_jobs_run(&j, TEST_ASYNC_BLOCKING), 0);
    for (uint64_t i = 0; i < j.n; i++)
        shares += job_cpu_share(&j.job, i);
    assert_true(fabs(1000 * shares - (double)j.sum.operations) < 1e-6);
    assert_true(job_spread(&j.job, 0).scv == 1 && job_spread(&j.job, 0).mean_wait_ns == 0);
    assert_true(j.sum.operations != 50000);
}

static void test_what_theory_is_told_of_the_others(void **state)
{
    struct job null = parse("null"), sleep = parse("sleep:ms=3");

    (void)state;
    assert_true(job_spread(&null, 0).scv == 0 && job_spread(&null, 0).mean_wait_ns == 0);
    assert_true(job_spread(&sleep, 0).scv == 0);
    assert_true(job_spread(&sleep, 0).mean_wait_ns == (double)(3 * NS_PER_MS));
}

/* Waiting is waited in full: what is drawn, not the mean. */
static void test_each_sleep_takes_what_it_drew(void **state)
{
    (void)state;
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs j = {.job = parse("sleep:ms=1,dist=lognormal"), .n = 20};
        uint64_t shortest_ns = UINT64_MAX;

        for (uint64_t i = 0; i < j.n; i++) {
            uint64_t ns = job_wait_ns(&j.job, i);

            shortest_ns = ns < shortest_ns ? ns : shortest_ns;
        }
        assert_int_equal(test_async_jobs_run(&j, (enum test_async_backend)backend), 0);
        assert_true(j.shortest_ns >= shortest_ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn_durations_depend_on_seed_and_index_alone),
        cmocka_unit_test(test_what_jobs_draw_has_the_spread_told_to_theory),
        cmocka_unit_test(test_computing_can_be_drawn_too),
        cmocka_unit_test(test_what_theory_is_told_of_the_others),
        cmocka_unit_test(test_each_sleep_takes_what_it_drew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
