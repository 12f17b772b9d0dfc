/* The promise: what a machine is late by is measured sleep by sleep, never less than nothing, and
 * the measuring thread's settings stay its own; and a generator beside others is no real-time
 * thread. */
#include "load/generator.h"

#include "base/clock.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

#include <cmocka.h>

#define SLEEPS  200
#define SPAN_NS (100 * NS_PER_US)

static void test_every_sleep_is_counted(void **state)
{
    uint64_t errors_ns[SLEEPS], sum_ns = 0, begin_ns = clock_now_ns(), took_ns;
    int slack = prctl(PR_GET_TIMERSLACK);

    (void)state;
    assert_int_equal(generator_timer_errors(errors_ns, SLEEPS, SPAN_NS), 0);
    took_ns = clock_now_ns() - begin_ns;
    for (size_t i = 0; i < SLEEPS; i++) {
        assert_in_range(errors_ns[i], 0, took_ns);
        sum_ns += errors_ns[i];
    }
    assert_true(sum_ns > 0);
    assert_true(took_ns >= SLEEPS * SPAN_NS + sum_ns);
    assert_int_equal(prctl(PR_GET_TIMERSLACK), slack);
}

static int note_policy(void *arg, size_t first, size_t end)
{
    (void)first;
    (void)end;
    *(int *)arg = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
    return 0;
}

static void end_schedule(void *arg, size_t arrived)
{
    (void)arg;
    (void)arrived;
}

static int policy_of(bool fair)
{
    struct sample sample = {.intended_ns = 0};
    int policy = -1;
    struct generator g = {.samples = &sample,
                          .count = 1,
                          .begin_ns = clock_now_ns(),
                          .fair = fair,
                          .arrive = note_policy,
                          .over = end_schedule,
                          .arg = &policy};

    assert_int_equal(generator_start(&g), 0);
    generator_join(&g);
    return policy;
}

static void test_only_a_generator_beside_others_is_surely_fair(void **state)
{
    const struct sched_param lowest = {.sched_priority = 1}, none = {.sched_priority = 0};
    bool permitted = sched_setscheduler(0, SCHED_FIFO, &lowest) == 0;

    (void)state;
    sched_setscheduler(0, SCHED_OTHER, &none);
    assert_int_equal(policy_of(true), SCHED_OTHER);
    assert_int_equal(policy_of(false), permitted ? SCHED_FIFO : SCHED_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_sleep_is_counted),
        cmocka_unit_test(test_only_a_generator_beside_others_is_surely_fair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
