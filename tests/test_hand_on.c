/* The promise: tasks that hand the thread straight to each other, and tasks that begin on the stack
 * of one that has ended, do what they would do if the loop ran each. In debug mode it does. */
#include "async/gather.h"
#include "async/loop.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <fenv.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define TASKS     7
#define TURNS     200
#define NEVER_NS  (1000 * NS_PER_S) /* debug mode that reports nothing */
#define STEPS_MAX 1000000000
#define WAYS      3
#define FIRST     500 /* yields: the loop looks at each of its first steps itself */

struct call {
    coro_fn *fn;
    void *arg;
};

static int call_warm(void *arg)
{
    const struct call *call = arg;

    for (int i = 0; i < FIRST; i++)
        EXPECT(task_yield() == 0);
    return call->fn(call->arg);
}

/* Run fn(arg) where tasks hand on, where parkable ones share a stack, and in debug mode. */
static void run_each_way(coro_fn *fn, void *arg, int expected)
{
    static const struct loop_options ways[WAYS] = {{0}, {.homes = 1}, {.slow_ns = NEVER_NS}};
    struct call call = {fn, arg};

    for (size_t i = 0; i < WAYS; i++) {
        struct loop *loop;

        assert_int_equal(loop_create(&ways[i], &loop), 0);
        assert_int_equal(loop_run(loop, coro_create(call_warm, &call)), expected);
        loop_destroy(loop);
    }
}

/* Make a task of the kind that `i` is of: three of one, then three of the other. */
static struct task *make(int i, coro_fn *fn, void *arg)
{
    return (i / 3 % 2 == 0 ? task_create : task_create_parkable)(coro_create(fn, arg));
}

static int make_and_gather(coro_fn *fn, void *args, size_t stride)
{
    struct awaitable *all[TASKS];
    int err;

    for (int i = 0; i < TASKS; i++)
        all[i] = task_awaitable(make(i, fn, (char *)args + (size_t)i * stride));
    err = task_gather(all, TASKS, NULL);
    for (int i = 0; i < TASKS; i++)
        task_release(task_from_awaitable(all[i]));
    return err;
}

/* ---- Order, and how many steps that takes ---- */

static struct {
    char log[TASKS * TURNS + 1];
    size_t n;
} said;

static int take_turns(void *arg)
{
    for (int i = 0; i < TURNS; i++) {
        said.log[said.n++] = *(const char *)arg;
        EXPECT(task_yield() == 0);
    }
    return 0;
}

static int say_in_turn(void *arg)
{
    static const char letters[TASKS] = {'a', 'b', 'c', 'd', 'e', 'f', 'g'};
    uint64_t switches = loop_switches(loop_running());

    (void)arg;
    said.n = 0;
    EXPECT(make_and_gather(take_turns, (void *)letters, 1) == 0);
    for (size_t i = 0; i < said.n; i++)
        EXPECT(said.log[i] == letters[i % TASKS]);
    /* Each of the tasks was run once more than it said something, and this one once a task at most:
     * it waits for them in turn. */
    switches = loop_switches(loop_running()) - switches;
    EXPECT(switches > (uint64_t)TASKS * (TURNS + 1) &&
           switches <= (uint64_t)TASKS * (TURNS + 1) + TASKS);
    return (int)switches;
}

static void test_tasks_take_turns_in_order(void **state)
{
    struct loop_options debug = {.slow_ns = NEVER_NS};
    struct loop *loop;
    int switches;

    (void)state;
    assert_int_equal(loop_create(&debug, &loop), 0);
    switches = loop_run(loop, coro_create(say_in_turn, NULL));
    loop_destroy(loop);
    assert_true(switches > 0);
    run_each_way(say_in_turn, NULL, switches);
}

/* ---- Rounding modes ---- */

static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_TONEAREST, FE_TOWARDZERO};

struct rounder {
    int mode, turns;
};

static int called_with; /* the mode of the loop */

