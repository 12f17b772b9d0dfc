#include "load/in_system.h"

#include "async/wait.h"

/* On the loop's thread. */
static void wake(struct in_system *s)
{
    if (s->waiting != NULL)
        wait_wake(s->waiting, 0);
}

static void on_async(uv_async_t *async)
{
    wake(container_of(async, struct in_system, async));
}

int in_system_init(struct in_system *s, bool shared)
{
    s->loop = loop_running();
    s->waiting = NULL;
    s->shared = shared;
    atomic_init(&s->armed, false);
    atomic_init(&s->count, 1);
    atomic_init(&s->left, false);
    return uv_async_init(loop_uv(s->loop), &s->async, on_async);
}

/* The waiting task may see a count of 0 before the last one has woken it. */
static void settle(struct in_system *s)
{
    while (!atomic_load(&s->left))
        task_yield();
}

void in_system_reset(struct in_system *s)
{
    settle(s);
    atomic_store(&s->left, false);
    atomic_store(&s->count, 1);
}

static void on_close(uv_handle_t *handle)
{
    future_set_result(handle->data, 0);
}

void in_system_deinit(struct in_system *s)
{
    struct future closed;

    settle(s);
    future_init(&closed);
    s->async.data = &closed;
    uv_close((uv_handle_t *)&s->async, on_close);
    while (!future_done(&closed))
        future_await(&closed);
}

void in_system_arm(struct in_system *s)
{
    atomic_store(&s->armed, true);
}

int in_system_wait(struct in_system *s, uint64_t deadline_ns)
{
    int err;

    s->waiting = task_current();
    err = wait_suspend(deadline_ns);
    s->waiting = NULL;
    atomic_store(&s->armed, false);
    return err;
}

void in_system_wake(struct in_system *s)
{
    if (!atomic_load(&s->armed) || !atomic_exchange(&s->armed, false))
        return;
    if (loop_running() == s->loop)
        wake(s);
    else
        uv_async_send(&s->async);
}

void in_system_leave_last(struct in_system *s)
{
    in_system_wake(s);
    atomic_store(&s->left, true);
}
