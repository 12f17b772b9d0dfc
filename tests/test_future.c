/* The promise: a future is set once; awaiting a done one does not yield; every task that waits for
 * a pending one wakes, in order; and a canceled waiter leaves the future alone. */
#include "async/future.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define WAITERS 5

static void test_it_is_set_once(void **state)
{
    struct future f;

    (void)state;
    future_init(&f);
    assert_false(future_done(&f));
    assert_int_equal(future_result(&f), -EINPROGRESS);
    assert_int_equal(future_set_result(&f, 7), 0);
    assert_true(future_done(&f));
    assert_int_equal(future_result(&f), 7);
    assert_int_equal(future_set_result(&f, 8), -EALREADY);
    assert_int_equal(future_set_error(&f, -EIO), -EALREADY);
    assert_int_equal(future_result(&f), 7);
}

static void test_an_error_finishes_it_too(void **state)
{
    struct future f;

    (void)state;
    future_init(&f);
    assert_int_equal(future_set_error(&f, -ENOENT), 0);
    assert_true(future_done(&f));
    assert_int_equal(future_result(&f), -ENOENT);
    assert_int_equal(future_set_error(&f, -EIO), -EALREADY);
}

static void test_results_and_errors_are_not_mixed_up(void **state)
{
    struct future f;

    (void)state;
    future_init(&f);
    assert_int_equal(future_set_result(&f, -1), -EINVAL);
    assert_int_equal(future_set_error(&f, 0), -EINVAL);
    assert_int_equal(future_set_error(&f, 1), -EINVAL);
    assert_false(future_done(&f));
    assert_int_equal(future_set_result(&f, 0), 0);
    assert_int_equal(future_result(&f), 0);
}

static int await_done_ones(void *arg)
{
    struct loop *loop = loop_running();
    uint64_t before = loop_switches(loop);
    struct future good, bad;

    (void)arg;
    future_init(&good);
    future_init(&bad);
    future_set_result(&good, 3);
    future_set_error(&bad, -EPIPE);
    EXPECT(future_await(&good) == 3);
    EXPECT(future_await(&good) == 3);
    EXPECT(await_on(&good.awaitable) == 3);
    EXPECT(future_await(&bad) == -EPIPE);
    EXPECT(loop_switches(loop) == before);
    return 0;
}

static void test_awaiting_a_done_one_does_not_switch(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(await_done_ones, NULL), 0);
}

struct scene {
    struct future future;
    struct task *tasks[WAITERS];
    int results[WAITERS];
    char log[32];
    int set_to;
};

struct waiter {
    struct scene *scene;
    int index;
};

static int wait_for_it(void *arg)
{
    struct waiter *w = arg;
    struct scene *s = w->scene;
    size_t end;

    s->results[w->index] = future_await(&s->future);
    end = strlen(s->log);
    s->log[end] = (char)('0' + w->index);
    return s->results[w->index];
}

static int set_it(void *arg)
{
    struct scene *s = arg;

    strcat(s->log, "s");
    return s->set_to < 0 ? future_set_error(&s->future, s->set_to)
                         : future_set_result(&s->future, s->set_to);
}

static int start_waiters(struct scene *s, struct waiter *waiters)
{
    future_init(&s->future);
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (struct waiter){s, i};
        s->tasks[i] = task_create(coro_create(wait_for_it, &waiters[i]));
        EXPECT(s->tasks[i] != NULL);
    }
    return task_yield();
}

static int await_pending(void *arg)
{
    struct scene *s = arg;
    struct loop *loop = loop_running();
    struct task *setter = task_create(coro_create(set_it, s));
    uint64_t before = loop_switches(loop);

    future_init(&s->future);
    EXPECT(future_await(&s->future) == s->set_to);
    EXPECT(loop_switches(loop) == before + 2); /* to the setter, and back */
    EXPECT(task_done(setter));
    task_release(setter);
    return 0;
}

static void test_awaiting_a_pending_one_switches_until_it_is_set(void **state)
{
    struct scene s = {.set_to = 42};

    (void)state;
    assert_int_equal(test_async_run(await_pending, &s), 0);
    s = (struct scene){.set_to = -EIO};
    assert_int_equal(test_async_run(await_pending, &s), 0);
}

