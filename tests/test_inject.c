/* The promise: a planted slowdown costs the share of what a job took, in CPU time where it computed
 * and in waiting where it waited; a stall happens once; what a job did and its result are left
 * alone.
 *
 * Waits are those of a virtual clock, and CPU time is that of this thread alone, so that a loaded
 * machine changes neither. */
#include "measure/inject.h"

#include "support/io_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SHARE_10 100000

static void compute(uint64_t span_ns)
{
    uint64_t end_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) + span_ns;

    while (clock_read_ns(CLOCK_THREAD_CPUTIME_ID) < end_ns)
        ;
}

struct planted {
    struct inject *in;
    struct io *io;
};

static struct planted plant(struct inject_fault fault, enum inject_lanes lanes)
{
    struct planted p = {.in = inject_create(&fault, lanes), .io = io_fake_create()};

    assert_non_null(p.in);
    assert_non_null(p.io);
    inject_mark(p.in);
    return p;
}

static void unplant(struct planted *p)
{
    inject_destroy(p->in);
    io_destroy(p->io);
}

/* A job that took so long by its stamps and used next to no CPU time. Returns how long it was made
 * to wait. */
static uint64_t job_that_waits(struct planted *p, uint64_t took_ns, int *result)
{
    uint64_t before = inject_before(p->in), io_before_ns = io_now(p->io);
    struct sample s = {.finished_ns = clock_now_ns(), .result = *result};

    s.started_ns = s.finished_ns - took_ns;
    inject_after(p->in, &s, p->io, before, true);
    *result = s.result;
    return io_now(p->io) - io_before_ns;
}

static void test_a_job_that_waits_waits_longer(void **state)
{
    struct planted p = plant((struct inject_fault){.slowdown = SHARE_10}, INJECT_LANES_OWN);
    int result = 0;
    uint64_t waited_ns = job_that_waits(&p, NS_PER_S, &result);

    (void)state;
    assert_int_equal(result, 0);
    assert_in_range(waited_ns, 95 * NS_PER_MS, 100 * NS_PER_MS);
    unplant(&p);
}

static void test_short_waits_are_saved_up_and_none_is_lost(void **state)
{
    const enum inject_lanes lanes[] = {INJECT_LANES_ALONE, INJECT_LANES_SHARE};

    (void)state;
    for (size_t l = 0; l < 2; l++) {
        struct planted p = plant((struct inject_fault){.slowdown = SHARE_10}, lanes[l]);
        uint64_t waited_ns = 0;
        int result = 0;

        for (int i = 0; i < 1000; i++)
            waited_ns += job_that_waits(&p, NS_PER_MS, &result);
        assert_in_range(waited_ns, 80 * NS_PER_MS, 100 * NS_PER_MS);
        assert_true(io_fake_calls(p.io, IO_OP_SLEEP) <= 500);
        unplant(&p);
    }
}

static void
test_waits_too_short_for_a_timer_are_left_out_where_they_cannot_be_saved_up(void **state)
{
    struct planted p = plant((struct inject_fault){.slowdown = SHARE_10}, INJECT_LANES_OWN);
    int result = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        job_that_waits(&p, 400 * NS_PER_US, &result);
    assert_int_equal(io_fake_calls(p.io, IO_OP_SLEEP), 0);
    unplant(&p);
}

/* CPU time of a loop of jobs that compute, `sum_ns` in all, as a multiple of what the jobs alone
 * used: before their last stamp, or else after it, until the next job. */
static double cpu_of_jobs(uint64_t slowdown, uint64_t job_ns, uint64_t sum_ns, bool before_stamp)
{
    struct planted p = plant((struct inject_fault){.slowdown = slowdown}, INJECT_LANES_ALONE);
    uint64_t begin_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID), jobs_ns = 0, used_ns;

    while (jobs_ns < sum_ns) {
        uint64_t before_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID), before = inject_before(p.in);
        struct sample s = {.started_ns = clock_now_ns()};

        s.finished_ns = clock_now_ns();
        compute(job_ns);
        if (before_stamp)
            s.finished_ns = clock_now_ns();
        jobs_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
        inject_after(p.in, &s, p.io, before, true);
        assert_true(clock_now_ns() >= s.finished_ns);
    }
    used_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
    unplant(&p);
    return (double)used_ns / (double)jobs_ns;
}

