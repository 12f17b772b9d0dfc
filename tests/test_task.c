/* The promise: a task starts when the loop gets control, in order of creation; its result
 * stays with its holders; and a task without a holder goes on. */
#include "async/task.h"

#include "support/test_async_loop.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct note {
    char *log;
    char letter;
    int yields;
};

static int write_note(void *arg)
{
    struct note *n = arg;

    for (int i = 0; i <= n->yields; i++) {
        n->log[strlen(n->log)] = n->letter;
        if (i < n->yields)
            EXPECT(task_yield() == 0);
    }
    return n->letter;
}

static int join(struct task *t)
{
    int result = task_await(t);

    task_release(t);
    return result;
}

static int start_in_order(void *arg)
{
    char *log = arg;
    struct note a = {log, 'a', 2}, b = {log, 'b', 0}, c = {log, 'c', 1};
    struct task *ta = task_create(coro_create(write_note, &a));
    struct task *tb = task_create(coro_create(write_note, &b));
    struct task *tc = task_create(coro_create(write_note, &c));

    EXPECT(ta != NULL && tb != NULL && tc != NULL);
    EXPECT(strcmp(log, "") == 0);
    EXPECT(!task_done(ta) && task_result(ta) == -EINPROGRESS);
    EXPECT(join(tc) == 'c');
    EXPECT(task_done(tb) && task_result(tb) == 'b');
    EXPECT(join(tb) == 'b' && join(ta) == 'a');
    return 0;
}

static void test_tasks_start_later_and_in_order(void **state)
{
    char log[16] = "";

    (void)state;
    assert_int_equal(test_async_run(start_in_order, log), 0);
    assert_string_equal(log, "abcaca");
}

static int fail_with(void *arg)
{
    return *(int *)arg;
}

static int pass_results(void *arg)
{
    int values[] = {0, 1, INT32_MAX, -1, -EIO, INT32_MIN};

    (void)arg;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct task *t = task_create(coro_create(fail_with, &values[i]));

        EXPECT(task_await(t) == values[i]);
        EXPECT(task_await(t) == values[i]);
        EXPECT(await_on(task_awaitable(t)) == values[i]);
        EXPECT(task_from_awaitable(task_awaitable(t)) == t);
        EXPECT(task_result(t) == values[i] && !task_cancel(t));
        task_release(t);
    }
    return 77;
}

static void test_results_and_errors_are_passed_on(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(pass_results, NULL), 77);
}

static int know_oneself(void *arg)
{
    EXPECT(task_current() != NULL && task_current() != *(struct task **)arg);
    EXPECT(strcmp(task_name(task_current()), "know_oneself") == 0);
    return 0;
}

static int current_and_name(void *arg)
{
    struct task *self = task_current(), *t = task_create(coro_create(know_oneself, &self));

    (void)arg;
    EXPECT(strcmp(task_name(t), "know_oneself") == 0);
    EXPECT(strcmp(task_name(self), "fn") == 0);
    EXPECT(join(t) == 0);
    EXPECT(task_current() == self);
    return 0;
}

static void test_tasks_know_themselves_and_their_names(void **state)
{
    (void)state;
    assert_null(task_current());
    assert_int_equal(test_async_run(current_and_name, NULL), 0);
    assert_null(task_current());
}

static int await_self(void *arg)
{
    (void)arg;
    return task_await(task_current());
}

static void test_awaiting_oneself_is_refused(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(await_self, NULL), -EDEADLK);
}

static int release_early(void *arg)
{
    char *log = arg;
    struct note a = {log, 'a', 1}, b = {log, 'b', 0};
    struct task *ta = task_create(coro_create(write_note, &a));
    struct task *tb = task_create(coro_create(write_note, &b));

    task_release(ta);
    task_release(NULL);
    EXPECT(task_yield() == 0);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 2); /* this one and a */
    task_release(tb);
    EXPECT(task_yield() == 0);
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 1);
    return 0;
}

static void test_a_released_task_goes_on(void **state)
{
    char log[16] = "";

    (void)state;
    assert_int_equal(test_async_run(release_early, log), 0);
    assert_string_equal(log, "aba");
}

/* Each frame is touched after its callees returned, so that no frame can be dropped. */
static int descend(unsigned frames)
{
    volatile char frame[1024];
    int deeper;

    frame[0] = 1;
    deeper = frames > 0 ? descend(frames - 1) : task_yield();
    return deeper + frame[0];
}

static int go_deep(void *arg)
{
    return descend(*(unsigned *)arg);
}

static int go_deep_twice(void *arg)
{
    struct task *a = task_create(coro_create(go_deep, arg));
    struct task *b = task_create(coro_create(go_deep, arg));
    int frames = (int)*(unsigned *)arg + 1;

    EXPECT(join(a) == frames && join(b) == frames);
    return 0;
}

static void test_a_larger_stack_can_be_asked_for(void **state)
{
    const struct loop_options options = {.stack_size = 4 << 20};
    unsigned frames = 1000; /* sanitizers make frames larger: a quarter of the stack */
    struct loop *loop;

    (void)state;
    assert_int_equal(loop_create(&options, &loop), 0);
    assert_int_equal(loop_run(loop, coro_create(go_deep_twice, &frames)), 0);
    loop_destroy(loop);
}

static void create_without_a_loop(void *arg)
{
    assert_null(task_create(coro_create(write_note, arg)));
}

static void test_without_a_loop_there_are_no_tasks(void **state)
{
    char log[4] = "", text[256];
    struct note n = {log, 'n', 0};

    (void)state;
    test_async_stderr(create_without_a_loop, &n, text, sizeof text);
    assert_non_null(strstr(text, "'write_note' was never awaited")); /* consumed all the same */
    assert_string_equal(log, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tasks_start_later_and_in_order),
        cmocka_unit_test(test_results_and_errors_are_passed_on),
        cmocka_unit_test(test_tasks_know_themselves_and_their_names),
        cmocka_unit_test(test_awaiting_oneself_is_refused),
        cmocka_unit_test(test_a_released_task_goes_on),
        cmocka_unit_test(test_a_larger_stack_can_be_asked_for),
        cmocka_unit_test(test_without_a_loop_there_are_no_tasks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