static void note_mode(void *arg)
{
    (void)arg;
    called_with |= fegetround();
}

/* Waits in each of the ways, with the mode set now and then, and ends with it. */
static int round_on(void *arg)
{
    const struct rounder *r = arg;

    EXPECT(fegetround() == FE_TONEAREST);
    for (int i = 0; i < r->turns; i++) {
        int mode = i % 3 == 2 ? FE_TONEAREST : r->mode;

        fesetround(mode);
        EXPECT(loop_call_soon(loop_running(), note_mode, NULL) == 0);
        EXPECT((i % 5 == 4 ? task_sleep(1000) : task_yield()) == 0);
        EXPECT(fegetround() == mode);
    }
    fesetround(r->mode);
    return 0;
}

static int round_all(void *arg)
{
    struct rounder rounders[TASKS];

    (void)arg;
    called_with = FE_TONEAREST;
    for (int turns = 0; turns < TURNS; turns += turns / 2 + 1) {
        for (int i = 0; i < TASKS; i++)
            rounders[i] =
                (struct rounder){modes[(size_t)i % (sizeof modes / sizeof modes[0])], turns};
        EXPECT(make_and_gather(round_on, rounders, sizeof rounders[0]) == 0);
        EXPECT(fegetround() == FE_TONEAREST && called_with == FE_TONEAREST);
    }
    return 0;
}

static void test_each_keeps_its_rounding_mode(void **state)
{
    (void)state;
    run_each_way(round_all, NULL, 0);
}

/* ---- What happens when a task ends, before the next one begins ---- */

static int end_at_once(void *arg)
{
    (void)arg;
    return 1;
}

static int must_not_run(void *arg)
{
    *(bool *)arg = true;
    return 0;
}

struct canceler {
    struct future_watcher watcher;
    struct task *victim;
};

static void cancel_victim(struct future_watcher *watcher, struct future *f)
{
    struct canceler *c = container_of(watcher, struct canceler, watcher);

    (void)f;
    if (task_current() == NULL)
        task_cancel(c->victim);
}

static int cancel_the_next(void *arg)
{
    (void)arg;
    for (int i = 0; i < 12; i++) {
        bool ran = false;
        uint64_t switches = loop_switches(loop_running());
        struct canceler c = {.watcher.tell = cancel_victim};
        struct task *first = make(i, end_at_once, NULL), *last;

        c.victim = make(i / 2, must_not_run, &ran);
        last = make(i, end_at_once, NULL);
        future_watch(task_future(first), &c.watcher);
        EXPECT(task_await(last) == 1 && task_done(c.victim));
        EXPECT(loop_switches(loop_running()) == switches + 3); /* two tasks, and this one */
        EXPECT(task_result(first) == 1 && task_result(c.victim) == -ECANCELED && !ran);
        task_release(first);
        task_release(c.victim);
        task_release(last);
    }
    return 0;
}

static void test_what_watches_a_task_can_cancel_the_next(void **state)
{
    (void)state;
    run_each_way(cancel_the_next, NULL, 0);
}

static int cancel_before_it_follows(void *arg)
{
    (void)arg;
    for (int i = 0; i < 12; i++) {
        bool ran = false;
        struct task *first = make(i, end_at_once, NULL);
        struct task *victim = make(i / 2, must_not_run, &ran);

        task_cancel(victim);
        EXPECT(task_await(victim) == -ECANCELED && !ran && task_result(first) == 1);
        task_release(first);
        task_release(victim);
    }
    return 0;
}

static void test_a_task_that_was_canceled_does_not_follow(void **state)
{
    (void)state;
    run_each_way(cancel_before_it_follows, NULL, 0);
}

static volatile int *lent;

static int lend(void *arg)
{
    volatile int value = 1;

    (void)arg;
    lent = &value;
    EXPECT(task_yield() == 0 && task_yield() == 0);
    return value;
}

