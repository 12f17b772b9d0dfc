/* The promise: a function in an executor runs on a thread of its own, the loop goes on meanwhile,
 * and its result comes back; a cancellation takes it back while it has not begun, and outwaits it
 * else. */
#include "async/gather.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void nap_ns(uint64_t span_ns)
{
    struct timespec span = {(time_t)(span_ns / NS_PER_S), (long)(span_ns % NS_PER_S)};

    nanosleep(&span, NULL);
}

/* Blocking work that goes on until it is let go. */
struct work_item {
    struct thread_pool *pool;
    pthread_t thread;
    int argument;
    atomic_bool begun, let_go, ended;
    int result; /* of loop_run_in_executor */
};

static int work(void *arg)
{
    struct work_item *w = arg;

    w->thread = pthread_self();
    atomic_store(&w->begun, true);
    while (!atomic_load(&w->let_go))
        nap_ns(100 * NS_PER_US);
    atomic_store(&w->ended, true);
    return w->argument;
}

static int offload(void *arg)
{
    struct work_item *w = arg;

    w->result = loop_run_in_executor(loop_running(), w->pool, work, w);
    return task_yield();
}

static int wait_until_begun(struct work_item *w)
{
    while (!atomic_load(&w->begun))
        EXPECT(task_sleep(NS_PER_MS) == 0);
    return 0;
}

static int run_freely(void *arg)
{
    struct work_item good = {.argument = 5}, bad = {.argument = -EIO, .let_go = true};
    struct task *t = task_create(coro_create(offload, &good));

    (void)arg;
    EXPECT(wait_until_begun(&good) == 0);
    EXPECT(task_yield() == 0 && !task_done(t)); /* the loop is free */
    atomic_store(&good.let_go, true);
    EXPECT(task_await(t) == 0 && good.result == 5);
    EXPECT(!pthread_equal(good.thread, pthread_self()));
    EXPECT(offload(&bad) == 0 && bad.result == -EIO);
    task_release(t);
    return 0;
}

static void test_the_loop_is_free_and_the_result_comes_back(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(run_freely, NULL), 0);
}

#define MANY 40

static int add_one(void *arg)
{
    ++*(int *)arg;
    return *(int *)arg;
}

static int offload_rounds(void *arg)
{
    int *count = arg;

    for (int i = 0; i < 10; i++)
        EXPECT(loop_run_in_executor(loop_running(), NULL, add_one, count) == i + 1);
    return *count;
}

static int offload_many(void *arg)
{
    struct awaitable *tasks[MANY];
    int counts[MANY] = {0}, results[MANY];

    (void)arg;
    for (int i = 0; i < MANY; i++)
        tasks[i] = coro_awaitable(coro_create(offload_rounds, &counts[i]));
    EXPECT(task_gather(tasks, MANY, results) == 0);
    for (int i = 0; i < MANY; i++)
        EXPECT(results[i] == 10);
    return 0;
}

static void test_many_tasks_share_the_loops_own_pool(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(offload_many, NULL), 0);
}

/* One thread, held by a first item, so that others stay in its queue. */
static int with_one_thread(int (*then)(struct thread_pool *pool))
{
    struct thread_pool *pool;
    struct work_item first = {.argument = 1};
    struct task *t;
    int result;

    EXPECT(thread_pool_create(1, 0, &pool, NULL) == 0);
    first.pool = pool;
    t = task_create(coro_create(offload, &first));
    EXPECT(wait_until_begun(&first) == 0);
    result = then(pool);
    atomic_store(&first.let_go, true);
    EXPECT(task_await(t) == 0 && first.result == 1);
    task_release(t);
    thread_pool_destroy(pool);
    return result;
}

static int cancel_queued(struct thread_pool *pool)
{
    struct work_item items[3] = {
        {.pool = pool, .let_go = true}, {.pool = pool, .let_go = true}, {.pool = pool}};
    struct task *tasks[2];

    for (int i = 0; i < 2; i++)
        tasks[i] = task_create(coro_create(offload, &items[i]));
    EXPECT(task_yield() == 0 && task_cancel(tasks[0]));
    EXPECT(task_await(tasks[0]) == 0 && items[0].result == -ECANCELED);
    EXPECT(task_cancel(task_current()) && offload(&items[2]) == 0); /* before it waits at all */
    EXPECT(items[2].result == -ECANCELED);
    EXPECT(task_cancel(tasks[1]) && task_await(tasks[1]) == 0);
    EXPECT(items[1].result == -ECANCELED);
    for (int i = 0; i < 3; i++)
        EXPECT(!atomic_load(&items[i].begun));
    task_release(tasks[0]);
    task_release(tasks[1]);
    return 0;
}

static int cancel_before_it_begins(void *arg)
{
    (void)arg;
    return with_one_thread(cancel_queued);
}

static void test_canceled_before_it_begins_it_never_runs(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_before_it_begins, NULL), 0);
}

static int cancel_while_it_runs(void *arg)
{
    struct work_item w = {.argument = 5};
    struct task *t = task_create(coro_create(offload, &w));

    (void)arg;
    EXPECT(wait_until_begun(&w) == 0);
    for (int i = 0; i < 3; i++) {
        EXPECT(task_cancel(t));
        EXPECT(task_sleep(NS_PER_MS) == 0 && !task_done(t));
    }
    atomic_store(&w.let_go, true);
    EXPECT(task_await(t) == 0); /* three requests while it could not see them are one */
    EXPECT(w.result == -ECANCELED && atomic_load(&w.ended));
    task_release(t);
    return 0;
}

static void test_canceled_while_it_runs_it_is_outwaited(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_while_it_runs, NULL), 0);
}

static int time_out(void *arg)
{
    struct work_item w = {.argument = 5};
    struct task *t = task_create(coro_create(offload, &w)), *both[1] = {t};

    (void)arg;
    EXPECT(wait_until_begun(&w) == 0);
    EXPECT(task_wait(both, 1, TASK_WAIT_ALL, clock_now_ns() + NS_PER_MS) == -ETIMEDOUT);
    atomic_store(&w.let_go, true);
    EXPECT(task_await(t) == 0 && w.result == 5);
    task_release(t);
    return 0;
}

static void test_who_waits_for_it_may_time_out(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(time_out, NULL), 0);
}

static void *let_go_later(void *arg)
{
    struct work_item *w = arg;

    while (!atomic_load(&w->begun))
        nap_ns(NS_PER_MS);
    nap_ns(5 * NS_PER_MS);
    atomic_store(&w->let_go, true);
    return NULL;
}

static int leave_running(void *arg)
{
    task_release(task_create(coro_create(offload, arg)));
    return wait_until_begun(arg);
}

static void test_the_end_of_the_loop_outwaits_it(void **state)
{
    struct work_item w = {.argument = 5};
    pthread_t helper;

    (void)state;
    assert_int_equal(pthread_create(&helper, NULL, let_go_later, &w), 0);
    assert_int_equal(test_async_run(leave_running, &w), 0);
    assert_true(atomic_load(&w.ended));
    assert_int_equal(w.result, -ECANCELED);
    pthread_join(helper, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loop_is_free_and_the_result_comes_back),
        cmocka_unit_test(test_many_tasks_share_the_loops_own_pool),
        cmocka_unit_test(test_canceled_before_it_begins_it_never_runs),
        cmocka_unit_test(test_canceled_while_it_runs_it_is_outwaited),
        cmocka_unit_test(test_who_waits_for_it_may_time_out),
        cmocka_unit_test(test_the_end_of_the_loop_outwaits_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
