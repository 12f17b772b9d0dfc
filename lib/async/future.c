#include "async/future.h"

#include "async/future_internal.h"
#include "async/loop_internal.h"
#include "async/wait.h"

#include <errno.h>

static int future_await_op(struct awaitable *a)
{
    return future_await(container_of(a, struct future, awaitable));
}

void future_init(struct future *f)
{
    *f = (struct future){.awaitable.await = future_await_op};
    list_init(&f->waiters);
}

static int finish(struct future *f, int result)
{
    struct list *node;

    if (f->done)
        return -EALREADY;
    f->done = true;
    f->result = result;
    while ((node = list_take_first(&f->waiters)) != NULL)
        wait_wake(container_of(node, struct task, wait_link), result);
    return 0;
}

int future_set_result(struct future *f, int result)
{
    return result < 0 ? -EINVAL : finish(f, result);
}

int future_set_error(struct future *f, int error)
{
    return error >= 0 ? -EINVAL : finish(f, error);
}

bool future_done(const struct future *f)
{
    return f->done;
}

int future_result(const struct future *f)
{
    return f->done ? f->result : -EINPROGRESS;
}

int future_await(struct future *f)
{
    struct task *t = task_current();
    int result;

    if (f->done)
        return f->result;
    if (&t->future == f)
        return -EDEADLK;
    list_append(&f->waiters, &t->wait_link);
    result = wait_suspend(NO_DEADLINE);
    if (list_linked(&t->wait_link)) /* canceled: the future, still pending, must not wake us */
        list_remove(&t->wait_link);
    return result;
}

bool future_is(const struct awaitable *a)
{
    return a->await == future_await_op;
}
