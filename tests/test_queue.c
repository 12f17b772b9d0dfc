/* The promise: what is put comes out once and in order, also across growth; a full queue holds up
 * who puts and an empty one who gets, first come first served; and no item is lost, doubled or left
 * lying while somebody waits for it, whenever one of them is canceled or late. */
#include "async/queue.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char items[512]; /* their addresses are what is queued */

struct user {
    struct queue *queue;
    struct task *task;
    uint64_t deadline_ns;
    void *item; /* to put, or got */
    int result, *order, place;
};

static int get(void *arg)
{
    struct user *u = arg;

    u->result = queue_get(u->queue, &u->item, u->deadline_ns);
    u->place = ++*u->order;
    return 0;
}

static int put(void *arg)
{
    struct user *u = arg;

    u->result = queue_put(u->queue, u->item, u->deadline_ns);
    u->place = ++*u->order;
    return 0;
}

/* n tasks that have begun to get or put. */
static int start(struct user *u, size_t n, struct queue *q, coro_fn *fn, int *order)
{
    *order = 0;
    for (size_t i = 0; i < n; i++) {
        u[i] = (struct user){
            .queue = q, .deadline_ns = NO_DEADLINE, .item = &items[i], .order = order};
        if (fn == get)
            u[i].item = NULL;
        u[i].task = task_create(coro_create_named(fn, &u[i], "user"));
    }
    return task_yield();
}

static int join(struct user *u, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        EXPECT(task_await(u[i].task) == 0);
        task_release(u[i].task);
    }
    return 0;
}

/* The queue holds exactly these items, and takes a get without waiting for each. */
static int drains_to(struct queue *q, const char *const *expected, size_t n)
{
    void *item;

    EXPECT(queue_size(q) == n);
    for (size_t i = 0; i < n; i++)
        EXPECT(queue_get(q, &item, 0) == 0 && item == expected[i]);
    EXPECT(queue_get(q, &item, 0) == -ETIMEDOUT && queue_size(q) == 0);
    return 0;
}

static int pass_many(void *arg)
{
    struct queue *q = queue_create(0);
    uint64_t switches = loop_switches(loop_running());
    size_t in = 0, out = 0;
    void *item;

    (void)arg;
    EXPECT(q != NULL);
    while (out < 500) { /* three in, two out: it grows while it wraps around */
        for (int i = 0; i < 3 && in < 500; i++)
            EXPECT(queue_put(q, &items[in++], NO_DEADLINE) == 0);
        for (int i = 0; i < 2 && out < in; i++)
            EXPECT(queue_get(q, &item, NO_DEADLINE) == 0 && item == &items[out++]);
        EXPECT(queue_size(q) == in - out);
    }
    EXPECT(loop_switches(loop_running()) == switches);
    EXPECT(queue_put(q, NULL, NO_DEADLINE) == 0 && queue_put(q, items, NO_DEADLINE) == 0);
    queue_destroy(q); /* items in it are dropped */
    queue_destroy(NULL);
    return 0;
}

static void test_items_come_out_in_order(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(pass_many, NULL), 0);
}

static int get_in_line(void *arg)
{
    struct queue *q = queue_create(0);
    struct user u[3], late;
    int order, late_order;

    (void)arg;
    EXPECT(start(u, 3, q, get, &order) == 0 && order == 0);
    for (int i = 0; i < 3; i++)
        EXPECT(queue_put(q, &items[i], NO_DEADLINE) == 0);
    /* a fourth gets none of them, although they are still in the queue */
    late = (struct user){.queue = q, .deadline_ns = 0};
    EXPECT(queue_size(q) == 3 && queue_get(q, &late.item, 0) == -ETIMEDOUT);
    EXPECT(join(u, 3) == 0);
    for (int i = 0; i < 3; i++)
        EXPECT(u[i].result == 0 && u[i].item == &items[i] && u[i].place == i + 1);
    EXPECT(start(&late, 1, q, get, &late_order) == 0 && queue_put(q, &items[9], 0) == 0);
    EXPECT(join(&late, 1) == 0 && late.item == &items[9]);
    queue_destroy(q);
    return 0;
}

static void test_who_waits_first_gets_first(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(get_in_line, NULL), 0);
}

static int put_in_line(void *arg)
{
    struct queue *q = queue_create(2);
    const char *const rest[] = {&items[3], &items[4]};
    struct user u[5];
    void *item;
    int order;

    (void)arg;
    EXPECT(start(u, 5, q, put, &order) == 0);
    EXPECT(order == 2 && queue_size(q) == 2);
    EXPECT(queue_put(q, &items[9], 0) == -ETIMEDOUT); /* full */
    EXPECT(queue_get(q, &item, NO_DEADLINE) == 0 && item == &items[0]);
    EXPECT(queue_put(q, &items[9], 0) == -ETIMEDOUT); /* the place is promised to the third */
    EXPECT(order == 3 && queue_size(q) == 2);
    EXPECT(queue_get(q, &item, NO_DEADLINE) == 0 && item == &items[1]);
    EXPECT(queue_get(q, &item, NO_DEADLINE) == 0 && item == &items[2]);
    EXPECT(join(u, 5) == 0);
    for (int i = 0; i < 5; i++)
        EXPECT(u[i].result == 0 && u[i].place == i + 1);
    EXPECT(drains_to(q, rest, 2) == 0);
    queue_destroy(q);
    return 0;
}

