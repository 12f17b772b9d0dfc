#include "async/coro_internal.h"
#include "async/future_internal.h"
#include "async/loop_internal.h"
#include "async/wait.h"

#include <errno.h>
#include <stdlib.h>

static int await_arg(void *arg)
{
    return await_on(arg);
}

/* The awaitable as a future: itself, or a new task that runs or awaits it (asyncio: ensure_future).
 */
static struct future *as_future(struct awaitable *a, struct task **made)
{
    struct coro *coro = coro_from_awaitable(a);

    *made = NULL;
    if (future_is(a))
        return container_of(a, struct future, awaitable);
    *made = task_create(coro ? coro : coro_create(await_arg, a));
    return *made ? &(*made)->future : NULL;
}

/* Wait for a task although the caller was canceled: its arguments may lie on the caller's stack. */
static void outwait(struct task *t)
{
    while (!t->future.done) {
        list_append(&t->future.waiters, &task_current()->wait_link);
        wait_suspend_uncancelable();
    }
}

static void cancel_all(struct task **made, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (made[i] != NULL)
            task_cancel(made[i]);
    for (size_t i = 0; i < n; i++)
        if (made[i] != NULL)
            outwait(made[i]);
}

/* Coroutines are consumed, also on failure; what a task owns already is the task's. */
static void discard(struct awaitable *const *awaitables, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct coro *coro = coro_from_awaitable(awaitables[i]);

        if (coro != NULL && !coro->owned)
            coro_destroy(coro);
    }
}

static int as_futures(struct awaitable *const *awaitables, size_t n, struct future **futures,
                      struct task **made)
{
    for (size_t i = 0; i < n; i++) {
        futures[i] = as_future(awaitables[i], &made[i]);
        if (futures[i] == NULL) {
            discard(awaitables + i + 1, n - i - 1);
            return -ENOMEM;
        }
    }
    return 0;
}

static int await_all(struct future **futures, size_t n, struct task **made, int *results)
{
    struct task *caller = task_current();
    int first_error = 0;

    for (size_t i = 0; i < n; i++) {
        bool waited = !futures[i]->done;
        int result = future_await(futures[i]);

        /* -ECANCELED may also be the result of what was waited for. Not done: it is the caller
         * itself. */
        if (waited && (caller->wait_canceled || !futures[i]->done)) {
            cancel_all(made, n);
            return result;
        }
        if (results != NULL)
            results[i] = result;
        if (result < 0 && first_error == 0)
            first_error = result;
    }
    return first_error;
}

int task_gather(struct awaitable *const *awaitables, size_t n, int *results)
{
    struct task **made = calloc(n + 1, sizeof *made);
    struct future **futures = malloc((n + 1) * sizeof *futures);
    int err = -ENOMEM;

    if (made == NULL || futures == NULL) {
        discard(awaitables, n);
        goto done;
    }
    err = as_futures(awaitables, n, futures, made);
    if (err < 0)
        cancel_all(made, n);
    else
        err = await_all(futures, n, made, results);
    for (size_t i = 0; i < n; i++)
        task_release(made[i]);
done:
    free(futures);
    free(made);
    return err;
}
