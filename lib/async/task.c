#include "async/task.h"

#include "async/coro_internal.h"
#include "async/loop_internal.h"
#include "async/wait.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void task_timed_out(struct timer *timer)
{
    wait_wake(container_of(timer, struct task, timer), -ETIMEDOUT);
}

struct task *task_create(struct coro *coro)
{
    struct loop *loop = loop_running();
    struct task *t;

    if (coro == NULL || coro->owned)
        return NULL;
    t = coro->awaited || loop == NULL ? NULL : malloc(sizeof *t);
    if (t == NULL) {
        coro_destroy(coro);
        return NULL;
    }
    coro->awaited = coro->owned = true;
    /* The fiber is set when the task starts: until then it costs no stack, and no time here. */
    future_init(&t->future);
    t->ready.run = NULL; /* a task */
    t->future.is_task = true;
    t->watcher = (struct future_watcher){0};
    t->awaited = NULL;
    t->canceling = false;
    t->timer = (struct timer){.fire = task_timed_out};
    t->coro = coro;
    t->loop = loop;
    t->name = coro->name;
    t->started = false;
    t->cancel_requested = false;
    t->wait_canceled = false;
    t->held = true;
    list_append(&loop->tasks, &t->all);
    loop_make_ready(t);
    return t;
}

void task_free(struct task *t)
{
    if (t->future.result < 0 && t->future.result != -ECANCELED && !t->future.retrieved)
        fprintf(stderr, "tva: error of task '%s' was never retrieved: %s\n", t->name,
                strerror(-t->future.result));
    free(t);
}

void task_release(struct task *t)
{
    if (t == NULL)
        return;
    t->held = false;
    if (t->future.done)
        task_free(t);
}

int task_await(struct task *t)
{
    return future_await(&t->future);
}

/* A task that waits for another passes the request on, and learns from its result what came of it.
 */
static bool pass_cancel_on(struct task *t)
{
    bool passed;

    if (t->awaited == NULL || t->canceling)
        return false;
    t->canceling = true;
    passed = task_cancel(t->awaited);
    t->canceling = false;
    return passed;
}

bool task_cancel(struct task *t)
{
    if (t->future.done)
        return false;
    if (pass_cancel_on(t))
        return true;
    t->cancel_requested = true;
    if (t->state == TASK_SUSPENDED)
        wait_wake(t, -ECANCELED);
    return true;
}

struct task *task_current(void)
{
    struct loop *loop = loop_running();

    return loop ? loop->current : NULL;
}

const char *task_name(const struct task *t)
{
    return t->name;
}

void task_set_name(struct task *t, const char *name)
{
    t->name = name;
}

bool task_done(const struct task *t)
{
    return future_done(&t->future);
}

int task_result(struct task *t)
{
    return future_result(&t->future);
}

struct awaitable *task_awaitable(struct task *t)
{
    return &t->future.awaitable;
}

struct future *task_future(struct task *t)
{
    return &t->future;
}

struct task *task_from_awaitable(struct awaitable *a)
{
    return container_of(a, struct task, future.awaitable);
}

int task_yield(void)
{
    struct task *t = task_current();

    if (!t->cancel_requested) {
        loop_make_ready(t);
        fiber_suspend(&t->fiber);
    }
    if (t->cancel_requested) {
        t->cancel_requested = false;
        return -ECANCELED;
    }
    return 0;
}

int task_sleep_until(uint64_t deadline_ns)
{
    int err;

    if (deadline_ns <= clock_now_ns())
        return task_yield();
    err = wait_suspend(deadline_ns);
    return err == -ETIMEDOUT ? 0 : err;
}

int task_sleep(uint64_t span_ns)
{
    return span_ns == 0 ? task_yield() : task_sleep_until(clock_add_ns(clock_now_ns(), span_ns));
}
