/* Anything that can be awaited (Python: an object with __await__).
 *
 * Embed `struct awaitable` as the first member of a struct, set its one entry, and await_on() works
 * on it. Coroutines, futures and tasks are awaitables. */
#ifndef TVA_ASYNC_AWAITABLE_H
#define TVA_ASYNC_AWAITABLE_H

struct awaitable {
    /* Waits until the thing is done; returns its result (>= 0) or a negative errno. Called from a
     * task; may suspend it. */
    int (*await)(struct awaitable *self);
};

/* Wait for any awaitable (Python: `await x`). From a task only. */
static inline int await_on(struct awaitable *a)
{
    return a->await(a);
}

#endif
