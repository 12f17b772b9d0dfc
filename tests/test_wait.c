/* The promise: a wait ends by the first of wake and deadline, never by both and never early; and
 * what comes too late disturbs no later wait. */
#include "async/wait.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The first is far above what a loaded machine may take to come to the wake. */
#define FIRST_NS  (300 * NS_PER_MS)
#define SECOND_NS (350 * NS_PER_MS)

struct waiter {
    int first, second; /* what two waits returned */
};

static int pass_deadlines(void *arg)
{
    (void)arg;
    EXPECT(wait_suspend(0) == -ETIMEDOUT); /* long past */
    for (uint64_t span_ns = 0; span_ns < 3 * NS_PER_MS; span_ns += 700 * NS_PER_US) {
        uint64_t deadline_ns = clock_now_ns() + span_ns;

        EXPECT(wait_suspend(deadline_ns) == -ETIMEDOUT);
        EXPECT(clock_now_ns() >= deadline_ns);
    }
    return 0;
}

static void test_a_deadline_ends_a_wait_and_never_early(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(pass_deadlines, NULL), 0);
}

static int wait_twice(void *arg)
{
    struct waiter *w = arg;
    uint64_t begin_ns = clock_now_ns();

    w->first = wait_suspend(begin_ns + FIRST_NS);
    w->second = wait_suspend(begin_ns + SECOND_NS);
    EXPECT(w->second != -ETIMEDOUT || clock_now_ns() >= begin_ns + SECOND_NS);
    return 0;
}

static int wake_before_the_deadline(void *arg)
{
    struct waiter *w = arg;
    struct task *t = task_create(coro_create(wait_twice, w));

    EXPECT(task_yield() == 0);
    wait_wake(t, 1);
    wait_wake(t, 2); /* ready already: the first counts */
    EXPECT(task_await(t) == 0);
    EXPECT(w->first == 1 && w->second == -ETIMEDOUT);
    task_release(t);
    return 0;
}

static void test_a_wake_disarms_the_deadline(void **state)
{
    struct waiter w = {0};

    (void)state;
    assert_int_equal(test_async_run(wake_before_the_deadline, &w), 0);
}

static int yield_once(void *arg)
{
    (void)arg;
    return task_yield();
}

static int wake_what_does_not_wait(void *arg)
{
    struct task *t = task_create(coro_create(yield_once, NULL));

    (void)arg;
    wait_wake(t, 4); /* not started */
    EXPECT(task_yield() == 0);
    wait_wake(t, 5); /* it yields: ready, not suspended */
    wait_wake(task_current(), 6);
    EXPECT(task_await(t) == 0 && task_yield() == 0);
    task_release(t);
    return 0;
}

static void test_waking_what_does_not_wait_does_nothing(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(wake_what_does_not_wait, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_deadline_ends_a_wait_and_never_early),
        cmocka_unit_test(test_a_wake_disarms_the_deadline),
        cmocka_unit_test(test_waking_what_does_not_wait_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
