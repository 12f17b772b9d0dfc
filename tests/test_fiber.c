/* The promise: a fiber keeps its place, its variables and its floating-point mode over every
 * switch, goes back to its resumer, and ends the process at its guard when it overruns its stack.
 */
#include "async/fiber.h"

#include "support/test_async_process.h"

#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct actor {
    struct fiber fiber;
    void *caller;
    struct actor *other;
    char *log;
    char letter;
    bool started;
    int turns;
    double value;
};

static int begin(void **state)
{
    struct stack_pool *pool = malloc(sizeof *pool);

    *state = pool;
    return pool == NULL ? -1 : stack_pool_init(pool, STACK_SIZE_DEFAULT, STACK_GUARD_MADVISE);
}

static int end(void **state)
{
    stack_pool_deinit(*state);
    free(*state);
    return 0;
}

/* Of the tests' own thread. */
static struct fiber_control control;

static void prepare(struct stack_pool *pool, struct actor *a, fiber_entry *entry)
{
    assert_int_equal(stack_acquire(pool, &a->fiber.stack), 0);
    fiber_control_read(&control);
    a->fiber.entry = entry;
    a->fiber.arg = a;
    a->started = false;
}

static struct actor *beginner;

/* Under AddressSanitizer a function that does not return would make system calls. */
static __attribute__((no_sanitize_address)) void first_step(struct fiber_transfer from)
{
    struct actor *a = beginner;

    fiber_begun(&a->fiber, from);
    a->fiber.result = a->fiber.entry(a->fiber.arg);
    fiber_end(&a->fiber, a->caller);
}

static void resume(struct actor *a)
{
    if (a->started) {
        fiber_control_load(&a->fiber.control);
        fiber_resume(&a->fiber, &a->caller);
    } else {
        a->started = true;
        beginner = a;
        fiber_start(&a->fiber, &a->fiber.stack, first_step, &a->caller);
    }
    if (!fiber_control_same(&a->fiber.control, &control))
        fiber_control_load(&control);
}

static void suspend(struct actor *a)
{
    fiber_control_read(&a->fiber.control);
    fiber_suspend(&a->fiber, a->caller);
}

static bool finished(const struct actor *a)
{
    return a->started && fiber_finished(&a->fiber);
}

static void give_back(struct stack_pool *pool, struct actor *a)
{
    if (a->started)
        fiber_deinit(&a->fiber);
    stack_release(pool, &a->fiber.stack);
}

static void say(struct actor *a)
{
    a->log[strlen(a->log)] = a->letter;
}

static int take_turns(void *arg)
{
    struct actor *a = arg;

    for (int i = 0; i < a->turns; i++) {
        say(a);
        suspend(a);
    }
    return 0;
}

static void test_nothing_runs_before_the_first_resume(void **state)
{
    char log[16] = "";
    struct actor a = {.log = log, .letter = 'a', .turns = 1};

    prepare(*state, &a, take_turns);
    assert_string_equal(log, "");
    assert_false(finished(&a));
    give_back(*state, &a);
}

static void test_fibers_alternate(void **state)
{
    char log[16] = "";
    struct actor a = {.log = log, .letter = 'a', .turns = 2};
    struct actor b = {.log = log, .letter = 'b', .turns = 3};

    prepare(*state, &a, take_turns);
    prepare(*state, &b, take_turns);
    while (!finished(&a) || !finished(&b)) {
        if (!finished(&a))
            resume(&a);
        if (!finished(&b))
            resume(&b);
    }
    assert_string_equal(log, "ababb");
    give_back(*state, &a);
    give_back(*state, &b);
}

static int resume_other(void *arg)
{
    struct actor *a = arg;

    say(a);
    resume(a->other);
    say(a);
    suspend(a);
    resume(a->other);
    say(a);
    return 0;
}

static void test_a_fiber_goes_back_to_its_resumer(void **state)
{
    char log[16] = "";
    struct actor inner = {.log = log, .letter = 'i', .turns = 2};
    struct actor outer = {.log = log, .letter = 'o', .other = &inner};

    prepare(*state, &inner, take_turns);
    prepare(*state, &outer, resume_other);
    resume(&outer);
    assert_string_equal(log, "oio");
    resume(&outer);
    assert_string_equal(log, "oioio");
    assert_true(finished(&outer));
    resume(&inner); /* another resumer now */
    assert_true(finished(&inner));
    give_back(*state, &inner);
    give_back(*state, &outer);
}

