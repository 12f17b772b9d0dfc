/* The promise: the loop runs callbacks and tasks in the order in which they became ready, sleeps
 * until there is more, lets nobody starve timers or libuv, and leaves nothing behind. */
#include "async/loop.h"

#include "support/test_async_loop.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct note {
    char *log;
    char letter;
    int again;
};

static void write_note(void *arg)
{
    struct note *n = arg;

    n->log[strlen(n->log)] = n->letter;
    if (n->again-- > 0)
        loop_call_soon(loop_running(), write_note, n);
}

static int note_task(void *arg)
{
    write_note(arg);
    return 0;
}

static int mix_callbacks_and_tasks(void *arg)
{
    struct loop *loop = loop_running();
    struct note a = {arg, 'a', 1}, b = {arg, 'b', 0}, c = {arg, 'c', 0}, d = {arg, 'd', 0};
    struct task *tb, *td;

    EXPECT(loop_call_soon(loop, write_note, &a) == 0);
    tb = task_create(coro_create(note_task, &b));
    EXPECT(loop_call_soon(loop, write_note, &c) == 0);
    td = task_create(coro_create(note_task, &d));
    EXPECT(strcmp(arg, "") == 0);
    EXPECT(task_yield() == 0);
    EXPECT(strcmp(arg, "abcd") == 0); /* what a callback adds belongs to the next turn */
    EXPECT(task_yield() == 0);
    EXPECT(strcmp(arg, "abcda") == 0);
    task_release(tb);
    task_release(td);
    return 0;
}

static void test_callbacks_and_tasks_run_in_order(void **state)
{
    char log[16] = "";

    (void)state;
    assert_int_equal(test_async_run(mix_callbacks_and_tasks, log), 0);
}

static void start_task(void *arg)
{
    struct note *n = arg;

    write_note(n);
    n->again = task_current() == NULL && loop_running() != NULL;
    task_release(task_create(coro_create(note_task, n)));
}

static int start_from_callback(void *arg)
{
    struct note n = {arg, 'x', 0};

    EXPECT(loop_call_soon(loop_running(), start_task, &n) == 0);
    while (strcmp(arg, "xxx") != 0)
        EXPECT(task_sleep(0) == 0);
    return 0;
}

static void test_a_callback_may_start_tasks(void **state)
{
    char log[16] = "";

    (void)state;
    assert_int_equal(test_async_run(start_from_callback, log), 0);
}

static int return_arg(void *arg)
{
    return *(int *)arg;
}

static void test_a_loop_can_run_again(void **state)
{
    int results[] = {3, -EIO, 0};
    struct loop *loop;

    (void)state;
    assert_int_equal(loop_create(NULL, &loop), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(loop_run(loop, coro_create(return_arg, &results[i])), results[i]);
    assert_int_equal(loop_run(loop, NULL), -ENOMEM);
    assert_int_equal(loop_run(loop, coro_create(return_arg, &results[0])), 3);
    loop_destroy(loop);
}

static int run_nested(void *arg)
{
    struct loop *other;
    int value = 1;

    EXPECT(loop_running() == arg);
    EXPECT(loop_run(arg, coro_create(return_arg, &value)) == -EBUSY);
    EXPECT(loop_create(NULL, &other) == 0);
    EXPECT(loop_run(other, coro_create(return_arg, &value)) == -EBUSY);
    loop_destroy(other);
    EXPECT(loop_running() == arg);
    return 0;
}

static void run_nested_loop(void *arg)
{
    struct loop *loop;

    assert_null(loop_running());
    assert_int_equal(loop_create(NULL, &loop), 0);
    *(int *)arg = loop_run(loop, coro_create(run_nested, loop));
    assert_null(loop_running());
    loop_destroy(loop);
}

static void test_a_nested_run_is_refused(void **state)
{
    char text[512];
    int result = 1;

    (void)state;
    test_async_stderr(run_nested_loop, &result, text, sizeof text);
    assert_int_equal(result, 0);
    assert_non_null(strstr(text, "'return_arg' was never awaited")); /* consumed all the same */
}

struct leftover {
    struct future never;
    int wait_result, cleanup_result;
    bool cleaned_up;
};

static int clean_up_when_canceled(void *arg)
{
    struct leftover *l = arg;

    l->wait_result = future_await(&l->never);
    l->cleanup_result = task_sleep(2 * NS_PER_MS);
    l->cleaned_up = true;
    return 0;
}

static int leave_tasks(void *arg)
{
    struct leftover *l = arg;

    for (int i = 0; i < 3; i++) {
        future_init(&l[i].never);
        task_release(task_create(coro_create(clean_up_when_canceled, &l[i])));
        if (i < 2)
            EXPECT(task_yield() == 0); /* the last one does not start */
    }
    return 5;
}

static void test_what_is_unfinished_at_the_end_is_canceled_and_outwaited(void **state)
{
    struct leftover l[3] = {{.wait_result = 1}, {.wait_result = 1}, {.wait_result = 1}};

    (void)state;
    assert_int_equal(test_async_run(leave_tasks, l), 5);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(l[i].wait_result, -ECANCELED);
        assert_int_equal(l[i].cleanup_result, 0);
        assert_true(l[i].cleaned_up);
    }
    assert_int_equal(l[2].wait_result, 1);
}

