#include "async/gather.h"

#include "async/ensure.h"
#include "async/future_internal.h"
#include "async/loop_internal.h"

#include <errno.h>
#include <stdlib.h>

/* Cancel the tasks among the futures, and outwait them: they may work for the caller. */
static void cancel_all(struct future **futures, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (futures[i] != NULL && futures[i]->is_task)
            task_cancel(container_of(futures[i], struct task, future));
    for (size_t i = 0; i < n; i++)
        if (futures[i] != NULL && futures[i]->is_task)
            future_outwait(futures[i]);
}

static int await_all(struct future **futures, size_t n, int *results)
{
    struct task *caller = task_current();
    int first_error = 0;

    for (size_t i = 0; i < n; i++) {
        bool waited = !futures[i]->done;
        int result = future_await_shielded(futures[i], NO_DEADLINE);

        /* -ECANCELED may also be the result of what was waited for. Not done: the caller itself. */
        if (waited && (caller->wait_canceled || !futures[i]->done)) {
            cancel_all(futures, n);
            return result;
        }
        if (results != NULL)
            results[i] = result;
        if (result < 0 && first_error == 0)
            first_error = result;
    }
    return first_error;
}

/* Return at the first error; the futures not done go on without us. */
static int await_first_error(struct future **futures, size_t n, int *results)
{
    int err = ensure_wait(futures, n, TASK_WAIT_FIRST_ERROR, NO_DEADLINE);

    if (err < 0) {
        cancel_all(futures, n);
        return err;
    }
    for (size_t i = 0; i < n && err == 0; i++) {
        if (!futures[i]->done)
            continue;
        err = future_result(futures[i]) < 0 ? futures[i]->result : 0;
        if (results != NULL)
            results[i] = futures[i]->result;
    }
    return err;
}

typedef int await_fn(struct future **futures, size_t n, int *results);

static int gather(struct awaitable *const *awaitables, size_t n, int *results, await_fn *await)
{
    struct task **made = calloc(n + 1, sizeof *made);
    struct future **futures = calloc(n + 1, sizeof *futures);
    int err = -ENOMEM;

    if (made == NULL || futures == NULL) {
        ensure_discard(awaitables, n);
        goto done;
    }
    err = ensure_futures(awaitables, n, futures, made);
    if (err < 0)
        cancel_all(futures, n);
    else
        err = await(futures, n, results);
    for (size_t i = 0; i < n; i++)
        task_release(made[i]);
done:
    free(futures);
    free(made);
    return err;
}

int task_gather(struct awaitable *const *awaitables, size_t n, int *results)
{
    return gather(awaitables, n, results, await_all);
}

int task_gather_or_error(struct awaitable *const *awaitables, size_t n, int *results)
{
    return gather(awaitables, n, results, await_first_error);
}

int task_wait(struct task *const *tasks, size_t n, enum task_wait_for_what what,
              uint64_t deadline_ns)
{
    struct future **futures = calloc(n + 1, sizeof *futures);
    int err;

    if (futures == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        futures[i] = &tasks[i]->future;
    err = ensure_wait(futures, n, what, deadline_ns);
    free(futures);
    return err;
}

int task_wait_for(struct awaitable *awaitable, uint64_t timeout_ns)
{
    struct task *made, *caller = task_current();
    struct future *f = ensure_future(awaitable, &made);
    uint64_t deadline_ns = clock_add_ns(clock_now_ns(), timeout_ns);
    int result;

    if (f == NULL)
        return -ENOMEM;
    result = future_await_shielded(f, deadline_ns);
    if (!f->done || caller->wait_canceled) {
        if (f->is_task)
            task_cancel(container_of(f, struct task, future));
        if (f->is_task)
            future_outwait(f);
        if (result == -ETIMEDOUT && f->done && f->result >= 0)
            result = f->result;
        f->retrieved = true;
    }
    task_release(made);
    return result;
}

int task_shield(struct awaitable *awaitable)
{
    struct task *made;
    struct future *f = ensure_future(awaitable, &made);
    int result = f ? future_await_shielded(f, NO_DEADLINE) : -ENOMEM;

    task_release(made);
    return result;
}
