/* The promise: wait_for gives what its awaitable ends with, or ends it when the time is over or the
 * caller is canceled; it always outwaits it, and loses neither a result nor a cancellation. */
#include "async/gather.h"
#include "async/queue.h"

#include "support/test_async_loop.h"
#include "support/test_async_part.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FOR_EVER (3600 * NS_PER_S)

static struct awaitable *part(struct test_async_part *p)
{
    return coro_awaitable(coro_create(test_async_part_run, p));
}

static int alone(void)
{
    return loop_all_tasks(loop_running(), NULL, 0) == 1;
}

static int in_time(void *arg)
{
    struct test_async_part good = {.result = 5}, bad = {.result = -EIO}, mine = {.result = 6};
    struct test_async_part tasks = {.sleep_ns = NS_PER_MS, .result = 7};
    struct task *task = task_create(coro_create(test_async_part_run, &tasks));
    struct future done;

    (void)arg;
    mine.own.await = test_async_part_await;
    future_init(&done);
    future_set_result(&done, 8);
    EXPECT(task_wait_for(part(&good), 10 * NS_PER_S) == 5);
    EXPECT(task_wait_for(part(&bad), 10 * NS_PER_S) == -EIO);
    EXPECT(task_wait_for(&mine.own, 10 * NS_PER_S) == 6);
    EXPECT(task_wait_for(task_awaitable(task), UINT64_MAX) == 7);
    EXPECT(task_wait_for(task_awaitable(task), 0) == 7); /* done already */
    EXPECT(task_wait_for(&done.awaitable, 0) == 8);
    task_release(task);
    EXPECT(alone());
    return 0;
}

static void test_in_time_it_gives_the_result_or_error(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(in_time, NULL), 0);
}

static int too_late(void *arg)
{
    struct test_async_part slow = {.sleep_ns = FOR_EVER, .cleanup_ns = 2 * NS_PER_MS}, tasks = slow;
    struct task *task = task_create(coro_create(test_async_part_run, &tasks));
    uint64_t begin_ns = clock_now_ns();

    (void)arg;
    EXPECT(task_wait_for(part(&slow), NS_PER_MS) == -ETIMEDOUT);
    EXPECT(clock_now_ns() - begin_ns >= 3 * NS_PER_MS); /* its clean-up was waited for */
    EXPECT(slow.canceled && slow.finished);
    EXPECT(task_wait_for(task_awaitable(task), NS_PER_MS) == -ETIMEDOUT);
    EXPECT(tasks.canceled && task_done(task) && task_result(task) == -ECANCELED);
    task_release(task);
    EXPECT(task_yield() == 0 && alone());
    return 0;
}

static void test_too_late_it_cancels_and_outwaits(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(too_late, NULL), 0);
}

static int no_time(void *arg)
{
    struct test_async_part part_of_none = {.result = 1};
    struct future never;

    (void)arg;
    future_init(&never);
    EXPECT(task_wait_for(part(&part_of_none), 0) == -ETIMEDOUT && !part_of_none.finished);
    EXPECT(task_wait_for(&never.awaitable, 0) == -ETIMEDOUT);
    EXPECT(task_wait_for(&never.awaitable, NS_PER_MS) == -ETIMEDOUT && !future_done(&never));
    EXPECT(alone());
    return 0;
}

static void test_without_time_nothing_starts(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(no_time, NULL), 0);
}

/* Refuses to stop until it has been asked `left` times, then ends with `result`. */
struct refuser {
    int left, result;
};

static int refuse(void *arg)
{
    struct refuser *r = arg;

    while (r->left > 0)
        r->left -= task_sleep(FOR_EVER) == -ECANCELED;
    return r->result;
}

static struct awaitable *refuser(struct refuser *r)
{
    return coro_awaitable(coro_create(refuse, r));
}

static int end_otherwise(void *arg)
{
    struct refuser result = {1, 9}, error = {1, -EPIPE}, canceled = {1, -ECANCELED};

    (void)arg;
    EXPECT(task_wait_for(refuser(&result), NS_PER_MS) == 9);
    EXPECT(task_wait_for(refuser(&error), NS_PER_MS) == -EPIPE);
    EXPECT(task_wait_for(refuser(&canceled), NS_PER_MS) == -ETIMEDOUT);
    return 0;
}

static void test_what_ends_with_a_result_after_the_time_gives_it(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(end_otherwise, NULL), 0);
}

/* A task that waits for something, at most for a time. */
struct caller {
    struct awaitable *awaitable;
    uint64_t timeout_ns;
    int result, next_wait;
};

