/* The promise: no task of a group outlives the scope; the first error of a member cancels the
 * others and is what the scope returns; a cancellation reaches every member and is never lost. */
#include "async/task_group.h"

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

static struct coro *part(struct test_async_part *p)
{
    return coro_create(test_async_part_run, p);
}

static int alone(void)
{
    return loop_all_tasks(loop_running(), NULL, 0) == 1;
}

static int wait_for_members(void *arg)
{
    struct test_async_part parts[3] = {
        {.sleep_ns = 2 * NS_PER_MS, .result = 1}, {.sleep_ns = NS_PER_MS}, {.result = 3}};
    struct task_group g;

    (void)arg;
    task_group_init(&g);
    EXPECT(task_group_wait(&g) == 0); /* nobody to wait for */
    for (int i = 0; i < 3; i++)
        EXPECT(task_group_create(&g, part(&parts[i])) == 0);
    EXPECT(task_group_wait(&g) == 0);
    for (int i = 0; i < 3; i++)
        EXPECT(parts[i].finished && !parts[i].canceled);
    EXPECT(alone());
    return 0;
}

static void test_leaving_the_scope_waits_for_all(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(wait_for_members, NULL), 0);
}

static int fail_one(void *arg)
{
    struct test_async_part parts[4] = {{.sleep_ns = FOR_EVER},
                                       {.sleep_ns = NS_PER_MS, .result = -EIO},
                                       {.sleep_ns = FOR_EVER, .cleanup_ns = NS_PER_MS},
                                       {.sleep_ns = FOR_EVER, .cleanup_ns = NS_PER_MS}};
    struct test_async_part late = {.result = 1};
    struct task_group g;

    (void)arg;
    parts[3].result = -EPIPE; /* it would fail later */
    task_group_init(&g);
    for (int i = 0; i < 4; i++)
        EXPECT(task_group_create(&g, part(&parts[i])) == 0);
    while (!parts[1].finished)
        EXPECT(task_sleep(NS_PER_MS) == 0);
    EXPECT(task_group_create(&g, part(&late)) == -ECANCELED); /* consumed, and said on stderr */
    EXPECT(task_group_wait(&g) == -EIO);
    EXPECT(parts[0].canceled && !parts[1].canceled && parts[2].canceled && parts[3].canceled);
    for (int i = 0; i < 4; i++)
        EXPECT(parts[i].finished);
    EXPECT(!late.finished && alone());
    EXPECT(task_group_create(&g, part(&late)) == 0); /* the scope was left: a new one */
    EXPECT(task_group_wait(&g) == 0 && late.finished);
    return 0;
}

static void run_fail_one(void *arg)
{
    *(int *)arg = test_async_run(fail_one, NULL);
}

static void test_the_first_error_cancels_the_others(void **state)
{
    char text[256];
    int result;

    (void)state;
    test_async_stderr(run_fail_one, &result, text, sizeof text);
    assert_int_equal(result, 0);
    assert_string_equal(text, "tva: coroutine 'test_async_part_run' was never awaited\n");
}

static int fail_before_the_end(void *arg)
{
    struct test_async_part parts[1] = {{.result = -EIO}};
    struct task_group g;

    (void)arg;
    task_group_init(&g);
    EXPECT(task_group_create(&g, part(&parts[0])) == 0);
    while (!parts[0].finished)
        EXPECT(task_yield() == 0);
    EXPECT(task_group_create(&g, NULL) == -ECANCELED);
    EXPECT(task_group_wait(&g) == -EIO);
    EXPECT(task_group_create(&g, NULL) == -ENOMEM); /* as from coro_create */
    EXPECT(task_group_wait(&g) == 0 && alone());
    return 0;
}

static void test_a_member_may_fail_before_the_scope_is_left(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(fail_before_the_end, NULL), 0);
}

static int cancel_itself(void *arg)
{
    (void)arg;
    task_cancel(task_current());
    return task_yield();
}

static int cancel_one_member(void *arg)
{
    struct test_async_part other = {.sleep_ns = NS_PER_MS};
    struct task_group g;

    (void)arg;
    task_group_init(&g);
    EXPECT(task_group_create(&g, coro_create(cancel_itself, NULL)) == 0);
    EXPECT(task_group_create(&g, part(&other)) == 0);
    EXPECT(task_group_wait(&g) == 0);
    EXPECT(other.finished && !other.canceled);
    return 0;
}

static void test_a_canceled_member_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_one_member, NULL), 0);
}

/* A member that starts two more, down to a depth. */
struct grower {
    struct task_group *group;
    int depth, *born, *died;
};

static int grow(void *arg)
{
    struct grower g = *(struct grower *)arg, child = g; /* the creator's may go before this ends */

    child.depth--;
    ++*g.born;
    for (int i = 0; i < 2 && g.depth > 0; i++)
        EXPECT(task_group_create(g.group, coro_create(grow, &child)) == 0);
    EXPECT(task_sleep(100 * NS_PER_US) == 0); /* the children start */
    ++*g.died;
    return 0;
}

static int grow_group(void *arg)
{
    struct task_group g;
    int born = 0, died = 0;
    struct grower first = {&g, 5, &born, &died};

    (void)arg;
    task_group_init(&g);
    EXPECT(task_group_create(&g, coro_create(grow, &first)) == 0);
    EXPECT(task_group_wait(&g) == 0);
    EXPECT(born == 63 && died == 63 && alone());
    return 0;
}

static void test_members_that_members_create_are_waited_for(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(grow_group, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaving_the_scope_waits_for_all),
        cmocka_unit_test(test_the_first_error_cancels_the_others),
        cmocka_unit_test(test_a_member_may_fail_before_the_scope_is_left),
        cmocka_unit_test(test_a_canceled_member_is_no_error),
        cmocka_unit_test(test_members_that_members_create_are_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
