/* The promise: what a parkable task holds on its stack is the same after every wait, however many
 * tasks share its home, however deep it is, and however the wait ends; who writes to a parked stack
 * is found; an overflow dies at the home's guard. */
#include "async/gather.h"
#include "async/loop.h"
#include "base/random.h"
#include "io/io_async.h"

#include "support/test_async_loop.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STORMERS 300
#define WAITS    25
#define DEPTH    40

struct storm {
    struct io *io;
    struct task *tasks[STORMERS];
    uint64_t canceled, timed_out, deep;
    int failures;
};

struct stormer {
    struct storm *storm;
    uint64_t number, step;
    int pipe[2];
};

static uint64_t draw(struct stormer *s, uint64_t below)
{
    return (uint64_t)(random_uniform(s->number, RANDOM_POISON, s->step++) * (double)below);
}

/* One wait of a kind that the number decides. */
static void wait_somehow(struct stormer *s)
{
    struct storm *storm = s->storm;
    uint64_t other = draw(s, STORMERS);
    char byte;
    int r = 0;

    switch (draw(s, 6)) {
    case 0:
        r = task_sleep(draw(s, 300000));
        break;
    case 1:
        r = task_sleep(draw(s, 3000));
        break;
    case 2:
        r = (int)io_read(storm->io, s->pipe[0], &byte, 1, clock_now_ns() + 200000);
        storm->timed_out += r == -ETIMEDOUT;
        storm->failures += r == 1 && byte != 'x';
        break;
    case 3:
        if (storm->tasks[other] != NULL && storm->tasks[other] != task_current())
            task_cancel(storm->tasks[other]);
        break;
    case 4:
        r = (int)io_write(storm->io, s->pipe[1], "x", 1, NO_DEADLINE);
        break;
    default:
        r = task_yield();
    }
    storm->canceled += r == -ECANCELED;
}

/* A frame full of the number, checked after the wait that the deepest one makes. */
static void descend(struct stormer *s, uint64_t frames)
{
    volatile uint64_t frame[16];

    for (size_t i = 0; i < 16; i++)
        frame[i] = s->number * 31 + frames + i;
    if (frames > 0)
        descend(s, frames - 1);
    else
        wait_somehow(s);
    for (size_t i = 0; i < 16; i++)
        s->storm->failures += frame[i] != s->number * 31 + frames + i;
}

static int storm_on(void *arg)
{
    struct stormer own = *(struct stormer *)arg; /* on this stack */

    for (int i = 0; i < WAITS; i++) {
        uint64_t frames = draw(&own, 4) == 0 ? draw(&own, DEPTH) : draw(&own, 3);

        own.storm->deep += frames > 20;
        descend(&own, frames);
    }
    own.storm->failures += own.number != ((struct stormer *)arg)->number;
    return 0;
}

static int run_storm(void *arg)
{
    static struct stormer stormers[STORMERS];
    struct storm *storm = arg;

    storm->io = io_async_create(loop_running());
    EXPECT(storm->io != NULL);
    for (uint64_t i = 0; i < STORMERS; i++) {
        struct coro *c = coro_create(storm_on, &stormers[i]);

        stormers[i] = (struct stormer){.storm = storm, .number = i + 1};
        EXPECT(c != NULL && pipe(stormers[i].pipe) == 0);
        storm->tasks[i] = i % 8 == 0 ? task_create(c) : task_create_parkable(c);
        EXPECT(storm->tasks[i] != NULL);
    }
    for (size_t i = 0; i < STORMERS; i++)
        task_await(storm->tasks[i]);
    for (size_t i = 0; i < STORMERS; i++)
        task_release(storm->tasks[i]);
    for (size_t i = 0; i < 2 * STORMERS; i++)
        io_close(storm->io, stormers[i / 2].pipe[i % 2]);
    io_destroy(storm->io);
    return 0;
}

static int run_with(const struct loop_options *options, coro_fn *fn, void *arg)
{
    struct loop *loop;
    int r = loop_create(options, &loop);

    if (r < 0)
        return r;
    r = loop_run(loop, coro_create(fn, arg));
    loop_destroy(loop);
    return r;
}

static void test_a_storm_changes_no_byte(void **state)
{
    const struct loop_options ways[] = {
        {.homes = 1}, {.homes = 3, .poison = true}, {.homes = 64}, {.poison = true}};

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct storm storm = {.failures = 0};

        assert_int_equal(run_with(&ways[i], run_storm, &storm), 0);
        assert_int_equal(storm.failures, 0);
        assert_true(storm.canceled > 0 && storm.timed_out > 0 && storm.deep > 0);
    }
}

/* ---- What the poison finds ---- */

#define TURNS 500 /* without poison, tasks have begun by then to hand on to each other */

static int lend(void *arg)
{
    volatile int lent = 0;

    for (int i = 0; i < TURNS; i++)
        EXPECT(task_yield() == 0);
    *(volatile int **)arg = &lent;
    return task_sleep(1000000);
}

static int write_to_a_parked_stack(void *arg)
{
    volatile int *lent = NULL;
    struct task *t = task_create_parkable(coro_create(lend, &lent));

    (void)arg;
    while (lent == NULL)
        task_yield();
    *lent = 1;
    return task_await(t);
}

static void run_the_lender(void *arg)
{
    struct loop_options options = {.poison = true};

    (void)arg;
    _exit(run_with(&options, write_to_a_parked_stack, NULL) != 0);
}

static void fork_the_lender(void *arg)
{
    *(int *)arg = test_async_fork(run_the_lender, NULL);
}

static void test_a_write_to_a_parked_stack_is_found(void **state)
{
    char text[512];
    int result;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message("sanitizers turn parking off\n");
    skip();
#endif
    test_async_stderr(fork_the_lender, &result, text, sizeof text);
    assert_int_equal(result, SIGABRT);
    assert_non_null(strstr(text, "stack of a parked task"));
    assert_non_null(strstr(text, "'lend'"));
}

/* ---- Overflow ---- */

static unsigned recurse(unsigned frames)
{
    volatile char frame[1024];
    unsigned deeper = 0;

    frame[0] = 1;
    if (frames > 0)
        deeper = recurse(frames - 1);
    frame[1023] = 1;
    return deeper + (unsigned)frame[0];
}

static int overflow(void *arg)
{
    task_yield();
    return (int)recurse(*(unsigned *)arg);
}

static int overflow_beside_another(void *arg)
{
    unsigned frames[2] = {10, *(unsigned *)arg};
    struct awaitable *tasks[2];
    int err;

    for (size_t i = 0; i < 2; i++)
        tasks[i] = task_awaitable(task_create_parkable(coro_create(overflow, &frames[i])));
    err = task_gather(tasks, 2, NULL);
    for (size_t i = 0; i < 2; i++)
        task_release(task_from_awaitable(tasks[i]));
    return err;
}

static void run_an_overflow(void *arg)
{
    struct loop_options options = {.homes = 1};

    if (run_with(&options, overflow_beside_another, arg) != 0)
        _exit(1);
}

static void test_an_overflow_dies_at_the_guard(void **state)
{
    unsigned fits = 40, too_many = 1000000;

    (void)state;
    assert_int_equal(test_async_fork(run_an_overflow, &fits), 0);
    assert_int_equal(test_async_fork(run_an_overflow, &too_many), SIGSEGV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_storm_changes_no_byte),
        cmocka_unit_test(test_a_write_to_a_parked_stack_is_found),
        cmocka_unit_test(test_an_overflow_dies_at_the_guard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
