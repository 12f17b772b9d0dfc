#include "async/task.h"

#include "async/loop_internal.h"
#include "async/wait.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct task *create(struct coro *coro, bool parkable)
{
    struct loop *loop = loop_of_thread;
    struct task *t;

    if (coro == NULL)
        return NULL;
    if (coro->awaited || loop == NULL) {
        if (!coro->owned)
            coro_destroy(coro);
        return NULL;
    }
    coro->awaited = coro->owned = true;
    t = container_of(coro, struct task, coro);
    /* The rest is set when the task starts, which then takes its stack. A store takes a cycle,
     * which is most of what this function costs. */
    future_set_up(&t->future, true);
    t->flags = (struct task_flags){
        .holds = 1, .parkable = parkable && loop->homes.max > 0, .cancel_requested = loop->ending};
    t->ready.run = task_start;
    t->awaited = NULL;
    list_append(&loop->tasks, &t->all);
    ready_push(&loop->ready, &t->ready);
    return t;
}

struct task *task_create(struct coro *coro)
{
    const struct loop *loop = loop_of_thread;

    return create(coro, loop != NULL && loop->park_all && loop->main != NULL);
}

struct task *task_create_parkable(struct coro *coro)
{
    return create(coro, true);
}

void task_free_memory(struct task *t)
{
    if (t->coro.in_slab)
        slab_give(loop_slabs(), t, sizeof *t);
    else
        free(t);
}

static __attribute__((cold, noinline)) void warn_of_error(const struct task *t)
{
    fprintf(stderr, "tva: error of task '%s' was never retrieved: %s\n", t->coro.name,
            strerror(-t->future.result));
}

void task_free(struct task *t)
{
    if (t->future.result < 0 && t->future.result != -ECANCELED && !t->future.retrieved)
        warn_of_error(t);
    task_free_memory(t);
}

void task_release(struct task *t)
{
    if (t == NULL)
        return;
    t->flags.holds--;
    if (t->flags.holds == 0 && t->future.done)
        task_free(t);
}

int task_await(struct task *t)
{
    return future_await(&t->future);
}

/* The task that gets a cancellation of `t`. A task that waits for another passes it on, and learns
 * from the other's result what came of it; so the last of the chain gets it. If the chain leads
 * into a ring, no task of the ring can end by itself, and `t` gets it. Brent's algorithm (1980)
 * finds the ring; recursion could overflow a task's stack. */
static struct task *cancel_target(struct task *t)
{
    struct task *end = t, *mark = t;
    size_t steps = 0, until_mark = 1;

    while (end->awaited != NULL) {
        end = end->awaited;
        if (end == mark)
            return t;
        if (++steps == until_mark) {
            mark = end;
            until_mark *= 2;
            steps = 0;
        }
    }
    return end;
}

bool task_cancel(struct task *t)
{
    if (t->future.done)
        return false;
    t = cancel_target(t);
    t->flags.cancel_requested = true;
    if (t->flags.state == TASK_SUSPENDED)
        wait_wake(t, -ECANCELED);
    return true;
}

void task_cancel_from(struct task *caller, struct task *t)
{
    caller->awaited = t;
    task_cancel(t);
    caller->awaited = NULL;
}

struct task *task_current(void)
{
    return task_running();
}

const char *task_name(const struct task *t)
{
    return t->coro.name;
}

bool task_done(const struct task *t)
{
    return future_done(&t->future);
}

int task_result(struct task *t)
{
    return future_result(&t->future);
}

int task_yield(void)
{
    struct loop *loop = loop_of_thread;
    struct task *t = task_running();

    if (t == NULL)
        return wait_refuse();
    if (!t->flags.cancel_requested) {
        int err = task_secure(t);

        if (err < 0)
            return err;
        fiber_control_read(&t->fiber.control);
        ready_push(&loop->ready, &t->ready);
        task_suspend(loop, t);
    }
    if (t->flags.cancel_requested) {
        t->flags.cancel_requested = false;
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
