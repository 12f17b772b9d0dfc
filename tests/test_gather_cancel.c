/* The promise: a canceled gather cancels what it started and outwaits it, leaves alone what it did
 * not start, and tells its own cancellation from that of a part. */
#include "async/gather.h"
#include "async/task.h"

#include "support/test_async_loop.h"
#include "support/test_async_part.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N 4

struct scene {
    struct test_async_part parts[N];
    struct awaitable *awaitables[N];
    size_t n;
    int gathered;
};

static int run_gather(void *arg)
{
    struct scene *s = arg;

    s->gathered = task_gather(s->awaitables, s->n, NULL);
    return s->gathered;
}

static int cancel_gather(void *arg)
{
    struct scene s = {.n = 4};
    struct task *other, *gather;

    (void)arg;
    for (size_t i = 0; i < 4; i++)
        s.parts[i] =
            (struct test_async_part){.sleep_ns = 3600 * NS_PER_S, .cleanup_ns = i * NS_PER_MS};
    s.parts[1].sleep_ns = 0;
    other = task_create(coro_create(test_async_part_run, &s.parts[0]));
    s.awaitables[0] = task_awaitable(other);
    for (size_t i = 1; i < 4; i++)
        s.awaitables[i] = coro_awaitable(coro_create(test_async_part_run, &s.parts[i]));
    gather = task_create(coro_create(run_gather, &s));
    while (!s.parts[1].finished)
        EXPECT(task_yield() == 0);
    EXPECT(task_cancel(gather));
    EXPECT(task_await(gather) == -ECANCELED);
    EXPECT(s.parts[1].finished && !s.parts[1].canceled);
    EXPECT(s.parts[2].finished && s.parts[2].canceled);
    EXPECT(s.parts[3].finished && s.parts[3].canceled);
    EXPECT(s.parts[0].canceled && task_done(other)); /* as in asyncio, those passed in too */
    task_release(other);
    task_release(gather);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    return 0;
}

static void test_canceled_it_cancels_its_tasks_and_outwaits_them(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_gather, NULL), 0);
}

static int cancel_before_gather(void *arg)
{
    struct scene s = {.n = 1, .parts[0].result = 1};

    (void)arg;
    s.awaitables[0] = coro_awaitable(coro_create(test_async_part_run, &s.parts[0]));
    EXPECT(task_cancel(task_current()));
    EXPECT(run_gather(&s) == -ECANCELED);
    EXPECT(!s.parts[0].finished); /* canceled before its start */
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    return 0;
}

static void test_a_canceled_caller_starts_nothing(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_before_gather, NULL), 0);
}

/* A part that ends with -ECANCELED says nothing about the caller, not even when the caller is
 * canceled in the same turn. */
static int cancel_part_and_gather(void *arg)
{
    struct scene s = {.n = 2, .parts[0].sleep_ns = 3600 * NS_PER_S};
    struct task *part = task_create(coro_create(test_async_part_run, &s.parts[0])), *gather;
    struct future never;

    (void)arg;
    future_init(&never);
    s.awaitables[0] = task_awaitable(part);
    s.awaitables[1] = &never.awaitable;
    gather = task_create(coro_create(run_gather, &s));
    EXPECT(task_yield() == 0);
    EXPECT(task_cancel(part) && task_cancel(gather));
    for (int i = 0; i < 10 && !task_done(gather); i++)
        EXPECT(task_yield() == 0);
    EXPECT(task_done(gather) && task_result(gather) == -ECANCELED);
    task_release(part);
    task_release(gather);
    return 0;
}

static void test_the_cancellation_of_a_part_does_not_hide_the_callers(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_part_and_gather, NULL), 0);
}

static int part_canceled(void *arg)
{
    struct scene s = {.n = 2, .parts = {{.sleep_ns = 3600 * NS_PER_S}, {.result = 8}}};
    struct task *part = task_create(coro_create(test_async_part_run, &s.parts[0]));
    int results[2];

    (void)arg;
    s.awaitables[0] = task_awaitable(part);
    s.awaitables[1] = coro_awaitable(coro_create(test_async_part_run, &s.parts[1]));
    EXPECT(task_yield() == 0 && task_cancel(part));
    EXPECT(task_gather(s.awaitables, 2, results) == -ECANCELED);
    EXPECT(results[0] == -ECANCELED && results[1] == 8 && s.parts[1].finished);
    task_release(part);
    return 0;
}

static void test_a_canceled_part_is_an_error_like_any_other(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(part_canceled, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canceled_it_cancels_its_tasks_and_outwaits_them),
        cmocka_unit_test(test_a_canceled_caller_starts_nothing),
        cmocka_unit_test(test_the_cancellation_of_a_part_does_not_hide_the_callers),
        cmocka_unit_test(test_a_canceled_part_is_an_error_like_any_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
