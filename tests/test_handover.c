/* The promise: the work of a pass is handed to the threads at once when the pass ends, with no more
 * wake-ups than threads are idle; results that come while the loop is busy wake it once; work and
 * results keep their order; and none is lost, however many come, go and are canceled. */
#include "async/gather.h"

#include "base/hash.h"
#include "support/test_async_loop.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The linker lets the library's calls end here. */
static atomic_uint signals, loop_wakes, submissions;

int __real_pthread_cond_signal(pthread_cond_t *cond);
int __wrap_pthread_cond_signal(pthread_cond_t *cond);
int __real_uv_async_send(uv_async_t *async);
int __wrap_uv_async_send(uv_async_t *async);
void __real_thread_pool_submit_all(struct thread_pool *pool, struct work *first, struct work *last,
                                   size_t n);
void __wrap_thread_pool_submit_all(struct thread_pool *pool, struct work *first, struct work *last,
                                   size_t n);

int __wrap_pthread_cond_signal(pthread_cond_t *cond)
{
    atomic_fetch_add(&signals, 1);
    return __real_pthread_cond_signal(cond);
}

int __wrap_uv_async_send(uv_async_t *async)
{
    atomic_fetch_add(&loop_wakes, 1);
    return __real_uv_async_send(async);
}

void __wrap_thread_pool_submit_all(struct thread_pool *pool, struct work *first, struct work *last,
                                   size_t n)
{
    atomic_fetch_add(&submissions, 1);
    __real_thread_pool_submit_all(pool, first, last, n);
}

#define TASKS 50

struct scene {
    struct thread_pool *pool;
    atomic_uint begun, ended;
    atomic_bool let_go;
    unsigned results;     /* seen by tasks */
    bool blocks_the_loop; /* until all work has ended */
};

struct part {
    struct scene *scene;
    unsigned began_as, ended_as; /* which it was, from 1 */
    int result;
};

static int begin_and_end(void *arg)
{
    struct part *p = arg;

    p->began_as = atomic_fetch_add(&p->scene->begun, 1) + 1;
    while (!atomic_load(&p->scene->let_go))
        sched_yield();
    atomic_fetch_add(&p->scene->ended, 1);
    return 7;
}

static int offload(void *arg)
{
    struct part *p = arg;

    p->result = loop_run_in_executor(loop_running(), p->scene->pool, begin_and_end, p);
    p->ended_as = ++p->scene->results;
    return 0;
}

/* Goes on behind the tasks that offload, in the same pass, and then in the next. */
static int block_until_all_have_ended(struct scene *s)
{
    EXPECT(task_yield() == 0 && atomic_load(&submissions) == 0);
    EXPECT(task_yield() == 0);
    EXPECT(atomic_load(&submissions) == 1);
    while (atomic_load(&s->ended) < TASKS)
        sched_yield();
    return 0;
}

static int offload_one_pass(void *arg)
{
    struct part parts[TASKS];
    struct task *tasks[TASKS];
    struct scene *s = arg;

    atomic_store(&submissions, 0);
    atomic_store(&loop_wakes, 0);
    atomic_store(&signals, 0);
    for (unsigned i = 0; i < TASKS; i++) {
        parts[i] = (struct part){.scene = s};
        tasks[i] = task_create(coro_create(offload, &parts[i]));
    }
    if (s->blocks_the_loop)
        EXPECT(block_until_all_have_ended(s) == 0);
    for (unsigned i = 0; i < TASKS; i++) {
        EXPECT(task_await(tasks[i]) == 0 && parts[i].result == 7);
        task_release(tasks[i]);
    }
    for (unsigned i = 0; i < TASKS && s->blocks_the_loop; i++)
        EXPECT(parts[i].began_as == i + 1 && parts[i].ended_as == i + 1);
    return 0;
}

static void test_a_pass_is_handed_over_at_once_and_its_results_come_back_at_once(void **state)
{
    struct scene s = {.let_go = true, .blocks_the_loop = true};

    (void)state;
    assert_int_equal(thread_pool_create(1, 0, &s.pool, NULL), 0);
    assert_int_equal(test_async_run(offload_one_pass, &s), 0);
    thread_pool_destroy(s.pool);
    assert_int_equal(atomic_load(&submissions), 1);
    assert_true(atomic_load(&signals) <= 1);
    assert_int_equal(atomic_load(&loop_wakes), 1);
}

static void test_no_more_threads_are_woken_than_are_idle(void **state)
{
    (void)state;
    for (unsigned threads = 2; threads <= 4; threads++) {
        struct scene s = {.let_go = true};

        assert_int_equal(thread_pool_create(threads, 0, &s.pool, NULL), 0);
        assert_int_equal(test_async_run(offload_one_pass, &s), 0);
        thread_pool_destroy(s.pool);
        assert_int_equal(atomic_load(&submissions), 1);
        assert_true(atomic_load(&signals) <= threads);
        assert_true(atomic_load(&loop_wakes) <= TASKS);
    }
}

