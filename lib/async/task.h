/* Tasks: coroutines scheduled on a loop (asyncio: Task). A task is a future of its result.
 *
 * task_create() schedules; the task starts when the loop next gets control, and takes its stack
 * only then. All calls on the thread of the running loop; those marked "from a task" may suspend
 * the caller. */
#ifndef TVA_ASYNC_TASK_H
#define TVA_ASYNC_TASK_H

#include "async/coro.h"
#include "async/future.h"

#include <stddef.h>
#include <stdint.h>

struct task;

/* Schedule a coroutine on the running loop (asyncio.create_task). The task owns the coroutine from
 * here on, also on failure, so that task_create(coro_create(f, arg)) needs one check. The caller
 * owns the task and gives it up with task_release(). NULL when out of memory, when `coro` is NULL
 * or was awaited before, or when no loop is running. */
struct task *task_create(struct coro *coro);

/* The same for a task whose live stack is small while it waits: a few stacks serve all such tasks,
 * and while one waits, what it holds on its stack may be copied away and its stack used by others.
 * So nobody else may look at or write to its stack meanwhile: it must not pass the address of a
 * variable of its own to another task, to a thread or to a request of libuv, unless that is over
 * before it waits again. lib/DESIGN.md says what is safe. Its waits can also return -ENOMEM, when
 * there is no memory for the copy. */
struct task *task_create_parkable(struct coro *coro);

/* Give up the caller's hold; NULL is allowed. The task goes on if unfinished, and is freed when
 * finished. A warning on stderr names a task that ended with an error that was never asked
 * for (asyncio: "Task exception was never retrieved"); a cancellation is not such an error. */
void task_release(struct task *t);

/* Wait for its result (`await t`). From a task. When the caller is canceled meanwhile, `t` gets the
 * cancellation, as in asyncio; task_shield() prevents that. -EDEADLK when a task awaits itself. */
int task_await(struct task *t);

/* Ask it to stop (asyncio: Task.cancel): the wait that it is in, or its next one, returns
 * -ECANCELED; a task that has not started never does. It may clean up before it returns. Several
 * requests before it has seen the first count as one. A task that awaits another passes the request
 * on to that, unless they await each other. False when it was done already. */
bool task_cancel(struct task *t);

/* The task that is running (asyncio.current_task), NULL outside of any. */
struct task *task_current(void);

/* Its name, for messages: that of its coroutine. */
const char *task_name(const struct task *t);

/* Done, and its result or error: as future_done() and future_result(). */
bool task_done(const struct task *t);
int task_result(struct task *t);

/* The task as an awaitable, and back (only for what task_awaitable() returned). */
static inline struct awaitable *task_awaitable(struct task *t)
{
    return (struct awaitable *)t; /* a future is one */
}

static inline struct task *task_from_awaitable(struct awaitable *a)
{
    return (struct task *)a;
}

/* The future that the task is; valid as long as the task. */
static inline struct future *task_future(struct task *t)
{
    return (struct future *)t;
}

/* Sleep for at least span_ns, or until deadline_ns: never too short, by the clock (asyncio.sleep).
 * From a task. 0, or -ECANCELED, or -ENOMEM. A span of 0 or a deadline in the past yields once. */
int task_sleep(uint64_t span_ns);
int task_sleep_until(uint64_t deadline_ns);

/* Let every other ready task run once (asyncio.sleep(0)). From a task. 0, or -ECANCELED; from a
 * parkable task also -ENOMEM. */
int task_yield(void);

#endif
