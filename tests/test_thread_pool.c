/* The promise: every piece of work runs exactly once, first in first out, on up to as many threads
 * as were asked for; destroying the pool lets the queue run empty; and limits are named when met.
 */
#include "async/thread_pool.h"

#include "base/list.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define WORKS 5000

struct piece {
    struct work work;
    struct thread_pool *pool;
    atomic_uint runs;
    unsigned thread, order;
    atomic_uint *counter; /* of all finished pieces */
    unsigned again;       /* how often it submits itself anew */
};

static struct piece pieces[WORKS];

static void run_piece(struct work *work, unsigned thread)
{
    struct piece *p = container_of(work, struct piece, work);

    p->thread = thread;
    p->order = atomic_fetch_add(p->counter, 1);
    atomic_fetch_add(&p->runs, 1);
    if (p->again > 0) {
        p->again--;
        thread_pool_submit(p->pool, work);
    }
}

static struct thread_pool *create(unsigned threads)
{
    struct thread_pool *pool = NULL;
    struct err err = {""};

    if (thread_pool_create(threads, 0, &pool, &err) != 0)
        fail_msg("no pool: %s", err.text);
    return pool;
}

static void submit(struct thread_pool *pool, size_t from, size_t to, atomic_uint *counter,
                   unsigned again)
{
    for (size_t i = from; i < to; i++) {
        pieces[i] =
            (struct piece){.work.fn = run_piece, .pool = pool, .counter = counter, .again = again};
        thread_pool_submit(pool, &pieces[i].work);
    }
}

static void test_all_work_is_done_once_before_the_pool_is_gone(void **state)
{
    const unsigned sizes[] = {1, 2, 4, 40};

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct thread_pool *pool = create(sizes[s]);
        atomic_uint counter = 0;

        submit(pool, 0, WORKS, &counter, 0);
        thread_pool_destroy(pool);
        assert_int_equal(atomic_load(&counter), WORKS);
        for (size_t i = 0; i < WORKS; i++) {
            assert_int_equal(atomic_load(&pieces[i].runs), 1);
            assert_true(pieces[i].thread < sizes[s]);
        }
    }
}

static void test_one_thread_keeps_the_order(void **state)
{
    struct thread_pool *pool = create(1);
    atomic_uint counter = 0;

    (void)state;
    submit(pool, 0, WORKS, &counter, 0);
    thread_pool_destroy(pool);
    for (size_t i = 0; i < WORKS; i++)
        assert_int_equal(pieces[i].order, i);
}

static void test_work_may_submit_work_while_the_pool_ends(void **state)
{
    struct thread_pool *pool = create(3);
    atomic_uint counter = 0;

    (void)state;
    submit(pool, 0, 20, &counter, 99);
    thread_pool_destroy(pool);
    assert_int_equal(atomic_load(&counter), 2000);
}

static void test_an_idle_pool_wakes_up_for_each_piece(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 3; threads++) {
        struct thread_pool *pool = create(threads);
        atomic_uint counter = 0;

        for (size_t i = 0; i < 100; i++) {
            submit(pool, i, i + 1, &counter, 0);
            while (atomic_load(&counter) < i + 1)
                sched_yield();
        }
        thread_pool_destroy(pool);
    }
}

struct submitter {
    struct thread_pool *pool;
    size_t from;
    atomic_uint *counter;
};

static void *submit_part(void *arg)
{
    struct submitter *s = arg;

    submit(s->pool, s->from, s->from + WORKS / 4, s->counter, 0);
    return NULL;
}

static void test_any_thread_may_submit(void **state)
{
    struct thread_pool *pool = create(2);
    struct submitter parts[4];
    pthread_t threads[4];
    atomic_uint counter = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        parts[i] = (struct submitter){pool, i * WORKS / 4, &counter};
        assert_int_equal(pthread_create(&threads[i], NULL, submit_part, &parts[i]), 0);
    }
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    thread_pool_destroy(pool);
    assert_int_equal(atomic_load(&counter), WORKS);
}

struct meeting {
    struct work work;
    pthread_barrier_t *barrier;
    unsigned thread;
    bool interruptible; /* by SIGINT */
    bool feels;         /* a fault's handler is called */
};