static int write_to_lent(void *arg)
{
    (void)arg;
    *lent = 2;
    return task_yield();
}

/* Of three tasks, the one with a stack of its own begins between two that park. */
static int lend_own_stack(void *arg)
{
    struct task *first = task_create_parkable(coro_create(end_at_once, NULL));
    struct task *lender = task_create(coro_create(lend, NULL));
    struct task *last = task_create_parkable(coro_create(write_to_lent, NULL));

    (void)arg;
    EXPECT(task_await(first) == 1 && task_await(lender) == 2 && task_await(last) == 0);
    task_release(first);
    task_release(lender);
    task_release(last);
    return 0;
}

static void test_a_stack_of_its_own_is_not_shared(void **state)
{
    (void)state;
    run_each_way(lend_own_stack, NULL, 0);
}

/* Has an argument, a stack and a result of its own, also where it begins on another's stack. */
static int check_self(void *arg)
{
    const int *value = arg;
    volatile char frame[2048];

    memset((void *)frame, *value, sizeof frame);
    EXPECT(task_result(task_current()) == -EINPROGRESS);
    if (*value % 3 == 0)
        EXPECT(task_yield() == 0);
    for (size_t i = 0; i < sizeof frame; i++)
        EXPECT(frame[i] == (char)*value);
    return *value % 5 == 0 ? -EDOM : *value;
}

static int make_many(void *arg)
{
    enum { MANY = 100 };
    static int values[MANY];
    struct task *tasks[MANY];

    (void)arg;
    for (int i = 0; i < MANY; i++) {
        values[i] = i + 1;
        tasks[i] = make(i / 7, check_self, &values[i]);
    }
    for (int i = 0; i < MANY; i++) {
        EXPECT(task_await(tasks[i]) == (values[i] % 5 == 0 ? -EDOM : values[i]));
        task_release(tasks[i]);
    }
    return loop_all_tasks(loop_running(), NULL, 0) == 1 ? 0 : -EBUSY;
}

static void test_tasks_that_end_leave_their_stacks(void **state)
{
    (void)state;
    run_each_way(make_many, NULL, 0);
}

struct releaser {
    struct future_watcher watcher;
    struct task *task;
};

static void release(struct future_watcher *watcher, struct future *f)
{
    (void)f;
    task_release(container_of(watcher, struct releaser, watcher)->task);
}

static int release_at_the_end(void *arg)
{
    (void)arg;
    for (int i = 0; i < 6; i += 3) {
        struct releaser r = {.watcher.tell = release, .task = make(i, end_at_once, NULL)};
        struct task *next = make(i, end_at_once, NULL), *again;

        future_watch(task_future(r.task), &r.watcher);
        EXPECT(task_await(next) == 1);
        task_release(next);
        next = make(i, end_at_once, NULL); /* in the memory that was released */
        again = make(i, end_at_once, NULL);
        EXPECT(next != again && task_await(next) == 1 && task_await(again) == 1);
        task_release(next);
        task_release(again);
    }
    return 0;
}

static void test_what_watches_a_task_can_release_it(void **state)
{
    (void)state;
    run_each_way(release_at_the_end, NULL, 0);
}

/* ---- A task that yields alone goes on where it was ---- */

static int yield_deep(unsigned depth)
{
    volatile char frame[256];
    int err;

    memset((void *)frame, (int)depth, sizeof frame);
    err = depth == 0 ? task_yield() : yield_deep(depth - 1);
    for (size_t i = 0; i < sizeof frame; i++)
        EXPECT(frame[i] == (char)depth);
    return err;
}

static int yield_alone(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 10 * TURNS; i++)
        EXPECT(yield_deep(i % 5) == 0);
    return 0;
}

static void test_a_task_alone_goes_on_where_it_yields(void **state)
{
    (void)state;
    run_each_way(yield_alone, NULL, 0);
}

/* ---- Nothing waits for tasks that go on and on ---- */

static bool over;

