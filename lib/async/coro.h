/* Coroutine objects: calls not yet made (Python: what calling an async function returns).
 *
 * Nothing runs until the object is awaited, which runs it in the current task like an ordinary
 * call, or made a task. Functions return a result >= 0 or a negative errno, as system calls do;
 * larger results go through arg. One thread at a time. */
#ifndef TVA_ASYNC_CORO_H
#define TVA_ASYNC_CORO_H

#include "async/awaitable.h"

/* The body of a coroutine, written in direct style. */
typedef int coro_fn(void *arg);

struct coro;

/* A coroutine object that will call fn(arg). `name` is for messages and is not copied; the macro
 * takes the function's own name. NULL when out of memory. arg stays the caller's. */
struct coro *coro_create_named(coro_fn *fn, void *arg, const char *name);
#define coro_create(fn, arg) coro_create_named((fn), (arg), #fn)

/* Run it in the current task: no switch, no new stack. Its result; -EALREADY when it was awaited
 * before (Python: "cannot reuse already awaited coroutine"). The object stays the caller's. */
int coro_await(struct coro *c);

/* The object as an awaitable, valid as long as the object. NULL gives NULL, so that
 * coro_awaitable(coro_create(f, arg)) can be handed to gather.h unchecked. */
struct awaitable *coro_awaitable(struct coro *c);

/* The coroutine behind an awaitable, NULL when it is something else or NULL. */
struct coro *coro_from_awaitable(struct awaitable *a);

/* The name given at creation. */
const char *coro_name(const struct coro *c);

/* Free it. One that was never awaited is reported on stderr (Python: "coroutine 'x' was never
 * awaited"). c may be NULL. */
void coro_destroy(struct coro *c);

#endif
