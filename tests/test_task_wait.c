/* The promise: wait returns when all, the first, or the first error of the tasks is there, or at
 * the deadline; it cancels nothing, and leaves nothing behind in the tasks. */
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
#define N        3

struct scene {
    struct test_async_part parts[N];
    struct task *tasks[N];
    int waited;
};

static void start(struct scene *s)
{
    for (int i = 0; i < N; i++)
        s->tasks[i] = task_create(coro_create(test_async_part_run, &s->parts[i]));
}

static void end(struct scene *s)
{
    for (int i = 0; i < N; i++) {
        task_cancel(s->tasks[i]);
        task_await(s->tasks[i]);
        task_release(s->tasks[i]);
    }
}

/* Which are done, as a bit each. */
static int done(const struct scene *s)
{
    int bits = 0;

    for (int i = 0; i < N; i++)
        bits |= task_done(s->tasks[i]) << i;
    return bits;
}

static int wait_for_kinds(void *arg)
{
    const struct test_async_part parts[N] = {{.sleep_ns = 60 * NS_PER_MS},
                                             {.sleep_ns = NS_PER_MS},
                                             {.sleep_ns = 30 * NS_PER_MS, .result = -EIO}};
    struct scene s;

    (void)arg;
    memcpy(s.parts, parts, sizeof parts);
    start(&s);
    EXPECT(task_wait(s.tasks, N, TASK_WAIT_FIRST, NO_DEADLINE) == 0 && done(&s) & 2);
    EXPECT(task_wait(s.tasks, N, TASK_WAIT_FIRST_ERROR, NO_DEADLINE) == 0 && done(&s) & 4);
    EXPECT(task_result(s.tasks[2]) == -EIO);
    EXPECT(task_wait(s.tasks, N, TASK_WAIT_ALL, NO_DEADLINE) == 0 && done(&s) == 7);
    for (int i = 0; i < N; i++)
        EXPECT(s.parts[i].finished && !s.parts[i].canceled);
    end(&s);
    return 0;
}

static void test_it_waits_for_the_first_the_first_error_and_all(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(wait_for_kinds, NULL), 0);
}

static int wait_without_errors(void *arg)
{
    struct scene s = {.parts = {{.sleep_ns = FOR_EVER}, {.sleep_ns = NS_PER_MS}, {.result = 1}}};

    (void)arg;
    start(&s);
    EXPECT(task_yield() == 0 && task_cancel(s.tasks[0])); /* that is no error here */
    EXPECT(task_wait(s.tasks, N, TASK_WAIT_FIRST_ERROR, NO_DEADLINE) == 0 && done(&s) == 7);
    end(&s);
    return 0;
}

static void test_without_an_error_it_waits_for_all(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(wait_without_errors, NULL), 0);
}

static int wait_for_what_is_there(void *arg)
{
    struct scene s = {.parts = {{.sleep_ns = FOR_EVER}, {.result = 1}, {.result = -EIO}}};
    uint64_t switches;

    (void)arg;
    start(&s);
    while (done(&s) != 6)
        EXPECT(task_yield() == 0);
    switches = loop_switches(loop_running());
    EXPECT(task_wait(s.tasks, N, TASK_WAIT_FIRST, NO_DEADLINE) == 0);
    EXPECT(task_wait(s.tasks, N, TASK_WAIT_FIRST_ERROR, NO_DEADLINE) == 0);
    EXPECT(task_wait(s.tasks + 1, 2, TASK_WAIT_ALL, NO_DEADLINE) == 0);
    for (int what = TASK_WAIT_ALL; what <= TASK_WAIT_FIRST_ERROR; what++)
        EXPECT(task_wait(NULL, 0, (enum task_wait_for_what)what, NO_DEADLINE) == 0);
    EXPECT(loop_switches(loop_running()) == switches);
    task_result(s.tasks[2]);
    end(&s);
    return 0;
}

static void test_it_does_not_switch_for_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(wait_for_what_is_there, NULL), 0);
}

static int pass_deadline(void *arg)
{
    struct scene s = {
        .parts = {{.sleep_ns = FOR_EVER}, {.result = 1}, {.sleep_ns = 2 * NS_PER_MS}}};
    uint64_t deadline_ns;

    (void)arg;
    start(&s);
    EXPECT(task_yield() == 0 && task_yield() == 0); /* whatever the time, one is done */
    deadline_ns = clock_now_ns() + 5 * NS_PER_MS;
    EXPECT(task_wait(s.tasks, N, TASK_WAIT_ALL, deadline_ns) == -ETIMEDOUT);
    EXPECT(clock_now_ns() >= deadline_ns && !task_done(s.tasks[0]) && task_done(s.tasks[1]));
    EXPECT(task_wait(s.tasks, N, TASK_WAIT_ALL, 0) == -ETIMEDOUT && !s.parts[0].canceled);
    end(&s); /* the waiter has gone on and is not woken */
    return 0;
}

static void test_a_deadline_ends_the_wait_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(pass_deadline, NULL), 0);
}

static int run_wait(void *arg)
{
    struct scene *s = arg;

    s->waited = task_wait(s->tasks, N, TASK_WAIT_ALL, NO_DEADLINE);
    return task_yield();
}

static int cancel_wait(void *arg)
{
    struct scene s = {.parts = {{.sleep_ns = FOR_EVER}, {.result = 1}, {.sleep_ns = FOR_EVER}}};
    struct task *waiter;

    (void)arg;
    start(&s);
    waiter = task_create(coro_create(run_wait, &s));
    EXPECT(task_sleep(NS_PER_MS) == 0 && task_cancel(waiter));
    EXPECT(task_await(waiter) == 0 && s.waited == -ECANCELED);
    EXPECT(!task_done(s.tasks[0]) && !s.parts[0].canceled && !task_done(s.tasks[2]));
    EXPECT(task_cancel(task_current()) && run_wait(&s) == 0 && s.waited == -ECANCELED);
    task_release(waiter);
    end(&s);
    return 0;
}

static void test_a_cancellation_stays_with_the_caller(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_wait, NULL), 0);
}

static int many_wait_for_one(void *arg)
{
    struct scene s = {
        .parts = {{.sleep_ns = 2 * NS_PER_MS}, {.sleep_ns = NS_PER_MS}, {.sleep_ns = NS_PER_MS}}};
    struct task *twice[2], *waiters[3];

    (void)arg;
    start(&s);
    for (int i = 0; i < 3; i++)
        waiters[i] = task_create(coro_create(run_wait, &s));
    twice[0] = twice[1] = s.tasks[0];
    EXPECT(task_wait(twice, 2, TASK_WAIT_ALL, NO_DEADLINE) == 0 && task_done(s.tasks[0]));
    EXPECT(task_wait(waiters, 3, TASK_WAIT_ALL, NO_DEADLINE) == 0);
    for (int i = 0; i < 3; i++) {
        EXPECT(task_result(waiters[i]) == 0);
        task_release(waiters[i]);
    }
    end(&s);
    return 0;
}

static void test_several_may_wait_for_the_same(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(many_wait_for_one, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_waits_for_the_first_the_first_error_and_all),
        cmocka_unit_test(test_without_an_error_it_waits_for_all),
        cmocka_unit_test(test_it_does_not_switch_for_what_is_there),
        cmocka_unit_test(test_a_deadline_ends_the_wait_and_nothing_else),
        cmocka_unit_test(test_a_cancellation_stays_with_the_caller),
        cmocka_unit_test(test_several_may_wait_for_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