/* Variables that live in registers, vector arguments of printf (which fault on a stack that is not
 * aligned), and an own rounding mode. */
static int compute(void *arg)
{
    struct actor *a = arg;
    double x = a->value, y = x + 1, z = y * 2;
    char text[64];

    fesetround(FE_UPWARD);
    for (int i = 0; i < a->turns; i++) {
        suspend(a);
        x += 1;
        y += x;
        z += y;
    }
    snprintf(text, sizeof text, "%.1f", x + y + z);
    a->value = strtod(text, NULL);
    return fegetround();
}

static double computed(double x, int turns)
{
    double y = x + 1, z = y * 2;

    for (int i = 0; i < turns; i++) {
        x += 1;
        y += x;
        z += y;
    }
    return x + y + z;
}

static void test_variables_and_rounding_survive_switches(void **state)
{
    struct actor a[8];

    memset(a, 0, sizeof a);
    for (int i = 0; i < 8; i++) {
        a[i].value = i;
        a[i].turns = 50;
        prepare(*state, &a[i], compute);
    }
    for (int turn = 0; turn <= 50; turn++)
        for (int i = 0; i < 8; i++) {
            resume(&a[i]);
#if defined(__x86_64__) || defined(__i386__)
            assert_int_equal(fegetround(), FE_TONEAREST);
#endif
        }
    fesetround(FE_TONEAREST);
    for (int i = 0; i < 8; i++) {
        assert_true(finished(&a[i]));
        assert_true(a[i].value == computed(i, 50));
#if defined(__x86_64__) || defined(__i386__)
        assert_int_equal(a[i].fiber.result, FE_UPWARD);
#endif
        give_back(*state, &a[i]);
    }
}

/* Each frame is touched after its callees returned, so that no frame can be dropped. */
static unsigned descend(struct actor *a, unsigned frames)
{
    volatile char frame[512];
    unsigned deeper = 0;

    frame[0] = (char)frames;
    frame[511] = 1;
    if (frames > 0)
        deeper = descend(a, frames - 1);
    else
        suspend(a);
    return deeper + (unsigned)frame[511] + (frame[0] != (char)frames);
}

static int use_stack(void *arg)
{
    struct actor *a = arg;

    a->turns = (int)descend(a, (unsigned)a->turns);
    return 0;
}

static void test_the_stack_can_be_used_and_reused(void **state)
{
    for (int i = 0; i < 100; i++) {
        struct actor a = {.turns = 40};

        prepare(*state, &a, use_stack);
        resume(&a);
        assert_false(finished(&a));
        resume(&a);
        assert_true(finished(&a));
        assert_int_equal(a.turns, 41);
        give_back(*state, &a);
    }
}

static void overrun(void *arg)
{
    struct actor a = {.turns = 1000000};
    struct stack_pool pool;

    if (stack_pool_init(&pool, STACK_SIZE_DEFAULT, *(const enum stack_guard *)arg) != 0)
        _exit(1);
    prepare(&pool, &a, use_stack);
    if (a.fiber.stack.guard == STACK_GUARD_CANARY)
        _exit(2);
    resume(&a);
}

static void test_an_overrun_dies_at_the_guard(void **state)
{
    enum stack_guard kinds[] = {STACK_GUARD_MADVISE, STACK_GUARD_MPROTECT};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        int result = test_async_fork(overrun, &kinds[i]);

        if (result == -2) {
            print_message("this system has no guard pages\n");
            skip();
        }
        assert_int_equal(result, SIGSEGV);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_runs_before_the_first_resume, begin, end),
        cmocka_unit_test_setup_teardown(test_fibers_alternate, begin, end),
        cmocka_unit_test_setup_teardown(test_a_fiber_goes_back_to_its_resumer, begin, end),
        cmocka_unit_test_setup_teardown(test_variables_and_rounding_survive_switches, begin, end),
        cmocka_unit_test_setup_teardown(test_the_stack_can_be_used_and_reused, begin, end),
        cmocka_unit_test(test_an_overrun_dies_at_the_guard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
