#include "async/loop_calls.h"

#include <errno.h>
#include <stdlib.h>

struct callback {
    struct ready ready;
    void (*fn)(void *arg);
    void *arg;
};

static void callback_run(struct ready *ready)
{
    struct callback *c = container_of(ready, struct callback, ready);
    struct callback call = *c;

    free(c);
    call.fn(call.arg);
}

static struct callback *callback_create(void (*fn)(void *arg), void *arg)
{
    struct callback *c = malloc(sizeof *c);

    if (c != NULL)
        *c = (struct callback){.ready.run = callback_run, .fn = fn, .arg = arg};
    return c;
}

int loop_call_soon(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct callback *c = callback_create(fn, arg);

    if (c == NULL)
        return -ENOMEM;
    ready_push(&loop->ready, &c->ready);
    return 0;
}

int loop_call_soon_threadsafe(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct callback *c = callback_create(fn, arg);

    if (c == NULL)
        return -ENOMEM;
    pthread_mutex_lock(&loop->remote_lock);
    ready_push(&loop->remote_ready, &c->ready);
    /* Under the lock, so that the loop cannot take the callback, finish and be destroyed before. */
    uv_async_send(&loop->remote);
    pthread_mutex_unlock(&loop->remote_lock);
    return 0;
}

void loop_calls_take_remote(uv_async_t *async)
{
    struct loop *loop = async->data;

    pthread_mutex_lock(&loop->remote_lock);
    while (loop->remote_ready.head != NULL)
        ready_push(&loop->ready, ready_pop(&loop->remote_ready));
    pthread_mutex_unlock(&loop->remote_lock);
}

void loop_calls_run_due(struct loop *loop)
{
    const struct ready *last = loop->ready.tail;
    bool more;

    do {
        struct ready *r = ready_pop(&loop->ready);

        more = r != last; /* r is freed by its call */
        if (loop->slow_ns != 0)
            loop_debug_step(loop, r);
        else
            r->run(r);
    } while (more);
}

/* No tasks are left when a loop is destroyed, so what is in its queues are callbacks: its own, and
 * of futures, whose storage is not the loop's. */
void loop_calls_drop(struct ready_queue *q)
{
    while (q->head != NULL) {
        struct ready *r = ready_pop(q);

        if (r->run == callback_run)
            free(container_of(r, struct callback, ready));
        else
            done_callback_drop(r);
    }
}
