#include "async/gather.h"

#include "async/ensure.h"
#include "async/future_internal.h"
#include "async/loop_internal.h"

#include <errno.h>
#include <stdlib.h>

/* The caller cannot wait any longer: end what it waits for, and tell what became of each. */
static int give_up(struct future **futures, size_t n, int *results, int err)
{
    ensure_ended(futures, n);
    for (size_t i = 0; i < n && results != NULL; i++)
        results[i] = future_result(futures[i]);
    return err;
}

static int await_all(struct future **futures, size_t n, int *results)
{
    int first_error = 0;

    for (size_t i = 0; i < n; i++) {
        bool waits = !futures[i]->done;
        int result = future_await_shielded(futures[i], NO_DEADLINE);

        /* -ECANCELED may also be the result of what was waited for */
        if (waits && task_current()->wait_canceled)
            return give_up(futures, n, results, -ECANCELED);
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
    int first_error = 0;
    int err = ensure_wait(futures, n, TASK_WAIT_FIRST_ERROR, NO_DEADLINE, &first_error);

    if (err < 0)
        return give_up(futures, n, results, err);
    for (size_t i = 0; i < n; i++) {
        if (results != NULL)
            results[i] = future_result(futures[i]);
        futures[i]->retrieved = true; /* later errors are not waited for either, as in asyncio */
    }
    return first_error;
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
        ensure_ended(futures, n);
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
    int err = futures ? 0 : -ENOMEM;

    for (size_t i = 0; i < n && err == 0; i++) {
        futures[i] = &tasks[i]->future;
        if (tasks[i] == task_current())
            err = -EDEADLK;
    }
    if (err == 0)
        err = ensure_wait(futures, n, what, deadline_ns, NULL);
    free(futures);
    return err;
}

/* wait_for a task. */
static int await_or_end(struct future *f, uint64_t timeout_ns)
{
    uint64_t deadline_ns = clock_add_ns(clock_now_ns(), timeout_ns);
    struct task *caller = task_current();
    bool canceled;
    int err;

    if (f->done)
        return future_result(f);
    caller->wait_canceled = false;
    err = timeout_ns == 0 ? -ETIMEDOUT : future_await_shielded(f, deadline_ns);
    canceled = caller->wait_canceled;
    if (f->done) { /* before the cancellation, if there was one: both are to be seen */
        caller->cancel_requested = caller->cancel_requested || canceled;
        return future_result(f);
    }
    canceled = ensure_ended(&f, 1) || canceled;
    if (f->result != -ECANCELED)
        return future_result(f);
    return canceled ? -ECANCELED : err;
}

int task_wait_for(struct awaitable *awaitable, uint64_t timeout_ns)
{
    struct task *made;
    struct future *f;
    int result = ensure_future(awaitable, &f, &made);

    if (result == 0 && f->is_task && f != &task_current()->future)
        result = await_or_end(f, timeout_ns);
    else if (result == 0)
        result = future_await_until(f, clock_add_ns(clock_now_ns(), timeout_ns));
    task_release(made);
    return result;
}

int task_shield(struct awaitable *awaitable)
{
    struct task *made;
    struct future *f;
    int result = ensure_future(awaitable, &f, &made);

    if (result == 0)
        result = future_await_shielded(f, NO_DEADLINE);
    task_release(made);
    return result;
}
