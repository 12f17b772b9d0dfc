/* The promise: setting an event wakes everybody who waits, in order, and lets later ones pass until
 * it is cleared; every wait ends by deadline or cancellation, and leaves nothing behind. */
#include "async/event.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define N 4

struct waiter {
    struct event *event;
    struct task *task;
    uint64_t deadline_ns;
    int *order; /* how many came through so far */
    int result, place;
};

static int wait_for_event(void *arg)
{
    struct waiter *w = arg;

    w->result = event_wait(w->event, w->deadline_ns);
    w->place = ++*w->order;
    return 0;
}

/* Tasks that wait for e, all of them suspended in it. */
static int start(struct waiter *w, size_t n, struct event *e, int *order)
{
    *order = 0;
    for (size_t i = 0; i < n; i++) {
        w[i] = (struct waiter){.event = e, .deadline_ns = NO_DEADLINE, .order = order};
        w[i].task = task_create(coro_create(wait_for_event, &w[i]));
    }
    return task_yield();
}

static int join(struct waiter *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        EXPECT(task_await(w[i].task) == 0);
        task_release(w[i].task);
    }
    return 0;
}

static int set_for_all(void *arg)
{
    struct waiter w[N];
    struct event e;
    uint64_t switches;
    int order;

    (void)arg;
    event_init(&e);
    EXPECT(start(w, N, &e, &order) == 0 && order == 0);
    event_set(&e);
    event_set(&e);
    EXPECT(order == 0); /* they run when the loop gets control */
    EXPECT(join(w, N) == 0);
    for (int i = 0; i < N; i++)
        EXPECT(w[i].result == 0 && w[i].place == i + 1);
    switches = loop_switches(loop_running());
    EXPECT(event_wait(&e, NO_DEADLINE) == 0 && event_wait(&e, 0) == 0);
    EXPECT(loop_switches(loop_running()) == switches);
    return 0;
}

static void test_setting_it_wakes_all_in_order_and_lets_later_ones_pass(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(set_for_all, NULL), 0);
}

static int clear_again(void *arg)
{
    struct waiter w[2];
    struct event e;
    int order;

    (void)arg;
    event_init(&e);
    EXPECT(start(w, 2, &e, &order) == 0);
    event_set(&e);
    event_clear(&e); /* who was waiting has been woken all the same, as in asyncio */
    EXPECT(join(w, 2) == 0 && w[0].result == 0 && w[1].result == 0);
    EXPECT(event_wait(&e, clock_now_ns() + NS_PER_MS) == -ETIMEDOUT);
    return 0;
}

static void test_cleared_it_stops_later_ones_only(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(clear_again, NULL), 0);
}

static int pass_deadlines(void *arg)
{
    struct event e;

    (void)arg;
    event_init(&e);
    EXPECT(event_wait(&e, 0) == -ETIMEDOUT);
    for (uint64_t span_ns = 100 * NS_PER_US; span_ns < 2 * NS_PER_MS; span_ns *= 2) {
        uint64_t deadline_ns = clock_now_ns() + span_ns;

        EXPECT(event_wait(&e, deadline_ns) == -ETIMEDOUT && clock_now_ns() >= deadline_ns);
    }
    event_set(&e); /* nobody is left in line */
    EXPECT(event_wait(&e, 0) == 0);
    return 0;
}

static void test_a_deadline_ends_the_wait(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(pass_deadlines, NULL), 0);
}

static int cancel_waiters(void *arg)
{
    struct waiter w[N];
    struct event e;
    int order;

    (void)arg;
    event_init(&e);
    EXPECT(start(w, N, &e, &order) == 0);
    EXPECT(task_cancel(w[1].task) && task_yield() == 0); /* while it waits */
    EXPECT(order == 1 && w[1].result == -ECANCELED);
    event_set(&e);
    EXPECT(task_cancel(w[2].task)); /* after the wake, before its next step */
    EXPECT(join(w, N) == 0);
    EXPECT(w[0].result == 0 && w[2].result == -ECANCELED && w[3].result == 0);
    EXPECT(event_wait(&e, 0) == 0);

    event_clear(&e);
    EXPECT(task_cancel(task_current())); /* before the wait */
    EXPECT(event_wait(&e, NO_DEADLINE) == -ECANCELED);
    EXPECT(event_wait(&e, 0) == -ETIMEDOUT);
    return 0;
}

static void test_a_canceled_waiter_leaves_the_others_alone(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_waiters, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_setting_it_wakes_all_in_order_and_lets_later_ones_pass),
        cmocka_unit_test(test_cleared_it_stops_later_ones_only),
        cmocka_unit_test(test_a_deadline_ends_the_wait),
        cmocka_unit_test(test_a_canceled_waiter_leaves_the_others_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
