/* The promise: a wait outside of any task ends at once with -EPERM and a warning, on a thread
 * without a loop as in a callback of the loop; it changes nothing that others wait for. What has
 * nothing to wait for needs no task. */
#include "async/event.h"
#include "async/gather.h"
#include "async/loop.h"
#include "async/queue.h"
#include "async/semaphore.h"
#include "async/task_group.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What is waited for; nothing of it comes. */
struct things {
    struct loop *loop;
    struct future pending, finished;
    struct event event;
    struct semaphore semaphore;
    struct queue *queue;
    struct task *task;
};

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

/* Each way to wait but those that need a running loop. How many warnings they came to. */
static int wait_in_vain(struct things *t)
{
    struct awaitable *pending = &t->pending.awaitable;
    void *item;

    assert_int_equal(task_sleep(1), -EPERM);
    assert_int_equal(task_yield(), -EPERM);
    assert_int_equal(future_await(&t->pending), -EPERM);
    assert_int_equal(await_on(pending), -EPERM);
    assert_int_equal(event_wait(&t->event, NO_DEADLINE), -EPERM);
    assert_int_equal(semaphore_acquire(&t->semaphore, NO_DEADLINE), -EPERM);
    assert_int_equal(queue_get(t->queue, &item, NO_DEADLINE), -EPERM);
    assert_int_equal(task_gather(&pending, 1, NULL), -EPERM);
    assert_int_equal(task_gather_or_error(&pending, 1, NULL), -EPERM);
    assert_int_equal(task_wait_for(pending, 1), -EPERM);
    assert_int_equal(task_shield(pending), -EPERM);
    return 11;
}

static void begin(struct things *t)
{
    *t = (struct things){.queue = queue_create(1)};
    assert_non_null(t->queue);
    future_init(&t->pending);
    future_init(&t->finished);
    future_set_result(&t->finished, 7);
    event_init(&t->event);
    semaphore_init(&t->semaphore, 0);
}

static int warnings_in(const char *text)
{
    int n = 0;

    for (; (text = strstr(text, "tva: a wait outside of a task")) != NULL; text++)
        n++;
    return n;
}

/* Call it while what goes to standard error is kept: as many warnings as it says. */
static void check_warnings(int (*wait)(struct things *t), struct things *t)
{
    FILE *before = stderr;
    char *text = NULL;
    size_t size;
    int warned;

    stderr = open_memstream(&text, &size);
    assert_non_null(stderr);
    warned = wait(t);
    fclose(stderr);
    stderr = before;
    assert_int_equal(warnings_in(text), warned);
    free(text);
}

static void without_a_loop_every_wait_is_refused(void **state)
{
    struct things t;

    (void)state;
    begin(&t);
    check_warnings(wait_in_vain, &t);
    assert_int_equal(future_await(&t.finished), 7);
    assert_int_equal(future_set_result(&t.pending, 1), 0); /* nobody is in line */
    queue_destroy(t.queue);
}

static int wait_in_callback(struct things *t)
{
    struct task_group group;
    int warned = wait_in_vain(t);

    assert_int_equal(loop_run_in_executor(t->loop, NULL, nothing, NULL), -EPERM);
    assert_int_equal(task_await(t->task), -EPERM);
    assert_int_equal(task_wait(&t->task, 1, TASK_WAIT_ALL, NO_DEADLINE), -EPERM);
    task_group_init(&group);
    assert_int_equal(task_group_wait(&group), 0);
    return warned + 3;
}

static void callback(void *arg)
{
    check_warnings(wait_in_callback, arg);
    future_set_result(&((struct things *)arg)->pending, 3);
}

/* The task that the callback cannot wait for, and which waits itself. */
static int wait_properly(void *arg)
{
    struct things *t = arg;

    return future_await(&t->pending);
}

static int main_task(void *arg)
{
    struct things *t = arg;
    int result;

    t->task = task_create(coro_create(wait_properly, t));
    assert_non_null(t->task);
    assert_int_equal(loop_call_soon(t->loop, callback, t), 0);
    result = task_await(t->task);
    task_release(t->task);
    return result;
}

static void in_a_callback_every_wait_is_refused_and_the_loop_goes_on(void **state)
{
    struct things t;

    (void)state;
    begin(&t);
    assert_int_equal(loop_create(NULL, &t.loop), 0);
    assert_int_equal(loop_run(t.loop, coro_create(main_task, &t)), 3);
    loop_destroy(t.loop);
    queue_destroy(t.queue);
}

static int runs(void *arg)
{
    return ++*(int *)arg;
}

/* As Python's coro.send(None): it runs until it has to wait. */
static void a_coroutine_that_need_not_wait_needs_no_task(void **state)
{
    int count = 4;
    struct coro *coro = coro_create(runs, &count);

    (void)state;
    assert_int_equal(coro_await(coro), 5);
    coro_destroy(coro);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_loop_every_wait_is_refused),
        cmocka_unit_test(in_a_callback_every_wait_is_refused_and_the_loop_goes_on),
        cmocka_unit_test(a_coroutine_that_need_not_wait_needs_no_task),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
