/* The promise: threads and the tasks of several loops share one semaphore. Whenever their deadlines
 * pass and whenever tasks are canceled, no more are inside than there are permits, and at the end
 * all permits are back. */
#include "io/io_semaphore.h"

#include "async/loop.h"
#include "base/random.h"
#include "io/io_async.h"
#include "io/io_blocking.h"
#include "io/io_ring.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define CROWDS  4 /* two threads that block, two loops */
#define TASKS   4
#define PERMITS 2
#define LATE_NS (50 * NS_PER_US)

static struct io_semaphore *semaphore;
static atomic_uint inside, most, entered;
static atomic_int odd; /* a result that should not be */

struct visitor {
    struct io *io;
    uint64_t seed, drawn;
    unsigned times;
};

static uint64_t draw(struct visitor *v, uint64_t n)
{
    return random_bits(v->seed, 0, v->drawn++) % n;
}

/* Some have come too late before they ask. */
static void visit_once(struct visitor *v)
{
    uint64_t deadline_ns = draw(v, 2) ? NO_DEADLINE : clock_now_ns() + draw(v, LATE_NS);
    int r = io_semaphore_acquire(semaphore, v->io, deadline_ns);
    unsigned now;

    if (r < 0 && r != -ETIMEDOUT && r != -ECANCELED)
        atomic_store(&odd, r);
    if (r < 0)
        return;
    now = atomic_fetch_add(&inside, 1) + 1;
    if (now > atomic_load(&most))
        atomic_store(&most, now);
    atomic_fetch_add(&entered, 1);
    if (draw(v, 2))
        io_sleep(v->io, draw(v, LATE_NS));
    atomic_fetch_sub(&inside, 1);
    io_semaphore_release(semaphore);
}

static int visit(void *arg)
{
    struct visitor *v = arg;

    for (unsigned i = 0; i < v->times; i++)
        visit_once(v);
    return 0;
}

static unsigned times_to_visit(void)
{
    const char *rounds = getenv("TVA_STORM_ROUNDS");

    return 100 * (rounds != NULL ? (unsigned)atoi(rounds) : 1);
}

static void *visit_in_thread(void *arg)
{
    struct io *io = io_blocking_create();
    struct visitor v = {io, (uint64_t)(uintptr_t)arg, 0, times_to_visit()};

    visit(&v);
    io_destroy(io);
    return NULL;
}

/* Visitors, canceled at random. */
static int run_crowd(void *arg)
{
    struct visitor v[TASKS + 1] = {{.seed = (uint64_t)(uintptr_t)arg}};
    struct task *tasks[TASKS];
    struct io *io = NULL;
    unsigned strikes = times_to_visit();

    if (v[0].seed % 2 == 0 || io_ring_create(loop_running(), &io, NULL) < 0)
        io = io_async_create(loop_running());
    for (int i = 0; i < TASKS; i++) {
        v[i + 1] = (struct visitor){io, v[0].seed * 100 + (unsigned)i, 0, strikes};
        tasks[i] = task_create(coro_create(visit, &v[i + 1]));
    }
    while (strikes-- > 0) {
        task_sleep(draw(&v[0], LATE_NS));
        task_cancel(tasks[draw(&v[0], TASKS)]);
    }
    for (int i = 0; i < TASKS; i++) {
        task_await(tasks[i]);
        task_release(tasks[i]);
    }
    io_destroy(io);
    return 0;
}

static void *visit_in_tasks(void *arg)
{
    struct loop *loop;

    if (loop_create(NULL, &loop) < 0 || loop_run(loop, coro_create(run_crowd, arg)) < 0)
        atomic_store(&odd, -1);
    else
        loop_destroy(loop);
    return NULL;
}

static void test_threads_and_loops_share_permits(void **state)
{
    struct io *io = io_blocking_create();
    pthread_t threads[CROWDS];

    (void)state;
    semaphore = io_semaphore_create(PERMITS);
    assert_non_null(semaphore);
    assert_non_null(io);
    for (uintptr_t i = 0; i < CROWDS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, i < 2 ? visit_in_thread : visit_in_tasks,
                                        (void *)(i + 1)),
                         0);
    for (int i = 0; i < CROWDS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(odd, 0);
    assert_int_equal(inside, 0);
    assert_true(most <= PERMITS);
    assert_true(entered > 0);
    for (int i = 0; i < PERMITS; i++)
        assert_int_equal(io_semaphore_acquire(semaphore, io, clock_now_ns() + NS_PER_S), 0);
    assert_int_equal(io_semaphore_acquire(semaphore, io, clock_now_ns() + NS_PER_MS), -ETIMEDOUT);
    io_semaphore_destroy(semaphore);
    io_destroy(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_and_loops_share_permits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