static void meet(struct work *work, unsigned thread)
{
    struct meeting *m = container_of(work, struct meeting, work);
    sigset_t blocked;

    m->thread = thread;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    m->interruptible = !sigismember(&blocked, SIGINT);
    m->feels = !sigismember(&blocked, SIGSEGV) && !sigismember(&blocked, SIGFPE);
    pthread_barrier_wait(m->barrier);
}

/* Work that waits for the other work ends only if all of it runs at the same time. */
static void test_as_many_threads_run_as_were_asked_for(void **state)
{
    struct thread_pool *pool = create(8);
    struct meeting meetings[8];
    pthread_barrier_t barrier;
    unsigned seen = 0;
    sigset_t mine;

    (void)state;
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_false(sigismember(&mine, SIGINT)); /* the pool blocks signals in its threads only */
    pthread_barrier_init(&barrier, NULL, 8);
    for (size_t i = 0; i < 8; i++) {
        meetings[i] = (struct meeting){.work.fn = meet, .barrier = &barrier};
        thread_pool_submit(pool, &meetings[i].work);
    }
    thread_pool_destroy(pool);
    pthread_barrier_destroy(&barrier);
    for (size_t i = 0; i < 8; i++) {
        seen |= 1u << meetings[i].thread;
        assert_false(meetings[i].interruptible);
        assert_true(meetings[i].feels);
    }
    assert_int_equal(seen, 0xff);
}

static void test_the_default_size_is_pythons(void **state)
{
    cpu_set_t before, one;
    int cores, first = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    cores = CPU_COUNT(&before);
    assert_int_equal(thread_pool_default_size(), cores + 4 < 32 ? cores + 4 : 32);
    while (!CPU_ISSET(first, &before))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(thread_pool_default_size(), 5);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static void use_stack(struct work *work, unsigned thread)
{
    volatile char large[3 << 20];

    (void)thread;
    for (size_t i = 0; i < sizeof large; i += 4096)
        large[i] = 1;
    container_of(work, struct meeting, work)->thread = large[0];
}

static void test_the_stack_size_is_as_asked(void **state)
{
    struct meeting m = {.work.fn = use_stack};
    struct thread_pool *pool;
    struct err err = {""};

    (void)state;
    assert_int_equal(thread_pool_create(2, 16 << 20, &pool, &err), 0);
    thread_pool_submit(pool, &m.work);
    thread_pool_destroy(pool);
    thread_pool_destroy(NULL);
    assert_int_equal(m.thread, 1);
}

static void test_stacks_that_cannot_be_had_fail_with_a_reason(void **state)
{
    struct thread_pool *pool;
    struct err err = {""};

    (void)state;
    assert_true(thread_pool_create(4, (size_t)1 << 46, &pool, &err) < 0);
    assert_non_null(strstr(err.text, "0 of 4"));
    assert_int_equal(thread_pool_create(4, 1, &pool, &err), -EINVAL);
    assert_true(thread_pool_create(4, 1, &pool, NULL) < 0);
}

/* The limit does not hold for root, so become somebody else. */
static void create_beyond_the_limit(void *arg)
{
    struct thread_pool *pool;
    struct err err = {""};

    if ((getuid() == 0 && setuid(65534) != 0) || setrlimit(RLIMIT_NPROC, arg) != 0)
        _exit(77);
    if (thread_pool_create(8, 0, &pool, &err) != -EAGAIN)
        _exit(1);
    _exit(strstr(err.text, "of 8 threads") && strstr(err.text, "ulimit -u") ? 0 : 2);
}

static void test_the_limit_on_processes_is_named(void **state)
{
    struct rlimit limit = {3, 3};
    int result = test_async_fork(create_beyond_the_limit, &limit);

    (void)state;
    if (result == -77) {
        print_message("cannot become a user for whom the limit holds\n");
        skip();
    }
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_work_is_done_once_before_the_pool_is_gone),
        cmocka_unit_test(test_one_thread_keeps_the_order),
        cmocka_unit_test(test_work_may_submit_work_while_the_pool_ends),
        cmocka_unit_test(test_an_idle_pool_wakes_up_for_each_piece),
        cmocka_unit_test(test_any_thread_may_submit),
        cmocka_unit_test(test_as_many_threads_run_as_were_asked_for),
        cmocka_unit_test(test_the_default_size_is_pythons),
        cmocka_unit_test(test_the_stack_size_is_as_asked),
        cmocka_unit_test(test_stacks_that_cannot_be_had_fail_with_a_reason),
        cmocka_unit_test(test_the_limit_on_processes_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
