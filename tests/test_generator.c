/* The promise: what a machine is late by is measured sleep by sleep, never less than nothing, and
 * the measuring thread's settings stay its own. */
#include "load/generator.h"

#include "base/clock.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_sleep_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
