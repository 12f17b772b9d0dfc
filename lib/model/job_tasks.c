#include "model/job_tasks.h"

#include <errno.h>
#include <stdlib.h>

/* Allocating one by one would show in what a job costs. */
#define BLOCK_TASKS 256

struct job_task {
    struct job_call call;
    struct task *task; /* NULL: free */
    union {
        struct future_watcher watcher; /* of the task's end */
        struct job_task *next_free;
    };
    struct job_tasks *tasks;
};

struct job_task_block {
    struct job_task_block *next;
    struct job_task tasks[BLOCK_TASKS];
};

void job_tasks_init(struct job_tasks *tasks)
{
    *tasks = (struct job_tasks){0};
}

void job_tasks_deinit(struct job_tasks *tasks)
{
    struct job_task_block *next;

    for (struct job_task_block *b = tasks->made; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
}

static void put_back(struct job_task *t)
{
    t->task = NULL;
    t->next_free = t->tasks->free;
    t->tasks->free = t;
}

static struct job_task *take(struct job_tasks *tasks)
{
    struct job_task *t = tasks->free;

    if (t == NULL) {
        struct job_task_block *block = malloc(sizeof *block);

        if (block == NULL)
            return NULL;
        block->next = tasks->made;
        tasks->made = block;
        for (size_t k = BLOCK_TASKS; k > 0; k--) {
            block->tasks[k - 1].tasks = tasks;
            put_back(&block->tasks[k - 1]);
        }
        t = tasks->free;
    }
    tasks->free = t->next_free;
    return t;
}

/* A task that could not start (it was canceled before, or there was no stack) has a result of its
 * own, and its job was not run. */
static void task_ended(struct future_watcher *watcher, struct future *f)
{
    struct job_task *t = container_of(watcher, struct job_task, watcher);
    struct job_call call = t->call;

    put_back(t);
    service_job_ended(call.service, call.i, future_result(f));
}

int job_tasks_create(struct job_tasks *tasks, struct service *s, size_t i, coro_fn *fn)
{
    struct job_task *t = take(tasks);

    if (t == NULL)
        return -ENOMEM;
    t->call = (struct job_call){.service = s, .i = i};
    t->task = task_create(coro_create(fn, &t->call));
    if (t->task == NULL) {
        put_back(t);
        return -ENOMEM;
    }
    t->watcher = (struct future_watcher){.tell = task_ended};
    future_watch(task_future(t->task), &t->watcher);
    task_release(t->task); /* it lives until it ends, and tells us then */
    return 0;
}

void job_tasks_cancel(struct job_tasks *tasks)
{
    for (struct job_task_block *b = tasks->made; b != NULL; b = b->next)
        for (size_t k = 0; k < BLOCK_TASKS; k++)
            if (b->tasks[k].task != NULL)
                task_cancel(b->tasks[k].task);
}
