#include "async/gather.h"

#include "async/loop_internal.h"
#include "async/wait.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Awaitables as futures (asyncio: ensure_future) ---- */

static int await_arg(void *arg)
{
    return await_on(arg);
}

/* An awaitable that is no future as a new task that runs or awaits it; NULL on errors. */
static int make_task(struct awaitable *a, struct task **made)
{
    struct coro *coro = coro_from_awaitable(a);

    *made = NULL;
    if (coro != NULL && coro->awaited) {
        if (!coro->owned)
            coro_destroy(coro);
        return -EALREADY;
    }
    *made = task_create(coro ? coro : coro_create(await_arg, a));
    return *made != NULL ? 0 : -ENOMEM;
}

/* The awaitable as a future in *out: itself, or a new task, then also in *made, which the caller
 * releases; else *made is NULL. On errors both are NULL. */
static inline int ensure_future(struct awaitable *a, struct future **out, struct task **made)
{
    int err;

    *made = NULL;
    *out = NULL;
    if (a == NULL)
        return -ENOMEM;
    if (future_is(a)) {
        *out = container_of(a, struct future, awaitable);
        return 0;
    }
    err = make_task(a, made);
    if (err == 0)
        *out = &(*made)->future;
    return err;
}

/* Free the coroutine objects among them that no task owns, and that none will run. */
static void discard(struct awaitable *const *awaitables, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct coro *coro = coro_from_awaitable(awaitables[i]);

        if (coro != NULL && !coro->owned)
            coro_destroy(coro);
    }
}

/* One of several futures that a task waits for. */
struct part {
    struct future *future; /* NULL: none yet */
    struct task *made;     /* the future, where it is a task of this call; else NULL */
};

/* What watches one of them. */
struct watch {
    struct future_watcher watcher;
    struct joint_wait *joint;
};

/* A wait for several futures. On the heap, because a parkable task's stack may be away. All 0 at
 * first. */
struct joint_wait {
    struct task *waiter;
    size_t pending;
    int first_error; /* the first to happen; 0 while there is none */
    bool any;        /* is done */
    bool cancel_is_error;
    enum task_wait_for_what what;
    struct watch *watches; /* behind the parts; NULL: the task awaits one after the other */
    struct part parts[];
};

static struct joint_wait *joint_create(size_t n, bool watches)
{
    size_t size = sizeof(struct part) + (watches ? sizeof(struct watch) : 0);
    struct joint_wait *joint = calloc(1, sizeof *joint + n * size);

    if (joint != NULL && watches)
        joint->watches = (struct watch *)(joint->parts + n);
    return joint;
}

/* All of them, into parts that are 0; after an error, those before it. */
static int ensure_futures(struct awaitable *const *awaitables, size_t n, struct part *parts)
{
    const struct future *own = &task_running()->future;

    for (size_t i = 0; i < n; i++) {
        int err = ensure_future(awaitables[i], &parts[i].future, &parts[i].made);

        if (err == 0 && parts[i].future == own)
            err = -EDEADLK;
        if (err < 0) {
            discard(awaitables + i + 1, n - i - 1);
            return err;
        }
    }
    return 0;
}

/* ---- Waiting for several futures ---- */

static void count_done(struct joint_wait *joint, const struct future *f)
{
    joint->pending--;
    joint->any = true;
    if (f->result < 0 && joint->first_error == 0 &&
        (f->result != -ECANCELED || joint->cancel_is_error))
        joint->first_error = f->result;
}

static bool is_over(const struct joint_wait *joint)
{
    return joint->pending == 0 || (joint->what == TASK_WAIT_FIRST && joint->any) ||
           (joint->what == TASK_WAIT_FIRST_ERROR && joint->first_error < 0);
}

static void one_done(struct future_watcher *watcher, struct future *f)
{
    struct joint_wait *joint = container_of(watcher, struct watch, watcher)->joint;

    count_done(joint, f);
    if (is_over(joint))
        wait_wake(joint->waiter, 0);
}

/* task_wait() for futures of any kind. *first_error gets the first error that happened, 0 if there
 * is none; a cancellation is one, as for asyncio's gather. With first_error NULL it is not, as for
 * asyncio.wait. */
static int wait_jointly(struct joint_wait *joint, size_t n, enum task_wait_for_what what,
                        uint64_t deadline_ns, int *first_error)
{
    struct watch *watches = joint->watches;
    int err = 0;

    joint->waiter = task_running();
    joint->pending = n;
    joint->what = what;
    joint->cancel_is_error = first_error != NULL;
    for (size_t i = 0; i < n; i++) {
        struct future *f = joint->parts[i].future;

        watches[i].watcher.tell = one_done;
        watches[i].joint = joint;
        if (f->done)
            count_done(joint, f);
        else
            list_append(&f->watchers, &watches[i].watcher.link);
    }
    if (!is_over(joint))
        err = wait_suspend(deadline_ns);
    for (size_t i = 0; i < n; i++)
        if (list_linked(&watches[i].watcher.link))
            list_remove(&watches[i].watcher.link);
    if (first_error != NULL)
        *first_error = joint->first_error;
    return err;
}

/* The task that the future is; NULL when it is none, or is the caller. */
static struct task *other_task(const struct part *part, const struct task *caller)
{
    struct future *f = part->future;

