/* The promise: a coroutine object is a call not yet made. Nothing runs until it is awaited,
 * awaiting it is an ordinary call without a switch, it runs once, and one that is forgotten is
 * reported. */
#include "async/coro.h"

#include "support/test_async_loop.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int count(void *arg)
{
    return ++*(int *)arg;
}

static int fail_always(void *arg)
{
    (void)arg;
    return -EIO;
}

static void test_nothing_runs_until_it_is_awaited(void **state)
{
    int calls = 0;
    struct coro *c = coro_create(count, &calls);

    (void)state;
    assert_non_null(c);
    assert_int_equal(calls, 0);
    assert_int_equal(coro_await(c), 1);
    assert_int_equal(calls, 1);
    coro_destroy(c);
    assert_int_equal(calls, 1);
}

static void test_a_second_await_is_refused(void **state)
{
    int calls = 0;
    struct coro *c = coro_create(count, &calls);

    (void)state;
    assert_int_equal(coro_await(c), 1);
    assert_int_equal(coro_await(c), -EALREADY);
    assert_int_equal(await_on(coro_awaitable(c)), -EALREADY);
    assert_int_equal(calls, 1);
    coro_destroy(c);
}

static void test_the_result_or_error_is_passed_on(void **state)
{
    struct coro *c = coro_create(fail_always, NULL);

    (void)state;
    assert_int_equal(await_on(coro_awaitable(c)), -EIO);
    coro_destroy(c);
}

static void forget(void *arg)
{
    coro_destroy(coro_create(count, arg));
    coro_destroy(coro_create_named(count, arg, "other"));
}

static void await_and_destroy(void *arg)
{
    struct coro *c = coro_create(count, arg);

    coro_await(c);
    coro_destroy(c);
    coro_destroy(NULL);
}

static void test_a_forgotten_one_is_reported_an_awaited_one_is_not(void **state)
{
    char text[256];
    int calls = 0;

    (void)state;
    test_async_stderr(forget, &calls, text, sizeof text);
    assert_string_equal(text, "tva: coroutine 'count' was never awaited\n"
                              "tva: coroutine 'other' was never awaited\n");
    assert_int_equal(calls, 0);
    test_async_stderr(await_and_destroy, &calls, text, sizeof text);
    assert_string_equal(text, "");
    assert_int_equal(calls, 1);
}

static int cancel_before_start(void *arg)
{
    struct task *t = task_create(coro_create(count, arg));

    EXPECT(t != NULL && task_cancel(t));
    EXPECT(task_await(t) == -ECANCELED);
    task_release(t);
    return 0;
}

static void run_cancel_before_start(void *arg)
{
    assert_int_equal(test_async_run(cancel_before_start, arg), 0);
}

static void test_one_handed_to_a_task_is_not_reported(void **state)
{
    char text[256];
    int calls = 0;

    (void)state;
    test_async_stderr(run_cancel_before_start, &calls, text, sizeof text);
    assert_string_equal(text, "");
    assert_int_equal(calls, 0);
}

static int remember_stack(void *arg)
{
    *(uintptr_t *)arg = (uintptr_t)__builtin_frame_address(0);
    return 0;
}

static int await_many(void *arg)
{
    uint64_t before = loop_switches(loop_running());
    int calls = 0;

    (void)arg;
    for (int i = 1; i <= 100; i++) {
        struct coro *c = coro_create(count, &calls);

        EXPECT(coro_await(c) == i);
        coro_destroy(c);
    }
    EXPECT(loop_switches(loop_running()) == before);
    return 0;
}

/* Frames of one stack lie within a few kilobytes of each other; another stack is 64 KiB away. */
static int await_on_own_stack(void *arg)
{
    struct coro *c = coro_create(remember_stack, arg);
    uintptr_t inner, here = (uintptr_t)__builtin_frame_address(0);

    EXPECT(coro_await(c) == 0);
    coro_destroy(c);
    inner = *(uintptr_t *)arg;
    EXPECT((inner < here ? here - inner : inner - here) < 8192);
    return 0;
}

static void test_awaiting_makes_no_switch(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(await_many, NULL), 0);
}

static void test_awaiting_stays_on_the_stack(void **state)
{
    uintptr_t address = 0;

    (void)state;
    assert_int_equal(test_async_run(await_on_own_stack, &address), 0);
}

static int make_task_of_awaited(void *arg)
{
    struct coro *c = coro_create(count, arg);

    EXPECT(coro_await(c) == 1);
    EXPECT(task_create(c) == NULL); /* which consumes it */
    EXPECT(task_create(NULL) == NULL);
    return 0;
}

static void test_an_awaited_one_cannot_become_a_task(void **state)
{
    int calls = 0;

    (void)state;
    assert_int_equal(test_async_run(make_task_of_awaited, &calls), 0);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_runs_until_it_is_awaited),
        cmocka_unit_test(test_a_second_await_is_refused),
        cmocka_unit_test(test_the_result_or_error_is_passed_on),
        cmocka_unit_test(test_a_forgotten_one_is_reported_an_awaited_one_is_not),
        cmocka_unit_test(test_one_handed_to_a_task_is_not_reported),
        cmocka_unit_test(test_awaiting_makes_no_switch),
        cmocka_unit_test(test_awaiting_stays_on_the_stack),
        cmocka_unit_test(test_an_awaited_one_cannot_become_a_task),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