static void test_a_full_queue_holds_up_who_puts_in_order(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(put_in_line, NULL), 0);
}

static int cancel_getters(void *arg)
{
    struct queue *q = queue_create(0);
    const char *const none[] = {NULL};
    struct user u[4];
    int order;

    (void)arg;
    EXPECT(start(u, 4, q, get, &order) == 0);
    EXPECT(task_cancel(u[0].task) && task_yield() == 0); /* while it waits */
    EXPECT(u[0].result == -ECANCELED);
    EXPECT(queue_put(q, &items[0], NO_DEADLINE) == 0 && queue_put(q, &items[1], NO_DEADLINE) == 0);
    EXPECT(task_cancel(u[1].task)); /* an item is on its way to it */
    EXPECT(join(u, 4) == 0);
    EXPECT(u[1].result == -ECANCELED && u[1].item == NULL);
    EXPECT(u[2].item == &items[0] && u[3].item == &items[1]);
    EXPECT(drains_to(q, none, 0) == 0);
    queue_destroy(q);
    return 0;
}

static void test_an_item_for_a_canceled_getter_goes_to_the_next(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_getters, NULL), 0);
}

static int cancel_the_only_getter(void *arg)
{
    struct queue *q = queue_create(0);
    const char *const one[] = {&items[7]};
    struct user u;
    int order;

    (void)arg;
    EXPECT(start(&u, 1, q, get, &order) == 0);
    EXPECT(queue_put(q, &items[7], NO_DEADLINE) == 0 && task_cancel(u.task));
    EXPECT(join(&u, 1) == 0 && u.result == -ECANCELED);
    EXPECT(drains_to(q, one, 1) == 0); /* it stayed in the queue */
    queue_destroy(q);
    return 0;
}

static void test_an_item_nobody_takes_stays(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_the_only_getter, NULL), 0);
}

static int cancel_putters(void *arg)
{
    struct queue *q = queue_create(1);
    const char *const last[] = {&items[3]};
    struct user u[4];
    void *item;
    int order;

    (void)arg;
    EXPECT(start(u, 4, q, put, &order) == 0 && order == 1);
    EXPECT(task_cancel(u[1].task) && task_yield() == 0); /* while it waits */
    EXPECT(queue_get(q, &item, NO_DEADLINE) == 0 && item == &items[0]);
    EXPECT(task_cancel(u[2].task)); /* the place was promised to it */
    EXPECT(join(u, 4) == 0);
    EXPECT(u[1].result == -ECANCELED && u[2].result == -ECANCELED && u[3].result == 0);
    EXPECT(drains_to(q, last, 1) == 0);
    queue_destroy(q);
    return 0;
}

static void test_a_place_for_a_canceled_putter_goes_to_the_next(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_putters, NULL), 0);
}

static int cancel_before_the_wait(void *arg)
{
    struct queue *q = queue_create(1);
    void *item = NULL;

    (void)arg;
    EXPECT(task_cancel(task_current()));
    EXPECT(queue_put(q, items, NO_DEADLINE) == 0); /* no wait */
    EXPECT(queue_put(q, items, NO_DEADLINE) == -ECANCELED);
    EXPECT(queue_get(q, &item, NO_DEADLINE) == 0);
    EXPECT(task_cancel(task_current()));
    EXPECT(queue_get(q, &item, NO_DEADLINE) == -ECANCELED);
    EXPECT(queue_size(q) == 0 && queue_put(q, items, 0) == 0);
    queue_destroy(q);
    return 0;
}

static void test_a_cancellation_meets_the_first_wait(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_before_the_wait, NULL), 0);
}

static int miss_deadlines(void *arg)
{
    struct queue *q = queue_create(1);
    uint64_t deadline_ns = clock_now_ns() + NS_PER_MS;
    const char *const one[] = {&items[0]};
    void *item = NULL;

    (void)arg;
    EXPECT(queue_get(q, &item, deadline_ns) == -ETIMEDOUT && clock_now_ns() >= deadline_ns);
    EXPECT(item == NULL && queue_put(q, &items[0], deadline_ns) == 0);
    deadline_ns = clock_now_ns() + NS_PER_MS;
    EXPECT(queue_put(q, &items[1], deadline_ns) == -ETIMEDOUT && clock_now_ns() >= deadline_ns);
    EXPECT(drains_to(q, one, 1) == 0);
    queue_destroy(q);
    return 0;
}

static void test_deadlines_end_both_waits(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(miss_deadlines, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_come_out_in_order),
        cmocka_unit_test(test_who_waits_first_gets_first),
        cmocka_unit_test(test_a_full_queue_holds_up_who_puts_in_order),
        cmocka_unit_test(test_an_item_for_a_canceled_getter_goes_to_the_next),
        cmocka_unit_test(test_an_item_nobody_takes_stays),
        cmocka_unit_test(test_a_place_for_a_canceled_putter_goes_to_the_next),
        cmocka_unit_test(test_a_cancellation_meets_the_first_wait),
        cmocka_unit_test(test_deadlines_end_both_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