/* The only thread is busy, so there is nobody to wake. */
static int offload_to_a_busy_thread(void *arg)
{
    struct scene *s = arg;
    struct part first = {.scene = s}, others[3];
    struct task *task = task_create(coro_create(offload, &first)), *tasks[3];

    while (atomic_load(&s->begun) == 0)
        EXPECT(task_yield() == 0);
    atomic_store(&signals, 0);
    for (int i = 0; i < 3; i++) {
        others[i] = (struct part){.scene = s};
        tasks[i] = task_create(coro_create(offload, &others[i]));
        EXPECT(task_yield() == 0 && task_yield() == 0);
    }
    EXPECT(atomic_load(&signals) == 0);
    EXPECT(task_cancel(tasks[1]) && task_await(tasks[1]) == 0 && others[1].result == -ECANCELED);
    atomic_store(&s->let_go, true);
    EXPECT(task_await(task) == 0 && first.result == 7);
    EXPECT(task_await(tasks[0]) == 0 && others[0].result == 7 && others[0].began_as == 2);
    EXPECT(task_await(tasks[2]) == 0 && others[2].result == 7 && others[2].began_as == 3);
    EXPECT(others[1].began_as == 0);
    for (int i = 0; i < 3; i++)
        task_release(tasks[i]);
    task_release(task);
    return 0;
}

static void test_a_busy_thread_is_not_woken_and_takes_what_is_not_canceled(void **state)
{
    struct scene s = {.let_go = false};

    (void)state;
    assert_int_equal(thread_pool_create(1, 0, &s.pool, NULL), 0);
    assert_int_equal(test_async_run(offload_to_a_busy_thread, &s), 0);
    thread_pool_destroy(s.pool);
}

/* ---- A storm: tasks that offload to two pools, sleep and are canceled ---- */

#define STORM_TASKS  40
#define STORM_ROUNDS 150

struct storm {
    struct thread_pool *pools[2];
    struct task *tasks[STORM_TASKS];
    unsigned done, canceled;
};

struct storm_part {
    struct storm *storm;
    uint64_t index;
    int argument;
};

static int add_one(void *arg)
{
    return ++*(int *)arg;
}

static int ride(void *arg)
{
    struct storm_part *p = arg;
    struct storm *s = p->storm;

    for (uint64_t i = 0; i < STORM_ROUNDS; i++) {
        uint64_t random = hash_mix(p->index * STORM_ROUNDS + i);
        int before = p->argument, r;

        if (random % 4 == 0)
            task_cancel(s->tasks[(random >> 8) % STORM_TASKS]); /* itself too */
        if (random % 16 == 1 && task_sleep((random >> 16) % (50 * NS_PER_US)) == -ECANCELED)
            s->canceled++;
        r = loop_run_in_executor(loop_running(), s->pools[(random >> 4) % 2], add_one,
                                 &p->argument);
        EXPECT(r == -ECANCELED || r == before + 1);
        EXPECT(p->argument == before || p->argument == before + 1);
        s->done++;
        s->canceled += r == -ECANCELED;
    }
    return 0;
}

static int storm(void *arg)
{
    struct storm *s = arg;
    struct storm_part parts[STORM_TASKS];
    int err = 0;

    for (uint64_t i = 0; i < STORM_TASKS; i++) {
        parts[i] = (struct storm_part){.storm = s, .index = i};
        s->tasks[i] = task_create(coro_create(ride, &parts[i]));
    }
    for (uint64_t i = 0; i < STORM_TASKS; i++) {
        int r = task_await(s->tasks[i]);

        err = r < 0 && r != -ECANCELED ? r : err; /* canceled before it began */
    }
    for (uint64_t i = 0; i < STORM_TASKS; i++)
        task_release(s->tasks[i]);
    return err;
}

static void test_nothing_is_lost_in_a_storm(void **state)
{
    struct storm s = {.done = 0};

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(thread_pool_create(1 + 2 * i, 0, &s.pools[i], NULL), 0);
    assert_int_equal(test_async_run(storm, &s), 0);
    for (unsigned i = 0; i < 2; i++)
        thread_pool_destroy(s.pools[i]);
    assert_true(s.done > STORM_TASKS * STORM_ROUNDS / 2 && s.canceled > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pass_is_handed_over_at_once_and_its_results_come_back_at_once),
        cmocka_unit_test(test_no_more_threads_are_woken_than_are_idle),
        cmocka_unit_test(test_a_busy_thread_is_not_woken_and_takes_what_is_not_canceled),
        cmocka_unit_test(test_nothing_is_lost_in_a_storm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