static int wake_all(void *arg)
{
    struct scene *s = arg;
    struct waiter waiters[WAITERS];

    EXPECT(start_waiters(s, waiters) == 0);
    EXPECT(strcmp(s->log, "") == 0);
    EXPECT(set_it(s) == 0);
    EXPECT(strcmp(s->log, "s") == 0); /* setting it runs nobody */
    for (int i = 0; i < WAITERS; i++) {
        EXPECT(task_await(s->tasks[i]) == s->set_to);
        task_release(s->tasks[i]);
    }
    return 0;
}

static void test_all_waiters_wake_in_order(void **state)
{
    struct scene s = {.set_to = 9};

    (void)state;
    assert_int_equal(test_async_run(wake_all, &s), 0);
    assert_string_equal(s.log, "s01234");
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(s.results[i], 9);
}

static int cancel_some(void *arg)
{
    struct scene *s = arg;
    struct waiter waiters[WAITERS];

    EXPECT(start_waiters(s, waiters) == 0);
    for (int i = 0; i < WAITERS; i += 2)
        EXPECT(task_cancel(s->tasks[i]));
    EXPECT(task_yield() == 0);
    EXPECT(!future_done(&s->future));
    for (int i = 0; i < WAITERS; i += 2) {
        EXPECT(task_done(s->tasks[i]) && task_result(s->tasks[i]) == -ECANCELED);
        task_release(s->tasks[i]); /* frees it: a wake by the future would be seen by ASan */
    }
    EXPECT(set_it(s) == 0);
    for (int i = 1; i < WAITERS; i += 2) {
        EXPECT(task_await(s->tasks[i]) == s->set_to);
        task_release(s->tasks[i]);
    }
    return 0;
}

static void test_a_canceled_waiter_leaves_the_future_alone(void **state)
{
    struct scene s = {.set_to = 4};

    (void)state;
    assert_int_equal(test_async_run(cancel_some, &s), 0);
    assert_string_equal(s.log, "024s13");
}

static int wait_then_sleep(void *arg)
{
    struct scene *s = arg;

    s->results[0] = future_await(&s->future);
    s->results[1] = task_sleep(2 * NS_PER_MS);
    return 0;
}

static int set_after_cancel(void *arg)
{
    struct scene *s = arg;
    struct task *t = task_create(coro_create(wait_then_sleep, s));

    future_init(&s->future);
    EXPECT(task_yield() == 0 && task_cancel(t));
    EXPECT(task_yield() == 0); /* it sleeps by now */
    EXPECT(set_it(s) == 0);
    EXPECT(task_await(t) == 0);
    EXPECT(s->results[0] == -ECANCELED && s->results[1] == 0);
    task_release(t);
    return 0;
}

static void test_a_future_does_not_wake_who_gave_up_waiting(void **state)
{
    struct scene s = {.set_to = 4};

    (void)state;
    assert_int_equal(test_async_run(set_after_cancel, &s), 0);
}

/* Canceled first, then set, before the waiter could run: the first counts. */
static int cancel_then_set(void *arg)
{
    struct scene *s = arg;
    struct waiter waiters[WAITERS];

    EXPECT(start_waiters(s, waiters) == 0);
    EXPECT(task_cancel(s->tasks[0]));
    EXPECT(set_it(s) == 0);
    for (int i = 0; i < WAITERS; i++) {
        EXPECT(task_await(s->tasks[i]) == (i == 0 ? -ECANCELED : s->set_to));
        task_release(s->tasks[i]);
    }
    return 0;
}

static void test_a_wait_that_was_canceled_stays_canceled(void **state)
{
    struct scene s = {.set_to = 4};

    (void)state;
    assert_int_equal(test_async_run(cancel_then_set, &s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_set_once),
        cmocka_unit_test(test_an_error_finishes_it_too),
        cmocka_unit_test(test_results_and_errors_are_not_mixed_up),
        cmocka_unit_test(test_awaiting_a_done_one_does_not_switch),
        cmocka_unit_test(test_awaiting_a_pending_one_switches_until_it_is_set),
        cmocka_unit_test(test_all_waiters_wake_in_order),
        cmocka_unit_test(test_a_canceled_waiter_leaves_the_future_alone),
        cmocka_unit_test(test_a_future_does_not_wake_who_gave_up_waiting),
        cmocka_unit_test(test_a_wait_that_was_canceled_stays_canceled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