    return f == NULL || !f->is_task || f == &caller->future ? NULL
                                                            : container_of(f, struct task, future);
}

/* Cancel the tasks among the futures and wait for their end, because they may work in the caller's
 * memory; again each time that the caller is canceled meanwhile. True when it was. */
static bool end_tasks(const struct part *parts, size_t n)
{
    struct task *caller = task_running();
    bool cancel = true, canceled = false;

    for (size_t i = 0; i < n;) {
        struct task *t = other_task(&parts[i], caller);

        if (t == NULL || t->future.done) {
            i++;
            continue;
        }
        for (size_t j = i; cancel && j < n; j++)
            if (other_task(&parts[j], caller) != NULL)
                task_cancel_from(caller, other_task(&parts[j], caller));
        future_await_shielded(&t->future, NO_DEADLINE);
        cancel = caller->flags.wait_canceled;
        canceled = canceled || cancel;
    }
    return canceled;
}

/* ---- gather ---- */

/* The caller cannot wait any longer: end the tasks, and note what became of each future. */
static int give_up(struct part *parts, size_t n, int *results, int err)
{
    end_tasks(parts, n);
    for (size_t i = 0; i < n && results != NULL; i++)
        results[i] = future_result(parts[i].future);
    return err;
}

static int await_all(struct joint_wait *joint, size_t n, int *results)
{
    struct part *parts = joint->parts;
    int first_error = 0;

    for (size_t i = 0; i < n; i++) {
        struct future *f = parts[i].future;
        int result;

        if (f->done) {
            f->retrieved = true;
            result = f->result;
        } else {
            result = future_await_shielded(f, NO_DEADLINE);
            /* -ECANCELED may also be the future's own result */
            if (task_running()->flags.wait_canceled)
                return give_up(parts, n, results, -ECANCELED);
        }
        if (results != NULL)
            results[i] = result;
        if (result < 0 && first_error == 0)
            first_error = result;
    }
    return first_error;
}

/* Return at the first error; the futures that are not done go on. */
static int await_first_error(struct joint_wait *joint, size_t n, int *results)
{
    struct part *parts = joint->parts;
    int first_error = 0;
    int err = wait_jointly(joint, n, TASK_WAIT_FIRST_ERROR, NO_DEADLINE, &first_error);

    if (err < 0)
        return give_up(parts, n, results, err);
    for (size_t i = 0; i < n; i++) {
        if (results != NULL)
            results[i] = future_result(parts[i].future);
        parts[i].future->retrieved = true; /* no warning about later errors, as in asyncio */
    }
    return first_error;
}

typedef int await_fn(struct joint_wait *joint, size_t n, int *results);

static int gather(struct awaitable *const *awaitables, size_t n, int *results, await_fn *await)
{
    struct joint_wait *joint = NULL;
    int err;

    if (task_running() == NULL) {
        discard(awaitables, n);
        return wait_refuse();
    }
    if (task_secure_waits(task_running()) == 0)
        joint = joint_create(n, await == await_first_error);
    if (joint == NULL) {
        discard(awaitables, n);
        return -ENOMEM;
    }
    err = ensure_futures(awaitables, n, joint->parts);
    if (err < 0)
        end_tasks(joint->parts, n);
    else
        err = await(joint, n, results);
    for (size_t i = 0; i < n; i++)
        if (joint->parts[i].made != NULL)
            task_release(joint->parts[i].made);
    free(joint);
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

/* ---- wait, wait_for, shield ---- */

int task_wait(struct task *const *tasks, size_t n, enum task_wait_for_what what,
              uint64_t deadline_ns)
{
    struct joint_wait *joint = joint_create(n, true);
    int err = joint != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < n && err == 0; i++) {
        joint->parts[i].future = &tasks[i]->future;
        if (tasks[i] == task_running())
            err = -EDEADLK;
    }
    if (err == 0)
        err = wait_jointly(joint, n, what, deadline_ns, NULL);
    free(joint);
    return err;
}

/* task_wait_for() a task other than the caller. */
static int await_or_end(struct future *f, uint64_t timeout_ns)
{
    uint64_t deadline_ns = clock_add_ns(clock_now_ns(), timeout_ns);
    struct task *caller = task_running();
    bool canceled;
    int err;

    if (f->done)
        return future_result(f);
    caller->flags.wait_canceled = false;
    err = timeout_ns == 0 ? -ETIMEDOUT : future_await_shielded(f, deadline_ns);
    canceled = caller->flags.wait_canceled;
    if (f->done) { /* before the cancellation, if there was one: the caller gets both */
        caller->flags.cancel_requested = caller->flags.cancel_requested || canceled;
        return future_result(f);
    }
    canceled = end_tasks(&(struct part){.future = f}, 1) || canceled;
    if (f->result != -ECANCELED)
        return future_result(f);
    return canceled ? -ECANCELED : err;
}

int task_wait_for(struct awaitable *awaitable, uint64_t timeout_ns)
{
    struct task *made;
    struct future *f;
    int result = task_running() != NULL ? task_secure_waits(task_running()) : wait_refuse();

    if (result < 0) {
        discard(&awaitable, 1);
        return result;
    }
    result = ensure_future(awaitable, &f, &made);
    if (result == 0 && f->is_task && f != &task_running()->future)
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
