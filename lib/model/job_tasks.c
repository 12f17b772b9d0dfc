#include "model/job_tasks.h"

#include <errno.h>
#include <stdlib.h>

struct job_task {
    struct job_call call;
    struct list link; /* in running */
    struct task *task;
    struct future_watcher watcher; /* of the task's end */
};

void job_tasks_init(struct job_tasks *tasks)
{
    list_init(&tasks->running);
}

/* A task that could not start (it was canceled before, or there was no stack) has a result of its
 * own, and its job was not run. */
static void task_ended(struct future_watcher *watcher, struct future *f)
{
    struct job_task *t = container_of(watcher, struct job_task, watcher);
    struct job_call call = t->call;

    list_remove(&t->link);
    free(t);
    service_job_ended(call.service, call.i, future_result(f));
}

int job_tasks_create(struct job_tasks *tasks, struct service *s, size_t i, coro_fn *fn)
{
    struct job_task *t = malloc(sizeof *t);

    if (t == NULL)
        return -ENOMEM;
    t->call = (struct job_call){.service = s, .i = i};
    t->task = task_create(coro_create(fn, &t->call));
    if (t->task == NULL) {
        free(t);
        return -ENOMEM;
    }
    t->watcher = (struct future_watcher){.tell = task_ended};
    future_watch(task_future(t->task), &t->watcher);
    list_append(&tasks->running, &t->link);
    task_release(t->task); /* it lives until it ends, and tells us then */
    return 0;
}

void job_tasks_cancel(struct job_tasks *tasks)
{
    for (struct list *node = tasks->running.next; node != &tasks->running; node = node->next)
        task_cancel(container_of(node, struct job_task, link)->task);
}
