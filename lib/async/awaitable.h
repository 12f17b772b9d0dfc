/* Anything that can be awaited (Python: an object with __await__).
 *
 * Coroutines, futures and tasks are awaitables. For one of your own, make `struct awaitable` the
 * first member of a struct and set its one entry. */
#ifndef TVA_ASYNC_AWAITABLE_H
#define TVA_ASYNC_AWAITABLE_H

struct awaitable {
    /* Waits until the thing is done. Returns its result (>= 0) or a negative errno. Called from a
     * task, which it may suspend. */
    int (*await)(struct awaitable *self);
};

/* Wait for any awaitable (Python: `await x`). From a task. */
static inline int await_on(struct awaitable *a)
{
    return a->await(a);
}

#endif
