/* The promise: the loop looks at its timers after each step that is known to be long, and reads the
 * clock seldom while steps are short. The test has a clock of its own, which a step sets forward by
 * the time that it says it took. */
#include "async/loop.h"

#include "support/test_async_loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LONG_NS (10 * NS_PER_MS)
#define SLEEPS  50
#define LONGEST 128 /* steps from one look at the clock to the next */

#define LONG_TASKS_MAX  20
#define SHORT_TASKS_MAX 6

#define STEPS 100000

static uint64_t now_ns;
static unsigned looks; /* at the clock */

int __wrap_clock_gettime(clockid_t clock, struct timespec *t);

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
    (void)clock;
    looks++;
    *t = clock_timespec(now_ns);
    return 0;
}

/* Some tasks whose steps are long, some whose steps are short, and one that sleeps. */
struct scene {
    unsigned long_tasks, short_tasks;
    unsigned made;     /* long steps */
    unsigned most;     /* of them, during one sleep */
    uint64_t begin_ns; /* steps are short before */
    bool over;
};

static int step(void *arg, uint64_t span_ns)
{
    struct scene *s = arg;

    while (!s->over) {
        bool is_long = span_ns == LONG_NS && now_ns >= s->begin_ns;

        now_ns += is_long ? LONG_NS : 100;
        s->made += is_long;
        EXPECT(task_yield() == 0);
    }
    return 0;
}

static int step_long(void *arg)
{
    return step(arg, LONG_NS);
}

static int step_short(void *arg)
{
    return step(arg, 0);
}

static int sleep_often(void *arg)
{
    struct scene *s = arg;

    if (s->begin_ns > 0) { /* the loop finds in some sleeps that steps have become long */
        EXPECT(task_sleep_until(s->begin_ns + 1) == 0);
        EXPECT(s->made <= LONGEST);
        for (int i = 0; i < SLEEPS / 5; i++)
            EXPECT(task_sleep(LONG_NS / 2) == 0);
    }
    for (int i = 0; i < SLEEPS; i++) {
        unsigned before = s->made;

        EXPECT(task_sleep(LONG_NS / 2) == 0);
        s->most = s->made - before > s->most ? s->made - before : s->most;
    }
    s->over = true;
    return 0;
}

static int play(void *arg)
{
    struct scene *s = arg;
    struct task *tasks[1 + LONG_TASKS_MAX + SHORT_TASKS_MAX];
    unsigned n = 1 + s->long_tasks + s->short_tasks;

    for (unsigned i = 0; i < n; i++)
        tasks[i] = task_create(coro_create(i == 0               ? sleep_often
                                           : i <= s->long_tasks ? step_long
                                                                : step_short,
                                           s));
    for (unsigned i = 0; i < n; i++) {
        EXPECT(tasks[i] != NULL && task_await(tasks[i]) == 0);
        task_release(tasks[i]);
    }
    return 0;
}

/* A sleep ends in a long step of one task, and goes on behind the other ones and that one. */
static void play_all(uint64_t begin_ns)
{
    for (unsigned tasks = 2; tasks <= LONG_TASKS_MAX; tasks++)
        for (unsigned short_tasks = 0; short_tasks <= SHORT_TASKS_MAX; short_tasks++) {
            struct scene s = {
                .long_tasks = tasks, .short_tasks = short_tasks, .begin_ns = begin_ns};

            now_ns = NS_PER_S;
            assert_int_equal(test_async_run(play, &s), 0);
            assert_in_range(s.most, 1, tasks + 1);
        }
}

static void test_long_steps_keep_no_timer(void **state)
{
    (void)state;
    play_all(0);
}

/* Also where the steps that the loop looks at alone happen to be short. */
static void test_steps_that_become_long_keep_no_timer_either(void **state)
{
    (void)state;
    play_all(NS_PER_S + NS_PER_MS);
}

/* Yields of which each takes as long; but one of some is long, as where the thread lost its CPU. */
struct yields {
    uint64_t span_ns;
    int from_long;  /* to the next one */
    unsigned looks; /* meanwhile */
};

static int yield_often(void *arg)
{
    struct yields *y = arg;

    looks = 0;
    for (int i = 0; i < STEPS; i++) {
        now_ns += i % y->from_long == y->from_long / 2 ? LONG_NS : y->span_ns;
        EXPECT(task_yield() == 0);
    }
    y->looks = looks;
    return 0;
}

static void test_the_clock_is_read_seldom_while_steps_are_short(void **state)
{
    struct yields y = {.span_ns = 10, .from_long = STEPS};

    (void)state;
    now_ns = NS_PER_S;
    assert_int_equal(test_async_run(yield_often, &y), 0);
    assert_in_range(y.looks, STEPS / LONGEST, STEPS / LONGEST + 100);
}

/* As under a tool that runs the program slowly, on a busy machine. After 8 steps the loop looks at
 * libuv, and reads the clock once more when it comes back. */
static void test_steps_of_a_slow_program_are_not_long(void **state)
{
    struct yields y = {.span_ns = 20 * NS_PER_US, .from_long = STEPS / 100};

    (void)state;
    now_ns = NS_PER_S;
    assert_int_equal(test_async_run(yield_often, &y), 0);
    assert_in_range(y.looks, 2 * STEPS / 8 - 200, 2 * STEPS / 8 + 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_steps_keep_no_timer),
        cmocka_unit_test(test_steps_that_become_long_keep_no_timer_either),
        cmocka_unit_test(test_the_clock_is_read_seldom_while_steps_are_short),
        cmocka_unit_test(test_steps_of_a_slow_program_are_not_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
