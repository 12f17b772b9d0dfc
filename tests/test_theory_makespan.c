/* The promise: the ideal makespan is what the table of models says, and never more than a real
 * schedule could take. */
#include "base/clock.h"
#include "math/theory_makespan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint64_t ideal(uint64_t jobs, uint64_t lanes, uint64_t cpu_lanes, uint64_t wait_ns,
                      uint64_t cpu_ns)
{
    struct theory_makespan t = {
        .jobs = jobs, .lanes = lanes, .cpu_lanes = cpu_lanes, .wait_ns = wait_ns, .cpu_ns = cpu_ns};

    return theory_makespan_ns(&t);
}

static void waits_take_one_round_a_lane(void **state)
{
    uint64_t d = 10 * NS_PER_MS;

    (void)state;
    assert_int_equal(ideal(100, 1, 1, d, 0), 100 * d); /* sequential, blocking */
    assert_int_equal(ideal(100, 100, 1, d, 0), d);     /* tasks */
    assert_int_equal(ideal(100, 6, 2, d, 0), 17 * d);  /* pool of 6: ceil(100 / 6) */
    assert_int_equal(ideal(96, 6, 2, d, 0), 16 * d);   /* no remainder */
    assert_int_equal(ideal(4, 6, 2, d, 0), d);         /* more threads than jobs */
    assert_int_equal(ideal(1, 1, 1, d, 0), d);
}

static void computing_shares_the_cores(void **state)
{
    (void)state;
    assert_int_equal(ideal(100, 1, 1, 0, NS_PER_MS), 100 * NS_PER_MS);   /* sequential */
    assert_int_equal(ideal(100, 100, 1, 0, NS_PER_MS), 100 * NS_PER_MS); /* tasks: one thread */
    assert_int_equal(ideal(100, 4, 2, 0, NS_PER_MS), 50 * NS_PER_MS);    /* 4 threads, 2 cores */
    assert_int_equal(ideal(5, 4, 4, 0, NS_PER_MS), 2 * NS_PER_MS);       /* a thread has two */
}

/* McNaughton 1959: three equal jobs on two cores, three threads that take turns. */
static void threads_may_take_turns_on_a_core(void **state)
{
    (void)state;
    assert_int_equal(ideal(3, 3, 2, 0, 1000), 1500);
    assert_int_equal(ideal(3, 3, 2, 0, 1001), 1502); /* rounded up */
}

static void waiting_and_computing_go_together(void **state)
{
    (void)state;
    assert_int_equal(ideal(10, 10, 1, 100, 1), 101);   /* the waits overlap */
    assert_int_equal(ideal(200, 200, 1, 100, 1), 200); /* now the one core is the limit */
    assert_int_equal(ideal(10, 1, 1, 100, 1), 1010);
}

/* Of 10 jobs that wait for 100, compute for 5, and wait for 20, nobody computes before 100 or after
 * the last 20: 170 on a core, which a schedule reaches. */
static void cores_are_idle_before_the_first_wait_ends_and_after_the_last_begins(void **state)
{
    struct theory_makespan t = {.jobs = 10,
                                .lanes = 10,
                                .cpu_lanes = 1,
                                .wait_ns = 120,
                                .cpu_ns = 5,
                                .lead_ns = 100,
                                .trail_ns = 20};
    struct theory_makespan_mix mix = {.lanes = 10, .cpu_lanes = 1};

    (void)state;
    assert_int_equal(theory_makespan_ns(&t), 170);
    for (uint64_t i = 0; i < t.jobs; i++)
        theory_makespan_mix_add(&mix, &t);
    assert_int_equal(theory_makespan_mix_ns(&mix), 170);
    t.lead_ns = 90; /* one job may begin before the others, and another ends behind them */
    t.trail_ns = 30;
    theory_makespan_mix_add(&mix, &t);
    assert_int_equal(theory_makespan_mix_ns(&mix), 90 + 55 + 20);
    t.cpu_lanes = 4;
    assert_int_equal(theory_makespan_ns(&t), 90 + 13 + 30);
    t.lanes = t.cpu_lanes = 1; /* in turn, each waits by itself */
    assert_int_equal(theory_makespan_ns(&t), 1250);
    t.lanes = 10;
    t.cpu_ns = 0; /* without computing, lead and trail are the same wait */
    t.lead_ns = t.trail_ns = t.wait_ns;
    assert_int_equal(theory_makespan_ns(&t), 120);
    t.cpu_ns = 1;
    t.lead_ns = t.trail_ns = UINT64_MAX;
    assert_true(theory_makespan_ns(&t) == UINT64_MAX);
}

