#include "model/at_once.h"

#include "async/gather.h"

#include <errno.h>
#include <stdlib.h>

int at_once_run(struct batch *batch, coro_fn *fn)
{
    struct job_call *calls = malloc((batch->jobs + 1) * sizeof *calls);
    struct awaitable **tasks = malloc((batch->jobs + 1) * sizeof *tasks);
    size_t created = 0;
    int err = calls == NULL || tasks == NULL ? -ENOMEM : 0, gathered = 0;

    for (; created < batch->jobs && err == 0; created += err == 0) {
        struct task *task;

        calls[created] = (struct job_call){.batch = batch, .i = created};
        batch->samples[created].submitted_ns = clock_now_ns();
        task = task_create(coro_create(fn, &calls[created]));
        if (task == NULL)
            err = -ENOMEM;
        else
            tasks[created] = task_awaitable(task);
    }
    if (created > 0)
        gathered = task_gather(tasks, created, NULL);
    /* Without memory to gather them it returned at once; they work on what is freed below. */
    for (size_t i = 0; i < created; i++)
        while (!task_done(task_from_awaitable(tasks[i])))
            await_on(tasks[i]);
    for (size_t i = 0; i < created; i++)
        task_release(task_from_awaitable(tasks[i]));
    free(tasks);
    free(calls);
    return err < 0 ? err : gathered;
}
