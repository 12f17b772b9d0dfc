/* The promise: a cancellation stops at a shield; what is behind it goes on, and its result reaches
 * who still waits. */
#include "async/gather.h"

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

static int plain(void *arg)
{
    struct test_async_part good = {.sleep_ns = NS_PER_MS, .result = 5}, bad = {.result = -EIO};
    struct future done;

    (void)arg;
    future_init(&done);
    future_set_result(&done, 6);
    EXPECT(task_shield(coro_awaitable(coro_create(test_async_part_run, &good))) == 5);
    EXPECT(task_shield(coro_awaitable(coro_create(test_async_part_run, &bad))) == -EIO);
    EXPECT(task_shield(&done.awaitable) == 6);
    return 0;
}

static void test_it_gives_the_result(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(plain, NULL), 0);
}

struct shielder {
    struct awaitable *inner;
    int result;
};

static int shield(void *arg)
{
    struct shielder *s = arg;

    s->result = task_shield(s->inner);
    return task_yield(); /* the request has been seen */
}

/* Ends when the test says so. */
struct inside {
    struct future told;
    int result;
};

static int be_inside(void *arg)
{
    struct inside *i = arg;

    i->result = future_await(&i->told);
    return i->result;
}

static int cancel_shielder(void *arg)
{
    struct inside insides[2];
    struct task *inner = task_create(coro_create(be_inside, &insides[0]));
    struct shielder s[2] = {{task_awaitable(inner), 99},
                            {coro_awaitable(coro_create(be_inside, &insides[1])), 99}};
    struct task *shielders[2];

    (void)arg;
    for (int i = 0; i < 2; i++) {
        insides[i].result = 99;
        future_init(&insides[i].told);
        shielders[i] = task_create(coro_create(shield, &s[i]));
    }
    EXPECT(task_sleep(NS_PER_MS) == 0);
    for (int i = 0; i < 2; i++) {
        EXPECT(task_cancel(shielders[i]));
        EXPECT(task_await(shielders[i]) == 0 && s[i].result == -ECANCELED);
        task_release(shielders[i]);
    }
    for (int i = 0; i < 2; i++) {
        EXPECT(insides[i].result == 99 && future_set_result(&insides[i].told, 7 + i) == 0);
        while (insides[i].result == 99)
            EXPECT(task_yield() == 0);
        EXPECT(insides[i].result == 7 + i);
    }
    EXPECT(task_await(inner) == 7);
    task_release(inner);
    return 0;
}

static void test_what_is_behind_it_goes_on(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_shielder, NULL), 0);
}

static int cancel_inner(void *arg)
{
    struct test_async_part part = {.sleep_ns = FOR_EVER};
    struct task *inner = task_create(coro_create(test_async_part_run, &part));
    struct shielder s = {task_awaitable(inner), 99};
    struct task *shielder = task_create(coro_create(shield, &s));

    (void)arg;
    EXPECT(task_yield() == 0 && task_yield() == 0 && task_cancel(inner));
    EXPECT(task_await(shielder) == 0 && s.result == -ECANCELED && part.canceled);
    task_release(inner);
    task_release(shielder);
    return 0;
}

static void test_it_does_not_keep_the_inside_from_its_own_cancellation(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_inner, NULL), 0);
}

static int cancel_before(void *arg)
{
    struct test_async_part part = {.result = 1};

    (void)arg;
    EXPECT(task_cancel(task_current()));
    EXPECT(task_shield(coro_awaitable(coro_create(test_async_part_run, &part))) == -ECANCELED);
    while (!part.finished)
        EXPECT(task_yield() == 0);
    return 0;
}

static void test_canceled_before_the_inside_runs_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_before, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_gives_the_result),
        cmocka_unit_test(test_what_is_behind_it_goes_on),
        cmocka_unit_test(test_it_does_not_keep_the_inside_from_its_own_cancellation),
        cmocka_unit_test(test_canceled_before_the_inside_runs_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
