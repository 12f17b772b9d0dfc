#include "model/tasks.h"

#include "async/task.h"

#include <errno.h>
#include <stdlib.h>

/* Allocated in blocks: one allocation a job would show in the cost of a job. */
#define BLOCK_TASKS 256

struct job_task {
    struct service_job job;
    struct task *task; /* NULL: free */
    union {
        struct future_watcher watcher; /* of the task's end */
        struct job_task *next_free;
    };
    struct tasks *tasks;
};

struct job_task_block {
    struct job_task_block *next;
    struct job_task tasks[BLOCK_TASKS];
};

void tasks_init(struct tasks *tasks)
{
    *tasks = (struct tasks){0};
}

void tasks_deinit(struct tasks *tasks)
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

static struct job_task *take(struct tasks *tasks)
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
    struct service_job job = t->job;

    put_back(t);
    service_job_ended(job.service, job.i, future_result(f));
}

int tasks_create(struct tasks *tasks, struct service *s, size_t i, coro_fn *fn)
{
    struct job_task *t = take(tasks);

    if (t == NULL)
        return -ENOMEM;
    t->job = (struct service_job){.service = s, .i = i};
    t->task = task_create(coro_create(fn, &t->job));
    if (t->task == NULL) {
        put_back(t);
        return -ENOMEM;
    }
    t->watcher = (struct future_watcher){.tell = task_ended};
    future_watch(task_future(t->task), &t->watcher);
    task_release(t->task); /* it exists until it ends, and calls task_ended() then */
    return 0;
}

void tasks_cancel(struct tasks *tasks)
{
    for (struct job_task_block *b = tasks->made; b != NULL; b = b->next)
        for (size_t k = 0; k < BLOCK_TASKS; k++)
            if (b->tasks[k].task != NULL)
                task_cancel(b->tasks[k].task);
}

/* ---- The model ---- */

static int open_tasks(struct service *s, struct err *err)
{
    struct tasks *tasks = malloc(sizeof *tasks);

    if (tasks == NULL)
        return err_set(err, -ENOMEM, "no memory for the model's tasks");
    tasks_init(tasks);
    s->state = tasks;
    return 0;
}

/* create_task(job(i)) */
static int submit(struct service *s, size_t i)
{
    return tasks_create(s->state, s, i, service_job_run);
}

static void cancel(struct service *s)
{
    tasks_cancel(s->state);
}

static void close_tasks(struct service *s)
{
    tasks_deinit(s->state);
    free(s->state);
}

const struct model model_tasks = {
    .name = "tasks",
    .summary = "a task for every job, created when the job is wanted",
    .queue = "M/G/inf",
    .io = MODEL_IO_ASYNC,
    .lanes = MODEL_LANES_JOBS,
    .open = open_tasks,
    .submit = submit,
    .cancel = cancel,
    .close = close_tasks,
};
