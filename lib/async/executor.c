/* run_in_executor: blocking work in a thread, awaited by a task. */
#include "async/future_internal.h"
#include "async/loop_internal.h"
#include "async/thread_pool.h"
#include "async/wait.h"

#include <errno.h>

/* On the waiting task's stack: the task outwaits it. */
struct call {
    struct work work;
    struct loop *loop;
    struct future done;
    int (*fn)(void *arg);
    void *arg;
    int result;
};

/* On the loop's thread. */
static void call_done(void *arg)
{
    struct call *call = arg;

    future_set_result(&call->done, 0);
}

/* On a thread of the pool. */
static void call_run(struct work *work, unsigned thread)
{
    struct call *call = container_of(work, struct call, work);

    (void)thread;
    call->result = call->fn(call->arg);
    while (loop_call_soon_threadsafe(call->loop, call_done, call) < 0)
        ; /* out of memory: some is bound to be freed, and the loop must learn of the end */
}

static int default_executor(struct loop *loop, struct thread_pool **out)
{
    int err = 0;

    if (loop->executor == NULL)
        err = thread_pool_create(thread_pool_default_size(), 0, &loop->executor, NULL);
    *out = loop->executor;
    return err;
}

int loop_run_in_executor(struct loop *loop, struct thread_pool *pool, int (*fn)(void *arg),
                         void *arg)
{
    struct call call = {.work.fn = call_run, .loop = loop, .fn = fn, .arg = arg};
    int err = pool ? 0 : default_executor(loop, &pool);

    if (err < 0)
        return err;
    future_init(&call.done);
    thread_pool_submit(pool, &call.work);
    err = future_await(&call.done);
    if (err == -ECANCELED && thread_pool_cancel(pool, &call.work))
        return err;
    future_outwait(&call.done);
    if (err == -ECANCELED) /* asked again meanwhile, it sees one request */
        task_current()->cancel_requested = false;
    return err < 0 ? err : call.result;
}
