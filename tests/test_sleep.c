/* The promise: a sleep never ends early, not by a nanosecond; one that is over already yields once;
 * and thousands sleep side by side. */
#include "async/task.h"

#include "support/test_async_loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 3000

static int sleep_spans(void *arg)
{
    const uint64_t spans_ns[] = {0, 1, 999, 50 * NS_PER_US, 999999, NS_PER_MS, 1300 * NS_PER_US};

    (void)arg;
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; i < sizeof spans_ns / sizeof *spans_ns; i++) {
            uint64_t begin_ns = clock_now_ns(), deadline_ns = begin_ns + spans_ns[i];

            EXPECT(task_sleep(spans_ns[i]) == 0);
            EXPECT(clock_now_ns() - begin_ns >= spans_ns[i]);
            EXPECT(task_sleep_until(deadline_ns) == 0); /* in the past by now */
            deadline_ns = clock_now_ns() + spans_ns[i];
            EXPECT(task_sleep_until(deadline_ns) == 0);
            EXPECT(clock_now_ns() >= deadline_ns);
        }
    return 0;
}

static void test_no_sleep_ends_early(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(sleep_spans, NULL), 0);
}

static int count_turns(void *arg)
{
    for (++*(int *)arg; *(int *)arg < 5; ++*(int *)arg)
        EXPECT(task_yield() == 0);
    return 0;
}

static int sleep_in_the_past(void *arg)
{
    struct task *t = task_create(coro_create(count_turns, arg));
    int *turns = arg;

    EXPECT(task_sleep(0) == 0 && *turns == 1);
    EXPECT(task_sleep_until(0) == 0 && *turns == 2);
    EXPECT(task_sleep_until(clock_now_ns()) == 0 && *turns == 3);
    EXPECT(task_await(t) == 0 && *turns == 5);
    task_release(t);
    return 0;
}

static void test_a_past_deadline_yields_once(void **state)
{
    int turns = 0;

    (void)state;
    assert_int_equal(test_async_run(sleep_in_the_past, &turns), 0);
}

static int nap(void *arg)
{
    int err = task_sleep(*(uint64_t *)arg);

    return err < 0 ? err : 1;
}

static int sleep_side_by_side(void *arg)
{
    uint64_t span_ns = 100 * NS_PER_MS, begin_ns = clock_now_ns();
    struct loop *loop = loop_running();
    static struct task *tasks[MANY], *all[MANY + 1];
    int sum = 0;

    (void)arg;
    for (int i = 0; i < MANY; i++)
        EXPECT((tasks[i] = task_create(coro_create(nap, &span_ns))) != NULL);
    EXPECT(loop_all_tasks(loop, NULL, 0) == MANY + 1);
    EXPECT(loop_all_tasks(loop, all, MANY + 1) == MANY + 1);
    EXPECT(all[0] == task_current());
    for (int i = 0; i < MANY; i++)
        EXPECT(all[i + 1] == tasks[i]);
    for (int i = 0; i < MANY; i++) {
        sum += task_await(tasks[i]);
        task_release(tasks[i]);
    }
    EXPECT(sum == MANY);
    EXPECT(loop_all_tasks(loop, NULL, 0) == 1);
    EXPECT(clock_now_ns() - begin_ns >= span_ns);
    EXPECT(clock_now_ns() - begin_ns < MANY / 10 * span_ns); /* a tenth of one after the other */
    return 0;
}

static void test_thousands_sleep_side_by_side(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(sleep_side_by_side, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_sleep_ends_early),
        cmocka_unit_test(test_a_past_deadline_yields_once),
        cmocka_unit_test(test_thousands_sleep_side_by_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
