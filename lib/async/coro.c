#include "async/coro.h"

#include "async/loop_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int coro_await_op(struct awaitable *a)
{
    return coro_await(container_of(a, struct coro, awaitable));
}

struct coro *coro_create_named(coro_fn *fn, void *arg, const char *name)
{
    struct slab_pool *slabs = loop_slabs();
    struct task *t = slabs != NULL ? slab_alloc(slabs, sizeof *t) : malloc(sizeof *t);

    if (t == NULL)
        return NULL;
    t->coro = (struct coro){.awaitable.await = coro_await_op,
                            .fn = fn,
                            .arg = arg,
                            .name = name,
                            .in_slab = slabs != NULL};
    return &t->coro;
}

int coro_await(struct coro *c)
{
    if (c->awaited)
        return -EALREADY;
    c->awaited = true;
    return c->fn(c->arg);
}

struct awaitable *coro_awaitable(struct coro *c)
{
    return c != NULL ? &c->awaitable : NULL;
}

struct coro *coro_from_awaitable(struct awaitable *a)
{
    return a != NULL && a->await == coro_await_op ? container_of(a, struct coro, awaitable) : NULL;
}

void coro_destroy(struct coro *c)
{
    if (c == NULL)
        return;
    if (!c->awaited)
        fprintf(stderr, "tva: coroutine '%s' was never awaited\n", c->name);
    task_free_memory(container_of(c, struct task, coro));
}
