/* The promise: the loop shares its thread with libuv's own handles and takes calls from other
 * threads, wakes up for them from any sleep, and no busy task or callback keeps it from timers and
 * handles. */
#include "async/loop.h"

#include "base/list.h"
#include "support/test_async_loop.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS 4
#define CALLS   500

struct counter {
    struct loop *loop;
    struct future all_came;
    unsigned came;          /* on the loop's thread only: TSan would see anything else */
    unsigned last[THREADS]; /* number of the last call of each thread */
    unsigned out_of_order;
};

struct caller {
    struct counter *counter;
    unsigned index;
    pthread_t thread;
    struct call {
        struct caller *caller;
        unsigned number;
    } calls[CALLS];
};

static void arrive(void *arg)
{
    struct call *call = arg;
    struct counter *c = call->caller->counter;

    c->out_of_order += call->number != c->last[call->caller->index] + 1;
    c->last[call->caller->index] = call->number;
    if (++c->came == THREADS * CALLS)
        future_set_result(&c->all_came, (int)c->came);
}

static void *make_calls(void *arg)
{
    struct caller *caller = arg;

    for (unsigned i = 0; i < CALLS; i++) {
        caller->calls[i] = (struct call){caller, i + 1};
        while (loop_call_soon_threadsafe(caller->counter->loop, arrive, &caller->calls[i]) != 0)
            usleep(1000);
        if (i % 50 == 0)
            usleep(1000); /* let the loop fall asleep between */
    }
    return NULL;
}

static int take_calls(void *arg)
{
    static struct caller callers[THREADS];
    struct counter *c = arg;

    c->loop = loop_running();
    future_init(&c->all_came);
    for (unsigned i = 0; i < THREADS; i++) {
        callers[i].counter = c;
        callers[i].index = i;
        EXPECT(pthread_create(&callers[i].thread, NULL, make_calls, &callers[i]) == 0);
    }
    EXPECT(future_await(&c->all_came) == THREADS * CALLS);
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT(pthread_join(callers[i].thread, NULL) == 0);
    return 0;
}

static void test_calls_from_other_threads_all_come_in_their_order(void **state)
{
    struct counter c = {0};

    (void)state;
    assert_int_equal(test_async_run(take_calls, &c), 0);
    assert_int_equal(c.came, THREADS * CALLS);
    assert_int_equal(c.out_of_order, 0);
}

static int sleep_a_while(void *arg)
{
    uint64_t begin_ns = clock_now_ns();

    (void)arg;
    EXPECT(task_sleep(3 * NS_PER_MS) == 0 && clock_now_ns() - begin_ns >= 3 * NS_PER_MS);
    return 3;
}

struct own_loop {
    pthread_barrier_t *all_made, *all_run;
    pthread_t thread;
    int made, result;
};

/* All loops are there at the same time. That also keeps the numbers of libuv's descriptors apart,
 * which it closes behind ThreadSanitizer's back. */
static void *run_own_loop(void *arg)
{
    struct own_loop *own = arg;
    struct loop *loop;

    own->made = loop_running() == NULL ? loop_create(NULL, &loop) : -EBUSY;
    pthread_barrier_wait(own->all_made);
    if (own->made == 0)
        own->result = loop_run(loop, coro_create(sleep_a_while, NULL));
    pthread_barrier_wait(own->all_run);
    if (own->made == 0)
        loop_destroy(loop);
    return NULL;
}

static void test_each_thread_may_have_a_loop(void **state)
{
    pthread_barrier_t all_made, all_run;
    struct own_loop own[THREADS];

    (void)state;
    pthread_barrier_init(&all_made, NULL, THREADS);
    pthread_barrier_init(&all_run, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        own[i] = (struct own_loop){.all_made = &all_made, .all_run = &all_run};
        assert_int_equal(pthread_create(&own[i].thread, NULL, run_own_loop, &own[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(own[i].thread, NULL), 0);
        assert_true(own[i].made == 0 && own[i].result == 3);
    }
    pthread_barrier_destroy(&all_made);
    pthread_barrier_destroy(&all_run);
}

struct alarm {
    uv_timer_t timer;
    struct future rang, closed;
};

static void ring(uv_timer_t *timer)
{
    future_set_result(&container_of(timer, struct alarm, timer)->rang, 11);
}

static void alarm_closed(uv_handle_t *handle)
{
    future_set_result(&container_of((uv_timer_t *)handle, struct alarm, timer)->closed, 0);
}

static int set_alarm(struct alarm *a, uint64_t in_ms)
{
    future_init(&a->rang);
    future_init(&a->closed);
    EXPECT(uv_timer_init(loop_uv(loop_running()), &a->timer) == 0);
    return uv_timer_start(&a->timer, ring, in_ms, 0);
}

static int close_alarm(struct alarm *a)
{
    uv_close((uv_handle_t *)&a->timer, alarm_closed);
    return future_await(&a->closed);
}

static int await_alarm(void *arg)
{
    struct alarm a;

    EXPECT(set_alarm(&a, *(uint64_t *)arg) == 0);
    EXPECT(future_await(&a.rang) == 11);
    return close_alarm(&a);
}

/* One that is due at once is called back before libuv goes to sleep, which it then must not. */
static void test_a_handle_of_ones_own_can_wake_a_task(void **state)
{
    uint64_t in_ms[] = {3, 0, 1};

    (void)state;
    for (size_t i = 0; i < sizeof in_ms / sizeof *in_ms; i++)
        assert_int_equal(test_async_run(await_alarm, &in_ms[i]), 0);
}

static int nap(void *arg)
{
    (void)arg;
    return task_sleep(3 * NS_PER_MS);
}

/* Until the timer and the alarm have had their turn; bounded, so that a failure ends. */
static int wait_busily(void (*call_again)(void *), bool *stop)
{
    uint64_t give_up_ns = clock_now_ns() + 20 * NS_PER_S;
    struct task *napping = task_create(coro_create(nap, NULL));
    struct alarm a;

    EXPECT(set_alarm(&a, 3) == 0);
    if (call_again != NULL)
        EXPECT(loop_call_soon(loop_running(), call_again, stop) == 0);
    while (clock_now_ns() < give_up_ns && !(task_done(napping) && future_done(&a.rang)))
        EXPECT(task_yield() == 0);
    *stop = true;
    EXPECT(task_done(napping) && future_done(&a.rang));
    task_release(napping);
    return close_alarm(&a);
}

static int yield_busily(void *arg)
{
    bool stop = false;

    (void)arg;
    return wait_busily(NULL, &stop);
}

static void test_a_yielding_task_starves_neither_timers_nor_handles(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(yield_busily, NULL), 0);
}

static void call_again(void *arg)
{
    if (!*(bool *)arg)
        loop_call_soon(loop_running(), call_again, arg);
}

static int call_busily(void *arg)
{
    return wait_busily(call_again, arg);
}

static void test_a_callback_that_comes_again_starves_nobody(void **state)
{
    static bool stop;

    (void)state;
    assert_int_equal(test_async_run(call_busily, &stop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_from_other_threads_all_come_in_their_order),
        cmocka_unit_test(test_each_thread_may_have_a_loop),
        cmocka_unit_test(test_a_handle_of_ones_own_can_wake_a_task),
        cmocka_unit_test(test_a_yielding_task_starves_neither_timers_nor_handles),
        cmocka_unit_test(test_a_callback_that_comes_again_starves_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
