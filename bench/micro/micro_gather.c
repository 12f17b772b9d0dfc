#include "micro/micro.h"

#include "async/gather.h"

#include <errno.h>
#include <stdlib.h>

int micro_gather(uint64_t n, coro_fn *fn, void *args, size_t stride)
{
    struct awaitable **tasks = malloc((n + 1) * sizeof *tasks);
    uint64_t created = 0;
    int err = tasks == NULL ? -ENOMEM : 0;

    while (created < n && err == 0) {
        struct task *task = task_create(coro_create(fn, (char *)args + created * stride));

        if (task != NULL)
            tasks[created++] = task_awaitable(task);
        else
            err = -ENOMEM;
    }
    if (created > 0) {
        int gathered = task_gather(tasks, created, NULL);

        err = err < 0 ? err : gathered;
    }
    for (uint64_t i = 0; i < created; i++)
        task_release(task_from_awaitable(tasks[i]));
    free(tasks);
    return err;
}