static int go_on(void *arg)
{
    (void)arg;
    for (int i = 0; !over && i < STEPS_MAX; i++)
        if (task_yield() < 0)
            return -ECANCELED;
    return over ? 0 : -ETIME;
}

static void set_over(void *arg)
{
    (void)arg;
    over = true;
}

static int call_later(void *arg)
{
    return loop_call_soon_threadsafe(arg, set_over, NULL);
}

/* A timer, a call in a thread, a callback, and one from a thread. */
static int end_by(int way)
{
    over = false;
    switch (way) {
    case 0:
        EXPECT(task_sleep(NS_PER_MS) == 0);
        over = true;
        break;
    case 1:
        EXPECT(loop_run_in_executor(loop_running(), NULL, end_at_once, NULL) == 1);
        over = true;
        break;
    case 2:
        EXPECT(loop_call_soon(loop_running(), set_over, NULL) == 0);
        break;
    default:
        EXPECT(loop_run_in_executor(loop_running(), NULL, call_later, loop_running()) == 0);
    }
    return 0;
}

static int end_in_each_way(void *arg)
{
    (void)arg;
    for (int way = 0; way < 4; way++) {
        struct task *tasks[TASKS];

        over = false;
        for (int i = 0; i < TASKS; i++)
            tasks[i] = make(i, go_on, NULL);
        EXPECT(task_yield() == 0);
        EXPECT(end_by(way) == 0);
        for (int i = 0; i < TASKS; i++) {
            EXPECT(task_await(tasks[i]) == 0);
            task_release(tasks[i]);
        }
    }
    return 0;
}

static void test_nothing_waits_for_tasks_that_go_on(void **state)
{
    (void)state;
    run_each_way(end_in_each_way, NULL, 0);
}

/* ---- What is due at the end of a pass comes before the pass after the next ---- */

#define PASSES 3
#define OFTEN  20 /* a look at the clock would end a pass, too */

static int yield_on(void *arg)
{
    (void)arg;
    for (int i = 0; i < PASSES; i++)
        EXPECT(task_yield() == 0);
    return 0;
}

static int post(void *arg)
{
    return sem_post(arg);
}

static int post_in_thread(void *arg)
{
    return loop_run_in_executor(loop_running(), NULL, post, arg);
}

/* It lets nobody run while it waits for the thread. */
static int yield_on_and_take(void *arg)
{
    struct timespec late = {.tv_sec = time(NULL) + 10};

    EXPECT(yield_on(NULL) == 0);
    return sem_timedwait(arg, &late) == 0 ? 0 : -ETIME;
}

static int look_soon(void *arg)
{
    (void)arg;
    over = false;
    EXPECT(loop_call_soon_threadsafe(loop_running(), set_over, NULL) == 0);
    loop_poll_soon(loop_running());
    EXPECT(yield_on(NULL) == 0);
    return over ? 0 : -ETIME;
}

/* Beside a task that yields. */
static int run_both(coro_fn *one, coro_fn *other, void *arg)
{
    struct task *tasks[] = {make(0, one, arg), make(0, other, arg), make(0, yield_on, arg)};
    int err = 0;

    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        int result = task_await(tasks[i]);

        err = err < 0 ? err : result;
        task_release(tasks[i]);
    }
    return err;
}

static int end_passes(void *arg)
{
    sem_t posted;

    (void)arg;
    EXPECT(sem_init(&posted, 0, 0) == 0);
    for (int i = 0; i < OFTEN; i++) {
        EXPECT(run_both(post_in_thread, yield_on_and_take, &posted) == 0);
        EXPECT(run_both(look_soon, yield_on, NULL) == 0);
    }
    return sem_destroy(&posted);
}

static void test_tasks_that_go_on_end_their_passes(void **state)
{
    (void)state;
    run_each_way(end_passes, NULL, 0);
}