/* The loop without a fault has the same readings of the clock, which are slow on some machines. */
static void test_a_job_that_computes_computes_longer(void **state)
{
    double more = cpu_of_jobs(SHARE_10, 5 * NS_PER_MS, 100 * NS_PER_MS, true) /
                  cpu_of_jobs(0, 5 * NS_PER_MS, 100 * NS_PER_MS, true);

    (void)state;
    assert_true(more >= 1.08);
    assert_true(more <= 1.25);
}

/* Sums over jobs that are briefer than a payment. */
static void test_brief_jobs_pay_for_what_happens_between_them_too(void **state)
{
    double more = cpu_of_jobs(5 * SHARE_10, 10 * NS_PER_US, 40 * NS_PER_MS, false) /
                  cpu_of_jobs(0, 10 * NS_PER_US, 40 * NS_PER_MS, false);

    (void)state;
    assert_true(more >= 1.35);
    assert_true(more <= 2.25);
}

static void test_the_stamps_say_what_was_planted(void **state)
{
    struct planted p = plant((struct inject_fault){.syscalls = 5, .allocs = 5, .leak_bytes = 100},
                             INJECT_LANES_ALONE);
    uint64_t before = inject_before(p.in), begin_ns = clock_now_ns();
    struct sample s = {.started_ns = begin_ns, .finished_ns = begin_ns, .lane = 3};

    (void)state;
    inject_after(p.in, &s, p.io, before, true);
    assert_true(s.finished_ns > begin_ns);
    assert_true(s.finished_ns <= clock_now_ns());
    assert_true(s.started_ns == begin_ns);
    assert_int_equal(s.result, 0);
    assert_int_equal(s.lane, 3);
    unplant(&p);
}

static void test_the_stall_comes_once_and_not_in_warm_up(void **state)
{
    struct planted p = plant((struct inject_fault){.stall_ns = 30 * NS_PER_MS}, INJECT_LANES_ALONE);
    uint64_t stalls = 0;

    (void)state;
    for (int i = 0; i < 5; i++) {
        uint64_t cpu_begin_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID), now_ns = clock_now_ns();
        struct sample s = {.started_ns = now_ns, .finished_ns = now_ns};

        inject_after(p.in, &s, p.io, inject_before(p.in), i >= 2);
        if (sample_service_ns(&s) >= 30 * NS_PER_MS) {
            stalls++;
            assert_int_equal(i, 2);
            assert_true(clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_begin_ns < 15 * NS_PER_MS);
        } else {
            assert_true(s.finished_ns == now_ns);
        }
    }
    assert_int_equal(stalls, 1);
    unplant(&p);
}

static void test_results_are_kept_and_a_wait_cut_short_is_told(void **state)
{
    struct planted p = plant((struct inject_fault){.slowdown = SHARE_10}, INJECT_LANES_OWN);
    int result = -EIO;

    (void)state;
    assert_true(job_that_waits(&p, NS_PER_S, &result) > 0);
    assert_int_equal(result, -EIO);
    result = -ECANCELED;
    assert_int_equal(job_that_waits(&p, NS_PER_S, &result), 0);
    assert_int_equal(result, -ECANCELED);
    io_fake_fail(p.io, IO_OP_SLEEP, 1, -ECANCELED);
    result = 0;
    job_that_waits(&p, NS_PER_S, &result);
    assert_int_equal(result, -ECANCELED);
    unplant(&p);
}

static void test_destroying_nothing_is_allowed(void **state)
{
    (void)state;
    inject_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_job_that_waits_waits_longer),
        cmocka_unit_test(test_short_waits_are_saved_up_and_none_is_lost),
        cmocka_unit_test(
            test_waits_too_short_for_a_timer_are_left_out_where_they_cannot_be_saved_up),
        cmocka_unit_test(test_a_job_that_computes_computes_longer),
        cmocka_unit_test(test_brief_jobs_pay_for_what_happens_between_them_too),
        cmocka_unit_test(test_the_stamps_say_what_was_planted),
        cmocka_unit_test(test_the_stall_comes_once_and_not_in_warm_up),
        cmocka_unit_test(test_results_are_kept_and_a_wait_cut_short_is_told),
        cmocka_unit_test(test_destroying_nothing_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