static void extremes_do_not_wrap_around(void **state)
{
    (void)state;
    assert_int_equal(ideal(0, 1, 1, 100, 100), 0);
    assert_int_equal(ideal(100, 1, 1, 0, 0), 0);
    assert_true(ideal(UINT64_MAX, 1, 1, 2, 0) == UINT64_MAX);
    assert_true(ideal(1, 1, 1, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    assert_true(ideal(UINT64_MAX, UINT64_MAX, 1, 1, 0) == 1);
}

static uint64_t mixed(const uint64_t *waits, const uint64_t *cpus, size_t n, uint64_t lanes,
                      uint64_t cpu_lanes)
{
    struct theory_makespan_mix mix = {.lanes = lanes, .cpu_lanes = cpu_lanes};

    for (size_t i = 0; i < n; i++)
        theory_makespan_mix_add(&mix,
                                &(struct theory_makespan){.wait_ns = waits[i], .cpu_ns = cpus[i]});
    return theory_makespan_mix_ns(&mix);
}

static void jobs_that_differ_have_a_bound(void **state)
{
    const uint64_t waits[] = {7, 1, 1, 1, 1}, none[5] = {0}, cpus[] = {0, 4, 4, 4, 4};

    (void)state;
    assert_int_equal(mixed(waits, none, 5, 1, 1), 11);
    assert_int_equal(mixed(waits, none, 5, 5, 1), 7);
    assert_int_equal(mixed(waits, none, 5, 2, 1), 7); /* the longest */
    assert_int_equal(mixed(waits + 1, none, 4, 3, 1), 2);
    assert_int_equal(mixed(waits, cpus, 5, 5, 1), 16); /* one core is the limit */
    assert_int_equal(mixed(waits, cpus, 5, 2, 2), 14); /* 27 / 2, rounded up */
    assert_int_equal(mixed(waits, cpus, 5, 5, 4), 7);
    assert_int_equal(mixed(NULL, NULL, 0, 1, 1), 0);
}

static void the_bound_of_equal_jobs_is_not_above_their_ideal(void **state)
{
    const uint64_t tens[] = {10, 10, 10, 10, 10, 10, 10}, none[7] = {0};

    (void)state;
    for (uint64_t lanes = 1; lanes <= 7; lanes++) {
        assert_true(mixed(tens, none, 7, lanes, 1) <= ideal(7, lanes, 1, 10, 0));
        if (lanes == 1 || lanes == 7)
            assert_true(mixed(tens, none, 7, lanes, 1) == ideal(7, lanes, 1, 10, 0));
    }
}

static void sums_stop_at_the_largest_number(void **state)
{
    const uint64_t huge[] = {UINT64_MAX - 1, UINT64_MAX - 1};

    (void)state;
    assert_true(mixed(huge, huge, 2, 1, 1) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_take_one_round_a_lane),
        cmocka_unit_test(computing_shares_the_cores),
        cmocka_unit_test(threads_may_take_turns_on_a_core),
        cmocka_unit_test(waiting_and_computing_go_together),
        cmocka_unit_test(cores_are_idle_before_the_first_wait_ends_and_after_the_last_begins),
        cmocka_unit_test(extremes_do_not_wrap_around),
        cmocka_unit_test(jobs_that_differ_have_a_bound),
        cmocka_unit_test(the_bound_of_equal_jobs_is_not_above_their_ideal),
        cmocka_unit_test(sums_stop_at_the_largest_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
