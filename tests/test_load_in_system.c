/* The promise: news that other threads send is never missed, however it falls between looking and
 * sleeping, and costs them no system call while the task is awake. */
#include "load/in_system.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROUNDS 5000
#define SPINS  1000 /* looks for an answer before the thread lets others run */

struct ping {
    struct in_system in_system;
    atomic_int asked, answered;
};

/* Asks again as soon as there is an answer, so that each question must get through. Now and then
 * the task has gone to sleep when the next one comes. */
static void *ask(void *arg)
{
    struct ping *p = arg;

    for (int i = 1; i <= ROUNDS; i++) {
        atomic_store(&p->asked, i);
        in_system_wake(&p->in_system);
        for (int spins = 0; atomic_load(&p->answered) < i; spins++)
            if (i % 3 == 0 || spins > SPINS)
                sched_yield();
    }
    return NULL;
}

static int answer(void *arg)
{
    struct ping *p = arg;
    pthread_t thread;

    EXPECT(in_system_init(&p->in_system, true) == 0);
    EXPECT(pthread_create(&thread, NULL, ask, p) == 0);
    while (atomic_load(&p->answered) < ROUNDS) {
        in_system_arm(&p->in_system);
        if (atomic_load(&p->asked) == atomic_load(&p->answered))
            EXPECT(in_system_wait(&p->in_system, NO_DEADLINE) == 0);
        else
            atomic_fetch_add(&p->answered, 1);
    }
    pthread_join(thread, NULL);
    in_system_leave(&p->in_system);
    in_system_deinit(&p->in_system);
    return 0;
}

static void test_no_news_is_missed(void **state)
{
    struct ping p = {.asked = 0};

    (void)state;
    assert_int_equal(test_async_run(answer, &p), 0);
}

static int send_to(void *arg)
{
    struct ping *p = arg;

    in_system_wake(&p->in_system);
    return 0;
}

static int cancel(void *arg)
{
    task_cancel(arg);
    return 0;
}

static int wait_in_all_ways(void *arg)
{
    struct ping *p = arg;
    struct task *t;

    EXPECT(in_system_init(&p->in_system, true) == 0);
    in_system_wake(&p->in_system); /* nobody listens */
    in_system_arm(&p->in_system);
    EXPECT(in_system_wait(&p->in_system, clock_now_ns() + NS_PER_MS) == -ETIMEDOUT);
    t = task_create(coro_create(send_to, p)); /* a task of the same loop */
    in_system_arm(&p->in_system);
    EXPECT(in_system_wait(&p->in_system, NO_DEADLINE) == 0);
    task_release(t);
    t = task_create(coro_create(cancel, task_current()));
    in_system_arm(&p->in_system);
    EXPECT(in_system_wait(&p->in_system, NO_DEADLINE) == -ECANCELED);
    task_release(t);
    in_system_leave(&p->in_system);
    in_system_deinit(&p->in_system);
    return 0;
}

static void test_the_loop_itself_may_send_and_waits_end_early(void **state)
{
    struct ping p = {.asked = 0};

    (void)state;
    assert_int_equal(test_async_run(wait_in_all_ways, &p), 0);
}

static void *leave(void *arg)
{
    in_system_leave(arg);
    return NULL;
}

/* On the stack, and gone as soon as it is empty: the last to leave must be through with it. */
static int empty_it_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < 300; i++) {
        pthread_t threads[3];
        struct in_system s;

        EXPECT(in_system_init(&s, true) == 0);
        for (int part = 0; part < 2; part++) {
            in_system_enter(&s, 3);
            EXPECT(in_system_count(&s) == 4);
            for (int k = 0; k < 3; k++)
                EXPECT(pthread_create(&threads[k], NULL, leave, &s) == 0);
            in_system_leave(&s);
            for (;;) {
                in_system_arm(&s);
                if (in_system_count(&s) == 0)
                    break;
                EXPECT(in_system_wait(&s, NO_DEADLINE) == 0);
            }
            if (part == 0)
                in_system_reset(&s);
            else
                in_system_deinit(&s);
            for (int k = 0; k < 3; k++)
                pthread_join(threads[k], NULL);
        }
    }
    return 0;
}

static void test_the_last_one_is_waited_for(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(empty_it_often, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_news_is_missed),
        cmocka_unit_test(test_the_loop_itself_may_send_and_waits_end_early),
        cmocka_unit_test(test_the_last_one_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
