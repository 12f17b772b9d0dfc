/* The promise: nobody can wait for itself; and tasks that wait for each other, through gather or
 * wait_for, can be canceled and time out all the same. */
#include "async/gather.h"

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

#define FOR_EVER (3600 * NS_PER_S)
#define N        4

static int await_task(void *arg)
{
    return task_await(arg);
}

typedef int gather_fn(struct awaitable *const *awaitables, size_t n, int *results);

struct ring {
    gather_fn *gather;
    int result;
};

/* Parts that wait for who gathers them, in a chain and directly. */
static int gather_ring(void *arg)
{
    struct ring *r = arg;
    struct task *parts[3];
    struct awaitable *awaitables[3];

    for (int i = 0; i < 3; i++) {
        parts[i] = task_create(coro_create(await_task, i == 1 ? parts[0] : task_current()));
        awaitables[i] = task_awaitable(parts[i]);
    }
    r->result = r->gather(awaitables, 3, NULL);
    for (int i = 0; i < 3; i++)
        task_release(parts[i]);
    return 0;
}

static int cancel_ring(void *arg)
{
    struct ring r = {arg ? task_gather : task_gather_or_error, 99};
    struct task *caller = task_create(coro_create(gather_ring, &r));

    EXPECT(task_sleep(NS_PER_MS) == 0 && !task_done(caller));
    EXPECT(task_cancel(caller) && task_await(caller) == 0);
    EXPECT(r.result == -ECANCELED);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    task_release(caller);
    return 0;
}

static void test_parts_that_wait_for_the_caller_can_be_canceled(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_ring, NULL), 0);
    assert_int_equal(test_async_run(cancel_ring, state), 0);
}

static int gather_oneself(void *arg)
{
    struct test_async_part part = {.sleep_ns = FOR_EVER};
    struct awaitable *awaitables[] = {coro_awaitable(coro_create(test_async_part_run, &part)),
                                      task_awaitable(task_current())};
    struct task *self = task_current();

    (void)arg;
    EXPECT(task_gather(awaitables, 2, NULL) == -EDEADLK);
    EXPECT(!part.finished); /* not even started */
    EXPECT(task_gather_or_error(awaitables + 1, 1, NULL) == -EDEADLK);
    EXPECT(task_wait(&self, 1, TASK_WAIT_ALL, NO_DEADLINE) == -EDEADLK);
    EXPECT(task_wait_for(task_awaitable(self), NS_PER_MS) == -EDEADLK);
    EXPECT(task_shield(task_awaitable(self)) == -EDEADLK);
    EXPECT(task_yield() == 0 && loop_all_tasks(loop_running(), NULL, 0) == 1);
    return 0;
}

static void test_nobody_can_wait_for_itself(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(gather_oneself, NULL), 0);
}

static int wait_for_who_waits(void *arg)
{
    struct awaitable *a = coro_awaitable(coro_create(await_task, task_current()));

    (void)arg;
    return task_wait_for(a, NS_PER_MS);
}

static int time_out_ring(void *arg)
{
    (void)arg;
    EXPECT(wait_for_who_waits(NULL) == -ETIMEDOUT);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    return 0;
}

static void test_a_ring_is_broken_by_the_time(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(time_out_ring, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_that_wait_for_the_caller_can_be_canceled),
        cmocka_unit_test(test_a_ring_is_broken_by_the_time),
        cmocka_unit_test(test_nobody_can_wait_for_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
