/* The promise: a cancellation ends any wait, is neither lost nor delivered twice, lets the task
 * clean up, and spares what must not be cut short. */
#include "async/wait.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum wait_kind { IN_SLEEP, IN_YIELD, IN_FUTURE, IN_AWAIT, IN_SUSPEND, WAIT_KINDS };

struct victim {
    enum wait_kind kind;
    struct future future;
    struct task *other;
    int first, second; /* what the wait and the next one returned */
    uint64_t second_span_ns;
};

static int wait_in(struct victim *v)
{
    switch (v->kind) {
    case IN_SLEEP:
        return task_sleep(3600 * NS_PER_S);
    case IN_YIELD:
        return task_yield();
    case IN_FUTURE:
        return future_await(&v->future);
    case IN_AWAIT:
        return task_await(v->other);
    default:
        return wait_suspend(NO_DEADLINE);
    }
}

static int be_victim(void *arg)
{
    struct victim *v = arg;

    v->first = wait_in(v);
    v->second = task_sleep(v->second_span_ns);
    return v->first;
}

static int wait_for_ever(void *arg)
{
    (void)arg;
    return wait_suspend(NO_DEADLINE);
}

static struct task *start_victim(struct victim *v)
{
    struct task *t = task_create(coro_create(be_victim, v));

    future_init(&v->future);
    if (task_yield() < 0) /* it starts, and waits */
        return NULL;
    return t;
}

static int cancel_once(void *arg)
{
    struct victim *v = arg;
    struct task *t;

    v->other = task_create(coro_create(wait_for_ever, NULL));
    t = start_victim(v);
    EXPECT(t != NULL && !task_done(t));
    EXPECT(task_cancel(t));
    EXPECT(task_await(t) == -ECANCELED);
    EXPECT(!task_cancel(t)); /* done */
    /* An awaited task is canceled with the one that awaits it, as in asyncio; a plain future is
     * not. */
    EXPECT(task_done(v->other) == (v->kind == IN_AWAIT) && !future_done(&v->future));
    EXPECT(task_cancel(v->other) != (v->kind == IN_AWAIT));
    EXPECT(task_await(v->other) == -ECANCELED);
    task_release(v->other);
    task_release(t);
    return 0;
}

static void test_a_cancellation_ends_any_wait(void **state)
{
    (void)state;
    for (int kind = IN_SLEEP; kind < WAIT_KINDS; kind++) {
        struct victim v = {.kind = (enum wait_kind)kind, .second_span_ns = NS_PER_MS};

        assert_int_equal(test_async_run(cancel_once, &v), 0);
        assert_int_equal(v.first, -ECANCELED);
        assert_int_equal(v.second, 0); /* it may clean up */
    }
}

static int cancel_twice(void *arg)
{
    struct task *t = start_victim(arg);

    EXPECT(task_cancel(t) && task_cancel(t));
    EXPECT(task_await(t) == -ECANCELED);
    task_release(t);
    return 0;
}

static void test_two_requests_before_it_can_run_are_one(void **state)
{
    (void)state;
    for (int kind = IN_SLEEP; kind < WAIT_KINDS; kind++) {
        struct victim v = {.kind = (enum wait_kind)kind, .second_span_ns = NS_PER_MS};

        if (kind == IN_AWAIT)
            continue;
        assert_int_equal(test_async_run(cancel_twice, &v), 0);
        assert_int_equal(v.second, 0);
    }
}

static int cancel_what_is_woken(void *arg)
{
    struct victim *v = arg;
    struct task *t = start_victim(v);

    EXPECT(future_set_result(&v->future, 5) == 0);
    EXPECT(task_cancel(t));
    task_await(t);
    task_release(t);
    return 0;
}

static void test_a_cancellation_after_the_wake_is_not_lost(void **state)
{
    struct victim v = {.kind = IN_FUTURE};

    (void)state;
    assert_int_equal(test_async_run(cancel_what_is_woken, &v), 0);
    assert_true((v.first == -ECANCELED) != (v.second == -ECANCELED));
}

static int cancel_unstarted(void *arg)
{
    struct victim *v = arg;
    struct task *t = task_create(coro_create(be_victim, v));

    EXPECT(task_cancel(t) && task_cancel(t));
    EXPECT(!task_done(t));
    EXPECT(task_await(t) == -ECANCELED);
    task_release(t);
    return 0;
}

static void test_a_task_canceled_before_its_start_never_starts(void **state)
{
    struct victim v = {.first = 99, .second = 99};

    (void)state;
    assert_int_equal(test_async_run(cancel_unstarted, &v), 0);
    assert_true(v.first == 99 && v.second == 99);
}

static int cancel_oneself(void *arg)
{
    (void)arg;
    EXPECT(task_cancel(task_current()));
    EXPECT(task_yield() == -ECANCELED);
    EXPECT(task_yield() == 0);
    EXPECT(task_cancel(task_current()));
    EXPECT(task_sleep(NS_PER_MS) == -ECANCELED);
    EXPECT(task_sleep(NS_PER_MS) == 0);
    return 0;
}

static void test_a_task_can_cancel_itself(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_oneself, NULL), 0);
}

static int wait_uncancelable(void *arg)
{
    struct victim *v = arg;

    v->first = wait_suspend_uncancelable();
    v->second = task_yield();
    return 0;
}

static int cancel_uncancelable(void *arg)
{
    struct victim *v = arg;
    struct task *t = task_create(coro_create(wait_uncancelable, v));

    EXPECT(task_yield() == 0);
    EXPECT(task_cancel(t));
    EXPECT(task_yield() == 0 && !task_done(t));
    wait_wake(t, 7);
    EXPECT(task_await(t) == 0);
    EXPECT(v->first == 7 && v->second == -ECANCELED);
    task_release(t);
    return 0;
}

static void test_an_uncancelable_wait_keeps_the_request_for_the_next(void **state)
{
    struct victim v = {0};

    (void)state;
    assert_int_equal(test_async_run(cancel_uncancelable, &v), 0);
}

static int cancel_a_ring(void *arg)
{
    struct victim a = {.kind = IN_AWAIT}, b = {.kind = IN_AWAIT};
    struct task *ta = task_create(coro_create(be_victim, &a));
    struct task *tb = task_create(coro_create(be_victim, &b));

    (void)arg;
    a.other = tb;
    b.other = ta;
    EXPECT(task_yield() == 0 && task_cancel(ta));
    EXPECT(task_await(ta) == -ECANCELED && a.first == -ECANCELED);
    EXPECT(task_await(tb) == -ECANCELED && b.first == -ECANCELED && b.second == 0);
    task_release(ta);
    task_release(tb);
    return 0;
}

static void test_tasks_that_await_each_other_can_be_canceled(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_a_ring, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cancellation_ends_any_wait),
        cmocka_unit_test(test_two_requests_before_it_can_run_are_one),
        cmocka_unit_test(test_a_cancellation_after_the_wake_is_not_lost),
        cmocka_unit_test(test_a_task_canceled_before_its_start_never_starts),
        cmocka_unit_test(test_a_task_can_cancel_itself),
        cmocka_unit_test(test_an_uncancelable_wait_keeps_the_request_for_the_next),
        cmocka_unit_test(test_tasks_that_await_each_other_can_be_canceled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
