#include "async/coro.h"

#include "async/loop_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int coro_await_op(struct awaitable *a)
{
    return coro_await(container_of(a, struct coro, awaitable));
}

static inline struct coro *set_up(struct task *t, coro_fn *fn, void *arg, const char *name,
                                  bool in_slab)
{
    t->coro = (struct coro){.awaitable.await = coro_await_op, .name = name, .in_slab = in_slab};
    t->fiber.entry = fn;
    t->fiber.arg = arg;
    return &t->coro;
}

static __attribute__((noinline)) struct coro *create_slowly(coro_fn *fn, void *arg,
                                                            const char *name)
{
    struct slab_pool *slabs = loop_slabs();
    struct task *t = slabs != NULL ? slab_alloc(slabs, sizeof *t) : malloc(sizeof *t);

    return t != NULL ? set_up(t, fn, arg, name, slabs != NULL) : NULL;
}

/* Without a call, so that it need not save registers. */
struct coro *coro_create_named(coro_fn *fn, void *arg, const char *name)
{
    const struct loop *loop = loop_of_thread;
    struct task *t = loop != NULL ? slab_take(loop->slabs, sizeof *t) : NULL;

    return t != NULL ? set_up(t, fn, arg, name, true) : create_slowly(fn, arg, name);
}

int coro_await(struct coro *c)
{
    const struct task *t = container_of(c, struct task, coro);

    if (c->awaited)
        return -EALREADY;
    c->awaited = true;
    return t->fiber.entry(t->fiber.arg);
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