/* The main task ends while others go on: the loop ends them. */
static int leave_them(void *arg)
{
    (void)arg;
    over = false;
    for (int i = 0; i < TASKS; i++)
        task_release(make(i, go_on, NULL));
    EXPECT(task_yield() == 0);
    return 5;
}

static void test_the_main_task_ends_the_run(void **state)
{
    (void)state;
    run_each_way(leave_them, NULL, 5);
}

static int count(void *arg)
{
    ++*(int *)arg;
    return 0;
}

static int counted;

static int count_on(void *arg)
{
    for (;;) {
        ++*(int *)arg;
        if (task_yield() < 0)
            return 0;
    }
}

/* The main task is the first of its pass: the others run once more. */
static int leave_first(void *arg)
{
    struct task *wakes = task_create(coro_create(end_at_once, NULL));

    (void)arg;
    for (int i = 0; i < TASKS; i++)
        task_release(make(i, count_on, &counted));
    EXPECT(task_await(wakes) == 1);
    task_release(wakes);
    return 7;
}

static void test_the_pass_of_the_main_task_is_the_last(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) { /* a look at the clock would end a pass, too */
        counted = 0;
        run_each_way(leave_first, NULL, 7);
        assert_int_equal(counted, WAYS * 2 * TASKS);
    }
}

/* The main task is the last of its pass. The tasks that it made belong to the next. */
static int leave_at_once(void *arg)
{
    (void)arg;
    for (int i = 0; i < TASKS; i++)
        task_release(make(i, count, &counted));
    return 6;
}

static void test_no_task_begins_after_the_main_task(void **state)
{
    (void)state;
    counted = 0;
    run_each_way(leave_at_once, NULL, 6);
    assert_int_equal(counted, 0);
}

/* ---- What is called when a task ends has the loop's modes, as has the task that begins ---- */

static int end_rounding_up(void *arg)
{
    (void)arg;
    fesetround(FE_UPWARD);
    return 0;
}

static void note_mode_at_end(struct future_watcher *watcher, struct future *f)
{
    (void)f;
    note_mode(watcher);
}

static int begin_rounding(void *arg)
{
    note_mode(arg);
    return 0;
}

static int end_with_other_modes(void *arg)
{
    (void)arg;
    called_with = FE_TONEAREST;
    for (int i = 0; i < 6; i += 3) {
        struct task *first = make(i, end_rounding_up, NULL);
        struct task *second = make(i, begin_rounding, NULL);
        struct future_watcher watcher = {.tell = note_mode_at_end};

        future_watch(task_future(first), &watcher);
        EXPECT(task_await(first) == 0 && task_await(second) == 0);
        task_release(first);
        task_release(second);
    }
    EXPECT(called_with == FE_TONEAREST);
    return 0;
}

static void test_nothing_inherits_the_modes_of_a_task_that_ends(void **state)
{
    (void)state;
    run_each_way(end_with_other_modes, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tasks_take_turns_in_order),
        cmocka_unit_test(test_each_keeps_its_rounding_mode),
        cmocka_unit_test(test_what_watches_a_task_can_cancel_the_next),
        cmocka_unit_test(test_a_task_that_was_canceled_does_not_follow),
        cmocka_unit_test(test_a_stack_of_its_own_is_not_shared),
        cmocka_unit_test(test_tasks_that_end_leave_their_stacks),
        cmocka_unit_test(test_what_watches_a_task_can_release_it),
        cmocka_unit_test(test_a_task_alone_goes_on_where_it_yields),
        cmocka_unit_test(test_nothing_waits_for_tasks_that_go_on),
        cmocka_unit_test(test_tasks_that_go_on_end_their_passes),
        cmocka_unit_test(test_the_main_task_ends_the_run),
        cmocka_unit_test(test_the_pass_of_the_main_task_is_the_last),
        cmocka_unit_test(test_no_task_begins_after_the_main_task),
        cmocka_unit_test(test_nothing_inherits_the_modes_of_a_task_that_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
