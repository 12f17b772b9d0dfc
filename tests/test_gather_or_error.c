/* The promise: gather returns the first error that happens, at once, and leaves the others to go
 * on; without errors it gives every result in order; canceled, it ends what it waits for. */
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

struct scene {
    struct test_async_part parts[N];
    struct coro *coros[N];
    struct awaitable *awaitables[N];
    int results[N], gathered;
};

static void fill(struct scene *s)
{
    for (int i = 0; i < N; i++) {
        s->coros[i] = coro_create(test_async_part_run, &s->parts[i]);
        s->awaitables[i] = coro_awaitable(s->coros[i]);
    }
}

static int run_gather(void *arg)
{
    struct scene *s = arg;

    s->gathered = task_gather_or_error(s->awaitables, N, s->results);
    return 0;
}

static int succeed(void *arg)
{
    struct scene s = {.parts = {{.sleep_ns = 2 * NS_PER_MS, .result = 1},
                                {.result = 2},
                                {.sleep_ns = NS_PER_MS, .result = 3},
                                {.result = 4}}};

    (void)arg;
    fill(&s);
    EXPECT(run_gather(&s) == 0 && s.gathered == 0);
    for (int i = 0; i < N; i++)
        EXPECT(s.results[i] == i + 1);
    EXPECT(task_gather_or_error(NULL, 0, NULL) == 0);
    return 0;
}

static void test_without_errors_all_results_come_in_order(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(succeed, NULL), 0);
}

static int fail_when_told(void *arg)
{
    return future_await(arg) < 0 ? -EBADE : -EPIPE;
}

static int fail_early(void *arg)
{
    struct scene s = {.parts = {{.result = 0},
                                {.sleep_ns = FOR_EVER},
                                {.sleep_ns = NS_PER_MS, .result = -EIO},
                                {.result = 4}}};
    struct task *left[2];
    struct future told;

    (void)arg;
    future_init(&told);
    fill(&s);
    EXPECT(coro_await(s.coros[0]) == 0);
    coro_destroy(s.coros[0]); /* another in its place */
    s.awaitables[0] = coro_awaitable(coro_create(fail_when_told, &told));
    EXPECT(run_gather(&s) == 0 && s.gathered == -EIO);
    EXPECT(s.results[0] == -EINPROGRESS && s.results[1] == -EINPROGRESS);
    EXPECT(s.results[2] == -EIO && s.results[3] == 4);
    EXPECT(!s.parts[1].finished);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 3); /* two go on */
    EXPECT(future_set_result(&told, 0) == 0);
    EXPECT(task_yield() == 0 && task_yield() == 0);
    EXPECT(loop_all_tasks(loop_running(), left, 2) == 2);
    EXPECT(task_cancel(left[1]));
    while (!s.parts[1].finished)
        EXPECT(task_yield() == 0);
    return 0;
}

static void run_fail_early(void *arg)
{
    *(int *)arg = test_async_run(fail_early, NULL);
}

static void test_the_first_error_is_returned_and_the_others_go_on(void **state)
{
    char text[256];
    int result;

    (void)state;
    test_async_stderr(run_fail_early, &result, text, sizeof text);
    assert_string_equal(text, ""); /* nor is the later error said to be lost */
    assert_int_equal(result, 0);
}

static int cancel_part(void *arg)
{
    struct scene s = {.parts = {{.sleep_ns = FOR_EVER}}};
    struct task *part = task_create(coro_create(test_async_part_run, &s.parts[0]));
    struct awaitable *both[2] = {
        coro_awaitable(coro_create(test_async_part_run, &(struct test_async_part){.result = 1})),
        task_awaitable(part)};

    (void)arg;
    EXPECT(task_yield() == 0 && task_cancel(part));
    EXPECT(task_gather_or_error(both, 2, NULL) == -ECANCELED);
    EXPECT(task_yield() == 0); /* it was not the caller who was canceled */
    task_release(part);
    return 0;
}

static void test_a_canceled_part_counts_as_an_error(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_part, NULL), 0);
}

static int fail_before(void *arg)
{
    struct future done, never;
    struct awaitable *awaitables[] = {&never.awaitable, &done.awaitable};
    uint64_t switches = loop_switches(loop_running());
    int results[2];

    (void)arg;
    future_init(&done);
    future_init(&never);
    future_set_error(&done, -EIO);
    EXPECT(task_gather_or_error(awaitables, 2, results) == -EIO);
    EXPECT(results[0] == -EINPROGRESS && results[1] == -EIO);
    EXPECT(loop_switches(loop_running()) == switches);
    return 0;
}

static void test_an_error_there_already_is_returned_without_a_switch(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(fail_before, NULL), 0);
}

static int cancel_caller(void *arg)
{
    struct scene s = {.parts = {{.sleep_ns = FOR_EVER, .cleanup_ns = 2 * NS_PER_MS},
                                {.result = 2},
                                {.sleep_ns = FOR_EVER},
                                {.sleep_ns = FOR_EVER, .cleanup_ns = NS_PER_MS}}};
    struct task *caller;

    (void)arg;
    fill(&s);
    caller = task_create(coro_create(run_gather, &s));
    while (!s.parts[1].finished)
        EXPECT(task_sleep(NS_PER_MS) == 0);
    EXPECT(task_cancel(caller));
    EXPECT(task_await(caller) == 0 && s.gathered == -ECANCELED);
    EXPECT(s.results[1] == 2); /* a result that was known */
    for (int i = 0; i < N; i++)
        EXPECT(s.parts[i].finished && (i == 1 || s.results[i] == -ECANCELED));
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    task_release(caller);
    return 0;
}

static void test_canceled_it_ends_its_parts(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_caller, NULL), 0);
}

/* Stops only when it has been asked `left` times; its start counts as one. */
static int refuse(void *arg)
{
    int *left = arg;

    --*left;
    while (*left > 0)
        *left -= task_sleep(FOR_EVER) == -ECANCELED;
    return 7;
}

static int gather_refuser(void *arg)
{
    struct awaitable *a = coro_awaitable(coro_create(refuse, arg));

    return task_gather(&a, 1, NULL);
}

static int cancel_again(void *arg)
{
    int left = 4;
    struct task *caller = task_create(coro_create(gather_refuser, &left));

    (void)arg;
    for (int asked = 1; asked <= 3; asked++) {
        while (left > 4 - asked)
            EXPECT(task_yield() == 0);
        EXPECT(!task_done(caller) && task_cancel(caller));
    }
    EXPECT(task_await(caller) == -ECANCELED && left == 0);
    task_release(caller);
    return 0;
}

static void test_parts_that_refuse_are_asked_again_with_the_caller(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_again, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_errors_all_results_come_in_order),
        cmocka_unit_test(test_the_first_error_is_returned_and_the_others_go_on),
        cmocka_unit_test(test_a_canceled_part_counts_as_an_error),
        cmocka_unit_test(test_an_error_there_already_is_returned_without_a_switch),
        cmocka_unit_test(test_canceled_it_ends_its_parts),
        cmocka_unit_test(test_parts_that_refuse_are_asked_again_with_the_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
