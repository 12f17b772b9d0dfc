/* The promise: what a machine is late by is measured sleep by sleep, never less than nothing, and
 * the measuring thread's settings stay its own. */
#include "measure/timer_error.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

#include <cmocka.h>

static void test_every_sleep_is_counted(void **state)
{
    const unsigned sleeps = 200;
    struct stats_distribution d;
    int slack = prctl(PR_GET_TIMERSLACK);
    uint64_t begin_ns = clock_now_ns();

    (void)state;
    assert_int_equal(timer_error_measure(sleeps, &d), 0);
    assert_true(clock_now_ns() - begin_ns >= (uint64_t)sleeps * TIMER_ERROR_SLEEP_NS + d.max);
    assert_int_equal(d.count, sleeps);
    assert_true(d.max > 0);
    assert_true(d.min <= d.p50 && d.p50 <= d.max);
    assert_int_equal(prctl(PR_GET_TIMERSLACK), slack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_sleep_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
