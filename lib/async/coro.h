/* Coroutine objects: calls not yet made (Python: what calling an async function returns); and
 * whatever else can be awaited. What Python types as Coroutine[Any, Any, R] is two types here:
 * coro_fn, a function whose R is int, and struct coro, the object.
 *
 * Nothing runs until the object is awaited, which runs it in the current task like an ordinary
 * call, or made a task. The function returns a result >= 0 or a negative errno, as system calls do;
 * larger results go through `arg`. One thread at a time. */
#ifndef TVA_ASYNC_CORO_H
#define TVA_ASYNC_CORO_H

/* Anything that can be awaited (Python: an object with __await__): coroutines, futures, tasks. For
 * one of your own, make `struct awaitable` the first member of a struct and set its one entry. */
struct awaitable {
    /* Waits until the thing is done. Returns its result (>= 0) or a negative errno. Called from a
     * task, which it may suspend. */
    int (*await)(struct awaitable *self);
};

/* Wait for any awaitable (Python: `await x`). From a task: outside of any, what has to wait returns
 * -EPERM and a warning says so (Python: "'await' outside function"). */
static inline int await_on(struct awaitable *a)
{
    return a->await(a);
}

/* The body of a coroutine, written in direct style. */
typedef int coro_fn(void *arg);

struct coro;

/* Make a coroutine object that will call fn(arg). `name` is for messages and is not copied; the
 * macro takes the function's own name. `arg` stays the caller's. NULL when out of memory. */
struct coro *coro_create_named(coro_fn *fn, void *arg, const char *name);
#define coro_create(fn, arg) coro_create_named((fn), (arg), #fn)

/* Run it in the current task: no switch, no new stack. Returns its result, or -EALREADY when it was
 * awaited before (Python: "cannot reuse already awaited coroutine"). The object stays the caller's.
 */
int coro_await(struct coro *c);

/* The object as an awaitable, valid as long as the object. NULL gives NULL, so that
 * coro_awaitable(coro_create(f, arg)) can be passed to gather.h unchecked. */
struct awaitable *coro_awaitable(struct coro *c);

/* Free it; NULL is allowed. A warning on stderr names an object that was never awaited (Python:
 * "coroutine 'x' was never awaited"). */
void coro_destroy(struct coro *c);

#endif
