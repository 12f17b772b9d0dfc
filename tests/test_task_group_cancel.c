/* The promise: who leaves a group, canceled or of its own will, takes every member along and waits
 * for its end; and neither an error nor a cancellation is lost, nor does anybody wait in a ring. */
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

/* A task that owns a group of two. */
struct owner {
    struct test_async_part parts[2];
    int result, next_wait;
};

static int own_group(void *arg)
{
    struct owner *o = arg;
    struct task_group g;

    task_group_init(&g);
    for (int i = 0; i < 2; i++)
        EXPECT(task_group_create(&g, part(&o->parts[i])) == 0);
    o->result = task_group_wait(&g);
    o->next_wait = task_yield();
    return 0;
}

static int cancel_owner(void *arg)
{
    struct owner o = {{{.sleep_ns = FOR_EVER, .cleanup_ns = 2 * NS_PER_MS},
                       {.sleep_ns = FOR_EVER, .cleanup_ns = NS_PER_MS}},
                      99,
                      99};
    struct task *owner = task_create(coro_create(own_group, &o));

    (void)arg;
    EXPECT(task_sleep(NS_PER_MS) == 0 && task_cancel(owner));
    EXPECT(task_await(owner) == 0);
    EXPECT(o.result == -ECANCELED && o.next_wait == 0);
    for (int i = 0; i < 2; i++)
        EXPECT(o.parts[i].canceled && o.parts[i].finished);
    EXPECT(alone());
    task_release(owner);
    return 0;
}

static void test_canceling_the_owner_cancels_and_outwaits_members(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_owner, NULL), 0);
}

/* Cleans up in two waits, and notes what they returned. */
static int stop_slowly(void *arg)
{
    int *waits = arg;

    waits[0] = task_sleep(FOR_EVER);
    waits[1] = task_sleep(FOR_EVER);
    return 0;
}

struct failing_owner {
    int waits[2], result, next_wait;
};

static int own_failing_group(void *arg)
{
    struct failing_owner *o = arg;
    struct test_async_part fails = {.result = -EIO};
    struct task_group g;

    task_group_init(&g);
    EXPECT(task_group_create(&g, part(&fails)) == 0);
    EXPECT(task_group_create(&g, coro_create(stop_slowly, o->waits)) == 0);
    o->result = task_group_wait(&g);
    o->next_wait = task_yield();
    return 0;
}

static int fail_and_cancel(void *arg)
{
    struct failing_owner o = {{99, 99}, 99, 99};
    struct task *owner = task_create(coro_create(own_failing_group, &o));

    (void)arg;
    while (o.waits[0] == 99)
        EXPECT(task_sleep(NS_PER_MS) == 0);
    EXPECT(o.waits[0] == -ECANCELED &&
           o.waits[1] == 99); /* for the error; it goes on all the same */
    EXPECT(task_cancel(owner) && task_await(owner) == 0);
    EXPECT(o.waits[1] == -ECANCELED); /* canceled again with the owner */
    EXPECT(o.result == -EIO && o.next_wait == -ECANCELED);
    EXPECT(alone());
    task_release(owner);
    return 0;
}

static void test_an_error_and_a_cancellation_are_both_seen(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(fail_and_cancel, NULL), 0);
}

static int leave_at_once(void *arg)
{
    struct test_async_part parts[3] = {
        {.sleep_ns = FOR_EVER, .cleanup_ns = NS_PER_MS}, {.sleep_ns = FOR_EVER}, {.result = 1}};
    struct task_group g;

    (void)arg;
    task_group_init(&g);
    for (int i = 0; i < 2; i++)
        EXPECT(task_group_create(&g, part(&parts[i])) == 0);
    EXPECT(task_yield() == 0);
    EXPECT(task_group_create(&g, part(&parts[2])) == 0);
    task_group_cancel(&g);
    EXPECT(parts[0].finished && parts[0].canceled && parts[1].finished && parts[1].canceled);
    EXPECT(!parts[2].finished && alone()); /* it never started */
    EXPECT(task_yield() == 0);
    task_group_cancel(&g);
    return 0;
}

static void test_a_scope_can_be_left_at_once(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(leave_at_once, NULL), 0);
}

static int wait_as_member(void *arg)
{
    return task_group_wait(arg);
}

static int cancel_as_member(void *arg)
{
    task_group_cancel(arg);
    return task_yield();
}

static int involve_members(void *arg)
{
    struct test_async_part other = {.sleep_ns = FOR_EVER};
    struct task_group g;

    (void)arg;
    task_group_init(&g);
    EXPECT(task_group_create(&g, coro_create(wait_as_member, &g)) == 0);
    EXPECT(task_group_wait(&g) == -EDEADLK);
    EXPECT(task_group_create(&g, part(&other)) == 0);
    EXPECT(task_group_create(&g, coro_create(cancel_as_member, &g)) == 0);
    EXPECT(task_group_wait(&g) == 0 && other.canceled && alone());
    return 0;
}

static void test_a_member_cannot_wait_for_itself_but_end_all(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(involve_members, NULL), 0);
}

static int await_task(void *arg)
{
    return task_await(arg);
}

struct ring {
    int result;
};

static int own_those_who_wait_for_it(void *arg)
{
    struct ring *r = arg;
    struct task_group g;

    task_group_init(&g);
    for (int i = 0; i < 3; i++)
        EXPECT(task_group_create(&g, coro_create(await_task, task_current())) == 0);
    r->result = task_group_wait(&g);
    return 0;
}

static int cancel_ring(void *arg)
{
    struct ring r = {99};
    struct task *owner = task_create(coro_create(own_those_who_wait_for_it, &r));

    (void)arg;
    EXPECT(task_sleep(NS_PER_MS) == 0 && !task_done(owner));
    EXPECT(task_cancel(owner) && task_await(owner) == 0);
    EXPECT(r.result == -ECANCELED && alone());
    task_release(owner);
    return 0;
}

static void test_members_that_wait_for_the_owner_can_be_canceled(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_ring, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canceling_the_owner_cancels_and_outwaits_members),
        cmocka_unit_test(test_an_error_and_a_cancellation_are_both_seen),
        cmocka_unit_test(test_a_scope_can_be_left_at_once),
        cmocka_unit_test(test_a_member_cannot_wait_for_itself_but_end_all),
        cmocka_unit_test(test_members_that_wait_for_the_owner_can_be_canceled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
