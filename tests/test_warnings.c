/* The promise: an error that nobody will ever see is said on stderr once, with the task's name,
 * when the task goes; and nothing is said of what somebody asked for, waited for, or canceled. */
#include "async/gather.h"
#include "async/task_group.h"

#include "support/test_async_loop.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int break_down(void *arg)
{
    (void)arg;
    return -EIO;
}

static int succeed(void *arg)
{
    (void)arg;
    return 0;
}

struct scene {
    coro_fn *main;
    int result;
};

static void run_scene(void *arg)
{
    struct scene *s = arg;

    s->result = test_async_run(s->main, NULL);
}

static char text[1024];

static const char *said(coro_fn *fn)
{
    struct scene s = {fn, 0};

    test_async_stderr(run_scene, &s, text, sizeof text);
    assert_int_equal(s.result, 0);
    return text;
}

static int forget(void *arg)
{
    struct task *held = task_create(coro_create_named(break_down, NULL, "named"));

    (void)arg;
    task_release(task_create(coro_create(break_down, NULL))); /* goes as it ends */
    task_release(task_create(coro_create(succeed, NULL)));
    EXPECT(task_yield() == 0);
    task_release(held); /* has ended before */
    return 0;
}

static void test_a_forgotten_error_is_said_with_its_name(void **state)
{
    (void)state;
    assert_string_equal(said(forget),
                        "tva: error of task 'break_down' was never retrieved: Input/output error\n"
                        "tva: error of task 'named' was never retrieved: Input/output error\n");
}

static int forget_canceled(void *arg)
{
    struct task *t = task_create(coro_create(break_down, NULL));

    (void)arg;
    task_cancel(t);
    EXPECT(task_yield() == 0);
    task_release(t);
    return 0;
}

static void test_a_cancellation_is_no_error(void **state)
{
    (void)state;
    assert_string_equal(said(forget_canceled), "");
}

enum way { ASK, AWAIT, GATHER, GATHER_OR_ERROR, WAIT_FOR, SHIELD, WAYS };

static int learn_of(struct task *t, enum way way)
{
    struct awaitable *a = task_awaitable(t);

    switch (way) {
    case ASK:
        EXPECT(task_yield() == 0);
        return task_result(t);
    case AWAIT:
        return task_await(t);
    case GATHER:
        return task_gather(&a, 1, NULL);
    case GATHER_OR_ERROR:
        return task_gather_or_error(&a, 1, NULL);
    case WAIT_FOR:
        return task_wait_for(a, 10 * NS_PER_S);
    default:
        return task_shield(a);
    }
}

static int learn_in_all_ways(void *arg)
{
    struct task_group g;

    (void)arg;
    for (int way = ASK; way < WAYS; way++) {
        struct task *t = task_create(coro_create(break_down, NULL));

        EXPECT(learn_of(t, (enum way)way) == -EIO);
        task_release(t);
    }
    task_group_init(&g);
    EXPECT(task_group_create(&g, coro_create(break_down, NULL)) == 0);
    EXPECT(task_group_create(&g, coro_create(break_down, NULL)) == 0);
    EXPECT(task_group_wait(&g) == -EIO);
    return 0;
}

static void test_who_learns_of_it_in_any_way_silences_it(void **state)
{
    (void)state;
    assert_string_equal(said(learn_in_all_ways), "");
}

static int wait_only(void *arg)
{
    struct task *t = task_create(coro_create(break_down, NULL));

    (void)arg;
    EXPECT(task_wait(&t, 1, TASK_WAIT_ALL, NO_DEADLINE) == 0); /* tells that, not how */
    task_release(t);
    return 0;
}

static void test_to_wait_for_the_end_is_not_to_ask(void **state)
{
    (void)state;
    assert_non_null(strstr(said(wait_only), "was never retrieved"));
}

static int create_and_drop(void *arg)
{
    struct coro *c = coro_create(break_down, NULL);

    (void)arg;
    coro_destroy(coro_create(succeed, NULL));
    EXPECT(coro_await(c) == -EIO); /* runs in this task: its result is here */
    coro_destroy(c);
    return 0;
}

static void test_a_coroutine_never_awaited_is_said(void **state)
{
    (void)state;
    assert_string_equal(said(create_and_drop), "tva: coroutine 'succeed' was never awaited\n");
}

static int fail_late(void *arg)
{
    return task_sleep(3600 * NS_PER_S) == -ECANCELED ? -EPIPE : break_down(arg);
}

static int leave(void *arg)
{
    task_release(task_create(coro_create(fail_late, arg)));
    return task_yield();
}

static void test_errors_at_the_loops_end_are_said(void **state)
{
    (void)state;
    assert_string_equal(said(leave),
                        "tva: error of task 'fail_late' was never retrieved: Broken pipe\n");
}

static int reuse(void *arg)
{
    struct coro *c = coro_create(succeed, NULL);
    struct task *t = task_create(c);
    struct awaitable *a = coro_awaitable(c);

    (void)arg;
    EXPECT(task_wait_for(a, NS_PER_S) == -EALREADY && task_shield(a) == -EALREADY);
    EXPECT(task_gather(&a, 1, NULL) == -EALREADY);
    EXPECT(task_await(t) == 0);
    task_release(t);
    c = coro_create(succeed, NULL);
    EXPECT(coro_await(c) == 0);
    EXPECT(task_shield(coro_awaitable(c)) == -EALREADY); /* consumed all the same */
    return 0;
}

static void test_a_coroutine_is_used_once(void **state)
{
    (void)state;
    assert_string_equal(said(reuse), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_forgotten_error_is_said_with_its_name),
        cmocka_unit_test(test_a_cancellation_is_no_error),
        cmocka_unit_test(test_who_learns_of_it_in_any_way_silences_it),
        cmocka_unit_test(test_to_wait_for_the_end_is_not_to_ask),
        cmocka_unit_test(test_a_coroutine_never_awaited_is_said),
        cmocka_unit_test(test_errors_at_the_loops_end_are_said),
        cmocka_unit_test(test_a_coroutine_is_used_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
