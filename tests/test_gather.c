/* The promise: gather runs everything at the same time and returns when all of it has finished,
 * with the results in order and the first error. */
#include "async/gather.h"
#include "async/task.h"

#include "support/test_async_loop.h"
#include "support/test_async_part.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define N 12

static int gather_coroutines(void *arg)
{
    struct test_async_part parts[N] = {0};
    struct awaitable *awaitables[N];
    int results[N], running = 0, most = 0;

    (void)arg;
    for (int i = 0; i < N; i++) {
        parts[i] = (struct test_async_part){.sleep_ns = (uint64_t)(N - i) * NS_PER_MS,
                                            .result = 100 + i,
                                            .running = &running,
                                            .most = &most};
        awaitables[i] = coro_awaitable(coro_create(test_async_part_run, &parts[i]));
    }
    EXPECT(task_gather(awaitables, N, results) == 0);
    for (int i = 0; i < N; i++)
        EXPECT(parts[i].finished && results[i] == 100 + i);
    EXPECT(running == 0 && most == N);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    return 0;
}

static void test_results_come_in_order_and_all_run_at_once(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(gather_coroutines, NULL), 0);
}

static int gather_errors(void *arg)
{
    struct test_async_part parts[4] = {{.result = 1, .sleep_ns = 3 * NS_PER_MS},
                                       {.result = -EIO, .sleep_ns = 5 * NS_PER_MS},
                                       {.result = -EPIPE},
                                       {.result = 2, .sleep_ns = 8 * NS_PER_MS}};
    struct awaitable *awaitables[4];
    int results[4];

    (void)arg;
    for (int i = 0; i < 4; i++)
        awaitables[i] = coro_awaitable(coro_create(test_async_part_run, &parts[i]));
    EXPECT(task_gather(awaitables, 4, results) == -EIO); /* first in order, not in time */
    for (int i = 0; i < 4; i++)
        EXPECT(parts[i].finished && !parts[i].canceled && results[i] == parts[i].result);
    return 0;
}

static void test_the_first_error_in_order_is_returned_after_all_have_finished(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(gather_errors, NULL), 0);
}

static void set_six(void *arg)
{
    future_set_result(arg, 6);
}

static int gather_kinds(void *arg)
{
    struct test_async_part coro = {.result = 1, .sleep_ns = 2 * NS_PER_MS}, task = {.result = 2};
    struct test_async_part own = {
        .own.await = test_async_part_await, .result = 3, .sleep_ns = NS_PER_MS};
    struct task *t = task_create(coro_create(test_async_part_run, &task));
    struct future done, pending;
    struct awaitable *awaitables[] = {
        coro_awaitable(coro_create(test_async_part_run, &coro)),
        task_awaitable(t),
        &own.own,
        &done.awaitable,
        task_awaitable(t),
        &pending.awaitable,
    };
    const int expected[6] = {1, 2, 3, 4, 2, 6};
    int results[6];

    (void)arg;
    future_init(&done);
    future_init(&pending);
    future_set_result(&done, 4);
    EXPECT(loop_call_soon(loop_running(), set_six, &pending) == 0);
    EXPECT(task_gather(awaitables, 6, results) == 0);
    for (int i = 0; i < 6; i++)
        EXPECT(results[i] == expected[i]);
    task_release(t);
    return 0;
}

static void test_coroutines_tasks_futures_and_own_awaitables_mix(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(gather_kinds, NULL), 0);
}

static int gather_nothing(void *arg)
{
    uint64_t before = loop_switches(loop_running());
    struct future done;
    struct awaitable *awaitables[] = {&done.awaitable};

    (void)arg;
    future_init(&done);
    future_set_result(&done, 1);
    EXPECT(task_gather(NULL, 0, NULL) == 0);
    EXPECT(task_gather(awaitables, 1, NULL) == 0);
    EXPECT(loop_switches(loop_running()) == before);
    return 0;
}

static void test_nothing_to_wait_for_does_not_switch(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(gather_nothing, NULL), 0);
}

static int gather_one_twice(void *arg)
{
    struct test_async_part part = {.result = 1}, other = {.result = 2};
    struct coro *coro = coro_create(test_async_part_run, &part);
    struct awaitable *awaitables[] = {coro_awaitable(coro), coro_awaitable(coro),
                                      coro_awaitable(coro),
                                      coro_awaitable(coro_create(test_async_part_run, &other))};

    (void)arg;
    EXPECT(task_gather(awaitables, 4, NULL) < 0);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    return 0;
}

static void run_gather_one_twice(void *arg)
{
    *(int *)arg = test_async_run(gather_one_twice, NULL);
}

static void test_one_coroutine_twice_is_refused(void **state)
{
    char text[256];
    int result;

    (void)state;
    test_async_stderr(run_gather_one_twice, &result, text, sizeof text);
    assert_int_equal(result, 0);
    assert_non_null(strstr(text, "never awaited")); /* the other one, consumed all the same */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_come_in_order_and_all_run_at_once),
        cmocka_unit_test(test_the_first_error_in_order_is_returned_after_all_have_finished),
        cmocka_unit_test(test_coroutines_tasks_futures_and_own_awaitables_mix),
        cmocka_unit_test(test_nothing_to_wait_for_does_not_switch),
        cmocka_unit_test(test_one_coroutine_twice_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
