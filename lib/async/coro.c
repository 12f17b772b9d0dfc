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
    struct coro *c = slabs != NULL ? slab_alloc(slabs, sizeof *c) : malloc(sizeof *c);

    if (c == NULL)
        return NULL;
    *c = (struct coro){.awaitable.await = coro_await_op,
                       .fn = fn,
                       .arg = arg,
                       .name = name,
                       .in_slab = slabs != NULL};
    return c;
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
    if (c != NULL && !c->awaited)
        fprintf(stderr, "tva: coroutine '%s' was never awaited\n", c->name);
    if (c != NULL && c->in_slab)
        slab_free(loop_slabs(), c, sizeof *c);
    else
        free(c);
}