static void leave_more_callbacks(void *arg)
{
    write_note(arg);
    loop_call_soon(loop_running(), write_note, arg);
    loop_call_soon_threadsafe(loop_running(), write_note, arg);
}

static void complete(void *arg)
{
    future_set_result(arg, 0);
}

static void note_done(struct future *f, void *arg)
{
    (void)f;
    write_note(arg);
}

struct due {
    struct note note;
    struct future future;
    struct done_callback callback;
};

static int leave_callbacks(void *arg)
{
    struct due *d = arg;

    future_init(&d->future);
    future_add_done_callback(&d->future, &d->callback, note_done, &d->note);
    EXPECT(loop_call_soon(loop_running(), complete, &d->future) == 0);
    EXPECT(loop_call_soon_threadsafe(loop_running(), leave_more_callbacks, &d->note) == 0);
    return 0;
}

/* From this thread and from others, with the calls that a call makes, and those of a future that a
 * call completes. */
static void test_calls_due_at_the_end_are_all_made(void **state)
{
    char log[16] = "";
    struct due d = {.note = {log, 'n', 0}};

    (void)state;
    assert_int_equal(test_async_run(leave_callbacks, &d), 0);
    assert_string_equal(log, "nnnn");
}

static void call_for_ever(void *arg)
{
    ++*(unsigned *)arg;
    loop_call_soon(loop_running(), call_for_ever, arg);
}

static int leave_endless_calls(void *arg)
{
    EXPECT(loop_call_soon(loop_running(), call_for_ever, arg) == 0);
    return 0;
}

static void test_a_call_that_comes_again_does_not_keep_the_loop(void **state)
{
    unsigned calls = 0;

    (void)state;
    assert_int_equal(test_async_run(leave_endless_calls, &calls), 0);
    assert_in_range(calls, 2, 1000);
}

/* Canceled, it makes another of its kind, and waits for that if `helped`. */
struct breeder {
    struct future never;
    bool helped;
    unsigned born;
    int helper_result;
};

static int nap_shortly(void *arg)
{
    (void)arg;
    return task_sleep(2 * NS_PER_MS);
}

static int breed(void *arg)
{
    struct breeder *b = arg;

    b->born++;
    if (future_await(&b->never) == -ECANCELED) {
        struct task *helper = b->helped ? task_create(coro_create(nap_shortly, NULL)) : NULL;

        if (helper != NULL)
            b->helper_result = task_await(helper);
        else
            task_release(task_create(coro_create(breed, arg)));
        task_release(helper);
    }
    return 0;
}

static int leave_breeder(void *arg)
{
    struct breeder *b = arg;

    future_init(&b->never);
    task_release(task_create(coro_create(breed, b)));
    EXPECT(task_yield() == 0);
    return 0;
}

static void test_tasks_that_make_others_when_canceled_end(void **state)
{
    struct breeder b = {0};

    (void)state;
    assert_int_equal(test_async_run(leave_breeder, &b), 0);
    assert_in_range(b.born, 1, 3);
}

