/* The promise: who waits for a task passes a cancellation on to it, along a chain of any length,
 * and through no ring for ever; who has been woken is canceled itself. */
#include "async/task.h"
#include "async/wait.h"

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
#ifdef __SANITIZE_THREAD__ /* which needs more stack for a call, and much longer for a task */
#define LINKS 1000
#else
#define LINKS 3000 /* too many to recurse along on a task's stack */
#endif
#define SPAN_NS (300 * NS_PER_MS) /* far above what a loaded machine does to a short step */

struct link {
    struct task *task, *next;
    uint64_t deadline_ns;
    int result;
};

static int be_link(void *arg)
{
    struct link *l = arg;

    l->result = l->next ? task_await(l->next) : task_sleep(FOR_EVER);
    return l->result;
}

/* Each awaits the next; the last one sleeps, or awaits the one at `back`. */
static int start_chain(struct link *links, struct task *(*close)(struct link *links))
{
    for (size_t i = LINKS; i-- > 0;) {
        links[i] = (struct link){.result = 99};
        if (i + 1 < LINKS)
            links[i].next = links[i + 1].task;
        links[i].task = task_create(coro_create(be_link, &links[i]));
        EXPECT(links[i].task != NULL);
    }
    links[LINKS - 1].next = close(links);
    return task_sleep(NS_PER_MS);
}

static int end_chain(struct link *links)
{
    for (size_t i = 0; i < LINKS; i++) {
        EXPECT(task_await(links[i].task) == -ECANCELED && links[i].result == -ECANCELED);
        task_release(links[i].task);
    }
    return 0;
}

static struct task *open_end(struct link *links)
{
    (void)links;
    return NULL;
}

static struct task *to_the_first(struct link *links)
{
    return links[0].task;
}

static struct task *to_the_middle(struct link *links)
{
    return links[LINKS / 2].task;
}

static struct link links[LINKS];

static int cancel_chain(void *arg)
{
    (void)arg;
    EXPECT(start_chain(links, open_end) == 0);
    EXPECT(task_cancel(links[0].task));
    EXPECT(links[0].result == 99 && task_yield() == 0);
    EXPECT(links[0].result == 99 && links[LINKS - 1].result == -ECANCELED); /* from its end on */
    return end_chain(links);
}

static void test_a_long_chain_passes_a_cancellation_to_its_end(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_chain, NULL), 0);
}

static int cancel_rings(void *arg)
{
    (void)arg;
    EXPECT(start_chain(links, to_the_first) == 0);
    EXPECT(task_cancel(links[LINKS / 3].task));
    EXPECT(end_chain(links) == 0);

    EXPECT(start_chain(links, to_the_middle) == 0); /* a way into a ring */
    EXPECT(task_cancel(links[3].task) && task_await(links[0].task) == -ECANCELED);
    EXPECT(!task_done(links[4].task));
    EXPECT(task_cancel(links[LINKS - 1].task));
    return end_chain(links);
}

static void test_a_ring_can_be_canceled_from_inside_and_outside(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_rings, NULL), 0);
}

static int leave_ring(void *arg)
{
    (void)arg;
    EXPECT(start_chain(links, to_the_middle) == 0);
    for (size_t i = 0; i < LINKS; i++)
        task_release(links[i].task);
    return 0;
}

static void test_a_loop_ends_though_a_ring_is_left(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(leave_ring, NULL), 0);
}

static int await_released(void *arg)
{
    struct link waiter = {.result = 99};
    struct test_async_part part = {.sleep_ns = NS_PER_MS};

    (void)arg;
    waiter.next = task_create(coro_create(test_async_part_run, &part));
    waiter.task = task_create(coro_create(be_link, &waiter));
    EXPECT(task_yield() == 0 && task_yield() == 0);
    task_release(waiter.next); /* freed as it ends */
    while (!part.finished)
        EXPECT(task_yield() == 0);
    EXPECT(waiter.result == 99 && task_cancel(waiter.task)); /* woken, and not yet run */
    EXPECT(task_await(waiter.task) == -ECANCELED);
    task_release(waiter.task);
    return 0;
}

static void test_what_has_ended_is_not_canceled_any_more(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(await_released, NULL), 0);
}

static int cancel_before_await(void *arg)
{
    struct test_async_part part = {.sleep_ns = FOR_EVER, .cleanup_ns = NS_PER_MS};
    struct task *t = task_create(coro_create(test_async_part_run, &part));

    (void)arg;
    EXPECT(task_yield() == 0 && task_cancel(task_current()));
    EXPECT(task_await(t) == -ECANCELED); /* passed on, as in asyncio */
    EXPECT(part.finished && part.canceled && task_yield() == 0);
    task_release(t);
    return 0;
}

static void test_a_cancellation_before_an_await_is_passed_on(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_before_await, NULL), 0);
}

static int await_until(void *arg)
{
    struct link *l = arg;

    l->deadline_ns = clock_now_ns() + SPAN_NS;
    l->result = future_await_until(task_future(l->next), l->deadline_ns);
    return task_yield();
}

static int hold_the_loop(void *arg)
{
    while (clock_now_ns() <= *(uint64_t *)arg)
        continue;
    return 0;
}

static int cancel_when_late(void *arg)
{
    struct test_async_part part = {.sleep_ns = FOR_EVER};
    struct link waiter = {.next = task_create(coro_create(test_async_part_run, &part))};
    struct task *hog;

    (void)arg;
    waiter.task = task_create(coro_create(await_until, &waiter));
    EXPECT(task_yield() == 0);
    hog = task_create(coro_create(hold_the_loop, &waiter.deadline_ns));
    EXPECT(wait_suspend(waiter.deadline_ns - 1) == -ETIMEDOUT); /* due with it, before it */
    EXPECT(task_done(hog) && task_cancel(waiter.task));
    EXPECT(task_await(waiter.task) == 0 && waiter.result == -ECANCELED && !part.canceled);
    EXPECT(task_cancel(waiter.next) && task_await(waiter.next) == -ECANCELED);
    task_release(waiter.next);
    task_release(waiter.task);
    task_release(hog);
    return 0;
}

static void test_after_the_deadline_a_cancellation_is_the_waiters_own(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_when_late, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_long_chain_passes_a_cancellation_to_its_end),
        cmocka_unit_test(test_a_ring_can_be_canceled_from_inside_and_outside),
        cmocka_unit_test(test_a_loop_ends_though_a_ring_is_left),
        cmocka_unit_test(test_what_has_ended_is_not_canceled_any_more),
        cmocka_unit_test(test_a_cancellation_before_an_await_is_passed_on),
        cmocka_unit_test(test_after_the_deadline_a_cancellation_is_the_waiters_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