static int call(void *arg)
{
    struct caller *c = arg;

    c->result = task_wait_for(c->awaitable, c->timeout_ns);
    c->next_wait = task_yield();
    return 0;
}

static int cancel_while_it_refuses(void *arg)
{
    struct refuser r = {2, -ECANCELED};
    struct caller c = {refuser(&r), NS_PER_MS, 99, 99};
    struct task *caller = task_create(coro_create(call, &c));

    (void)arg;
    while (r.left == 2)
        EXPECT(task_sleep(NS_PER_MS) == 0);
    EXPECT(!task_done(caller)); /* the time is over, and it goes on */
    EXPECT(task_cancel(caller) && task_await(caller) == 0);
    EXPECT(r.left == 0 && c.result == -ECANCELED && c.next_wait == 0);
    task_release(caller);
    return 0;
}

static void test_one_that_refuses_is_asked_again_with_the_caller(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_while_it_refuses, NULL), 0);
}

static int cancel_caller(void *arg)
{
    struct test_async_part slow = {.sleep_ns = FOR_EVER, .cleanup_ns = 350 * NS_PER_MS};
    struct caller c = {part(&slow), 300 * NS_PER_MS, 99, 99}; /* long enough to cancel in it */
    struct task *caller = task_create(coro_create(call, &c));

    (void)arg;
    EXPECT(task_yield() == 0 && task_cancel(caller)); /* the clean-up lasts beyond the time */
    EXPECT(task_await(caller) == 0);
    EXPECT(slow.finished && c.result == -ECANCELED && c.next_wait == 0);
    task_release(caller);
    return 0;
}

static void test_canceled_it_cancels_and_outwaits(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_caller, NULL), 0);
}

static int cancel_before(void *arg)
{
    struct test_async_part never = {.result = 1};
    struct future future;

    (void)arg;
    future_init(&future);
    EXPECT(task_cancel(task_current()));
    EXPECT(task_wait_for(part(&never), FOR_EVER) == -ECANCELED && !never.finished);
    EXPECT(task_cancel(task_current()));
    EXPECT(task_wait_for(&future.awaitable, FOR_EVER) == -ECANCELED && !future_done(&future));
    EXPECT(task_yield() == 0 && alone());
    return 0;
}

static void test_canceled_before_it_starts_nothing(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_before, NULL), 0);
}

static int get_item(void *arg)
{
    void *item;

    return queue_get(arg, &item, NO_DEADLINE) < 0 ? -ECANCELED : *(int *)item;
}

/* The item has left the queue when the cancellation comes: it must arrive all the same. */
static int cancel_after_the_end(void *arg)
{
    struct queue *q = queue_create(0);
    struct caller c = {coro_awaitable(coro_create(get_item, q)), FOR_EVER, 99, 99};
    struct task *caller = task_create(coro_create(call, &c));
    int item = 42;

    (void)arg;
    EXPECT(task_yield() == 0 && task_yield() == 0); /* both wait */
    EXPECT(queue_put(q, &item, NO_DEADLINE) == 0);
    while (loop_all_tasks(loop_running(), NULL, 0) == 3)
        EXPECT(task_yield() == 0);
    EXPECT(!task_done(caller) && c.result == 99 && task_cancel(caller)); /* woken, not yet run */
    EXPECT(task_await(caller) == 0);
    EXPECT(c.result == 42 && c.next_wait == -ECANCELED);
    task_release(caller);
    queue_destroy(q);
    return 0;
}

static void test_what_has_ended_before_the_cancellation_is_not_lost(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_after_the_end, NULL), 0);
}

static int nest(void *arg)
{
    struct test_async_part slow = {.sleep_ns = FOR_EVER};
    struct caller inner = {part(&slow), FOR_EVER, 99, 99};

    (void)arg;
    EXPECT(task_wait_for(coro_awaitable(coro_create(call, &inner)), NS_PER_MS) == 0);
    EXPECT(inner.result == -ECANCELED && slow.canceled && alone());
    return 0;
}

static void test_they_nest(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(nest, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_time_it_gives_the_result_or_error),
        cmocka_unit_test(test_too_late_it_cancels_and_outwaits),
        cmocka_unit_test(test_without_time_nothing_starts),
        cmocka_unit_test(test_what_ends_with_a_result_after_the_time_gives_it),
        cmocka_unit_test(test_one_that_refuses_is_asked_again_with_the_caller),
        cmocka_unit_test(test_canceled_it_cancels_and_outwaits),
        cmocka_unit_test(test_canceled_before_it_starts_nothing),
        cmocka_unit_test(test_what_has_ended_before_the_cancellation_is_not_lost),
        cmocka_unit_test(test_they_nest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