static void test_a_task_that_is_made_to_clean_up_is_not_canceled(void **state)
{
    struct breeder b = {.helped = true, .helper_result = 1};

    (void)state;
    assert_int_equal(test_async_run(leave_breeder, &b), 0);
    assert_int_equal(b.helper_result, 0);
}

static int list_tasks(void *arg)
{
    struct leftover *l = arg;
    struct task *all[4] = {NULL}, *made;

    future_init(&l->never);
    made = task_create(coro_create(clean_up_when_canceled, l));
    EXPECT(loop_all_tasks(loop_running(), NULL, 0) == 2);
    EXPECT(loop_all_tasks(loop_running(), all, 1) == 2);
    EXPECT(all[0] == task_current() && all[1] == NULL);
    EXPECT(loop_all_tasks(loop_running(), all, 4) == 2);
    EXPECT(all[0] == task_current() && all[1] == made && all[2] == NULL);
    task_cancel(made);
    task_release(made);
    return 0;
}

static void test_all_tasks_are_listed_as_far_as_there_is_room(void **state)
{
    struct leftover l;

    (void)state;
    assert_int_equal(test_async_run(list_tasks, &l), 0);
}

/* One pass of many tasks, in the first of which a timer falls due. */
struct crowd {
    uint64_t due_ns;
    bool woken; /* the sleeper */
    bool last_was_behind;
};

#define CROWD 500

static int sleep_until_due(void *arg)
{
    struct crowd *c = arg;

    EXPECT(task_sleep_until(c->due_ns) == 0);
    c->woken = true;
    return 0;
}

static int step_twice(void *arg)
{
    struct crowd *c = arg;

    while (clock_now_ns() < c->due_ns)
        ;
    task_yield();
    c->last_was_behind = c->woken;
    return 0;
}

static int crowd_out(void *arg)
{
    struct crowd *c = arg;
    struct task *tasks[CROWD + 1];

    c->due_ns = clock_now_ns() + NS_PER_S / 100;
    tasks[CROWD] = task_create(coro_create(sleep_until_due, c));
    for (int i = 0; i < CROWD; i++)
        tasks[i] = task_create(coro_create(step_twice, c));
    for (int i = 0; i <= CROWD; i++) {
        EXPECT(tasks[i] != NULL && task_await(tasks[i]) == 0);
        task_release(tasks[i]);
    }
    return 0;
}

static void test_a_timer_has_its_place_in_the_middle_of_a_pass(void **state)
{
    struct crowd c = {0};

    (void)state;
    assert_int_equal(test_async_run(crowd_out, &c), 0);
    assert_true(c.last_was_behind);
}

static int look_around(void *arg)
{
    const char *guard = loop_stack_guard(loop_running());
    uint64_t before_ns = clock_now_ns(), now_ns = loop_now();

    (void)arg;
    EXPECT(before_ns <= now_ns && now_ns <= clock_now_ns());
    EXPECT(strcmp(guard, "madvise") == 0 || strcmp(guard, "mprotect") == 0 ||
           strcmp(guard, "canary") == 0);
    return 0;
}

static void test_a_loop_knows_its_time_and_guard(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(look_around, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_callbacks_and_tasks_run_in_order),
        cmocka_unit_test(test_a_callback_may_start_tasks),
        cmocka_unit_test(test_a_loop_can_run_again),
        cmocka_unit_test(test_a_nested_run_is_refused),
        cmocka_unit_test(test_what_is_unfinished_at_the_end_is_canceled_and_outwaited),
        cmocka_unit_test(test_calls_due_at_the_end_are_all_made),
        cmocka_unit_test(test_a_call_that_comes_again_does_not_keep_the_loop),
        cmocka_unit_test(test_tasks_that_make_others_when_canceled_end),
        cmocka_unit_test(test_a_task_that_is_made_to_clean_up_is_not_canceled),
        cmocka_unit_test(test_all_tasks_are_listed_as_far_as_there_is_room),
        cmocka_unit_test(test_a_timer_has_its_place_in_the_middle_of_a_pass),
        cmocka_unit_test(test_a_loop_knows_its_time_and_guard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
