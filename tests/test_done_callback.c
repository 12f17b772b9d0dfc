/* The promise: the loop calls a done callback once, soon after its future is done, in order, unless
 * it is taken back before; the call may free the future and the callback. */
#include "async/task.h"

#include "support/test_async_loop.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct note {
    struct done_callback callback;
    struct future *future;
    char *log, letter;
    int result;
};

static void write_note(struct future *f, void *arg)
{
    struct note *n = arg;

    n->log[strlen(n->log)] = n->letter;
    n->future = f;
    n->result = future_result(f);
}

static void add(struct future *f, struct note *n, char *log, char letter)
{
    *n = (struct note){.log = log, .letter = letter};
    future_add_done_callback(f, &n->callback, write_note, n);
}

static int call_in_order(void *arg)
{
    char log[8] = "";
    struct note a, b, c;
    struct future f;

    (void)arg;
    future_init(&f);
    add(&f, &a, log, 'a');
    add(&f, &b, log, 'b');
    EXPECT(task_yield() == 0 && strcmp(log, "") == 0);
    EXPECT(future_set_result(&f, 5) == 0 && strcmp(log, "") == 0); /* soon, not at once */
    add(&f, &c, log, 'c');                                         /* done already */
    EXPECT(strcmp(log, "") == 0 && task_yield() == 0 && strcmp(log, "abc") == 0);
    EXPECT(a.result == 5 && b.result == 5 && c.result == 5 && a.future == &f);
    EXPECT(!future_remove_done_callback(&a.callback)); /* over */
    EXPECT(task_yield() == 0 && strcmp(log, "abc") == 0);
    return 0;
}

static void test_they_are_called_once_soon_and_in_order(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(call_in_order, NULL), 0);
}

static int take_back(void *arg)
{
    char log[8] = "";
    struct note a, b, c;
    struct future f;

    (void)arg;
    future_init(&f);
    add(&f, &a, log, 'a');
    add(&f, &b, log, 'b');
    add(&f, &c, log, 'c');
    EXPECT(future_remove_done_callback(&b.callback));
    EXPECT(!future_remove_done_callback(&b.callback));
    future_set_error(&f, -EIO);
    EXPECT(!future_remove_done_callback(&c.callback)); /* due already: it comes */
    EXPECT(task_yield() == 0 && strcmp(log, "ac") == 0 && c.result == -EIO);
    return 0;
}

static void test_one_that_is_taken_back_is_not_called(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(take_back, NULL), 0);
}

static void free_both(struct future *f, void *arg)
{
    void **parts = arg;

    free(f);
    free(parts[0]);
    parts[1] = parts;
}

static int free_in_callback(void *arg)
{
    struct future *f = malloc(sizeof *f);
    struct done_callback *callback = malloc(sizeof *callback);
    void *parts[2] = {callback, NULL};

    (void)arg;
    EXPECT(f != NULL && callback != NULL);
    future_init(f);
    future_add_done_callback(f, callback, free_both, parts);
    future_set_result(f, 0);
    EXPECT(task_yield() == 0 && parts[1] == parts);
    return 0;
}

static void test_it_may_free_itself_and_the_future(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(free_in_callback, NULL), 0);
}

static int break_down(void *arg)
{
    (void)arg;
    return -EIO;
}

static void release_task(struct future *f, void *arg)
{
    struct task **t = arg;

    if (f == task_future(*t) && future_result(f) == -EIO)
        task_release(*t);
    *t = NULL;
}

static int watch_tasks(void *arg)
{
    char log[8] = "";
    struct note first, second;
    struct done_callback callback;
    struct task *t = task_create(coro_create(break_down, NULL)), *held;

    (void)arg;
    add(task_future(t), &first, log, 'a');
    add(task_future(t), &second, log, 'b');
    task_release(t); /* it stays for its callbacks */
    EXPECT(task_yield() == 0 && task_yield() == 0);
    EXPECT(strcmp(log, "ab") == 0 && first.result == -EIO && second.result == -EIO);

    held = task_create(coro_create(break_down, NULL));
    future_add_done_callback(task_future(held), &callback, release_task, &held);
    EXPECT(task_yield() == 0 && task_yield() == 0 && held == NULL);
    return 0;
}

static void run_watch_tasks(void *arg)
{
    *(int *)arg = test_async_run(watch_tasks, NULL);
}

static void test_a_released_task_stays_for_its_callbacks(void **state)
{
    char text[256];
    int result;

    (void)state;
    test_async_stderr(run_watch_tasks, &result, text, sizeof text);
    assert_int_equal(result, 0);
    assert_string_equal(text, ""); /* a callback counts as asking for the error */
}

struct ending {
    struct note notes[3];
    char log[8];
};

static int sleep_long(void *arg)
{
    (void)arg;
    return task_sleep(3600 * NS_PER_S);
}

static void watch_another(struct future *f, void *arg)
{
    struct ending *e = arg;
    struct task *t = task_create(coro_create(sleep_long, NULL));

    (void)f;
    add(task_future(t), &e->notes[2], e->log, 'c');
    task_release(t);
}

static int end_with_callbacks(void *arg)
{
    struct ending *e = arg;
    struct task *rest = task_create(coro_create(sleep_long, NULL));

    add(task_future(task_current()), &e->notes[0], e->log, 'm');
    add(task_future(rest), &e->notes[1], e->log, 'r');
    task_release(rest);
    return 3;
}

static int end_with_a_late_one(void *arg)
{
    struct ending *e = arg;

    future_add_done_callback(task_future(task_current()), &e->notes[0].callback, watch_another, e);
    return 4;
}

static void test_those_due_when_the_loop_ends_are_called(void **state)
{
    struct ending e = {.log = ""};

    (void)state;
    assert_int_equal(test_async_run(end_with_callbacks, &e), 3);
    assert_string_equal(e.log, "mr");
    assert_int_equal(e.notes[0].result, 3);
    assert_int_equal(e.notes[1].result, -ECANCELED);

    /* What a last callback starts is ended, and its callbacks are called. */
    e = (struct ending){.log = ""};
    assert_int_equal(test_async_run(end_with_a_late_one, &e), 4);
    assert_string_equal(e.log, "c");
}

static int do_nothing(void *arg)
{
    (void)arg;
    return 0;
}

struct outside {
    struct note note;
    struct future future;
    char log[4];
};

static int add_only(void *arg)
{
    struct outside *o = arg;

    future_init(&o->future);
    add(&o->future, &o->note, o->log, 'o');
    return 0;
}

static void test_a_future_set_between_runs_is_told_in_the_next(void **state)
{
    struct outside o = {.log = ""};
    struct loop *loop;

    (void)state;
    assert_int_equal(loop_create(NULL, &loop), 0);
    assert_int_equal(loop_run(loop, coro_create(add_only, &o)), 0);
    assert_int_equal(future_set_result(&o.future, 9), 0);
    assert_string_equal(o.log, "");
    assert_int_equal(loop_run(loop, coro_create(do_nothing, NULL)), 0);
    assert_string_equal(o.log, "o");
    assert_int_equal(o.note.result, 9);
    loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_are_called_once_soon_and_in_order),
        cmocka_unit_test(test_one_that_is_taken_back_is_not_called),
        cmocka_unit_test(test_it_may_free_itself_and_the_future),
        cmocka_unit_test(test_a_released_task_stays_for_its_callbacks),
        cmocka_unit_test(test_those_due_when_the_loop_ends_are_called),
        cmocka_unit_test(test_a_future_set_between_runs_is_told_in_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
