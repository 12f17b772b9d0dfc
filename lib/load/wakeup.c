#include "load/wakeup.h"

#include "async/wait.h"

#include <stddef.h>

/* On the loop's thread. */
static void wake(struct wakeup *w)
{
    if (w->waiting != NULL)
        wait_wake(w->waiting, 0);
}

static void on_async(uv_async_t *async)
{
    wake(container_of(async, struct wakeup, async));
}

int wakeup_init(struct wakeup *w)
{
    w->loop = loop_running();
    w->waiting = NULL;
    atomic_init(&w->armed, false);
    return uv_async_init(loop_uv(w->loop), &w->async, on_async);
}

static void on_close(uv_handle_t *handle)
{
    future_set_result(handle->data, 0);
}

void wakeup_deinit(struct wakeup *w)
{
    struct future closed;

    future_init(&closed);
    w->async.data = &closed;
    uv_close((uv_handle_t *)&w->async, on_close);
    while (!future_done(&closed))
        future_await(&closed);
}

void wakeup_arm(struct wakeup *w)
{
    atomic_store(&w->armed, true);
}

int wakeup_wait(struct wakeup *w, uint64_t deadline_ns)
{
    int err;

    w->waiting = task_current();
    err = wait_suspend(deadline_ns);
    w->waiting = NULL;
    atomic_store(&w->armed, false);
    return err;
}

void wakeup_send(struct wakeup *w)
{
    if (!atomic_load(&w->armed) || !atomic_exchange(&w->armed, false))
        return;
    if (loop_running() == w->loop)
        wake(w);
    else
        uv_async_send(&w->async);
}
