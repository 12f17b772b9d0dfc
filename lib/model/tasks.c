/* A task for each job, created when the job is handed over: `tasks` runs the job in the task,
 * `offload` lets the task await a thread that runs it. `uring` is `tasks` over another io. */
#include "async/loop.h"
#include "async/thread_pool.h"
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>

/* Allocated in blocks: one allocation a job would show in the cost of a job. */
#define BLOCK_TASKS 256

struct tasks {
    struct job_task *free;        /* of tasks that have ended, for those to come */
    struct job_task_block *made;  /* all there are */
    struct thread_pool *executor; /* of offload; NULL: the tasks run the jobs */
    struct task *(*create)(struct coro *coro);
};

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

static void put_back(struct job_task *t)
{
    t->task = NULL;
    t->next_free = t->tasks->free;
    t->tasks->free = t;
}

static int make_block(struct tasks *tasks)
{
    struct job_task_block *block = malloc(sizeof *block);

    if (block == NULL)
        return -ENOMEM;
    block->next = tasks->made;
    tasks->made = block;
    for (size_t k = BLOCK_TASKS; k > 0; k--) {
        block->tasks[k - 1].tasks = tasks;
        put_back(&block->tasks[k - 1]);
    }
    return 0;
}

static struct job_task *take(struct tasks *tasks)
{
    struct job_task *t;

    if (tasks->free == NULL && make_block(tasks) < 0)
        return NULL;
    t = tasks->free;
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

/* A task's function: awaits the blocking job in a thread of the executor; a poisoned job runs right
 * here. A job has ended when its task knows. */
static int offload_job(void *arg)
{
    struct service_job *job = arg;
    const struct tasks *tasks = job->service->state;
    struct sample *sample = &job->service->samples[job->i];
    int err;

    if (service_is_poisoned(job->service, job->i))
        return service_job_run(job);
    err = loop_run_in_executor(loop_running(), tasks->executor, service_job_run, job);
    if (err == 0 && sample_ran(sample))
        sample->finished_ns = clock_now_ns();
    return err;
}

/* create_task(job(i)) */
static int submit(struct service *s, size_t i)
{
    struct tasks *tasks = s->state;
    struct job_task *t = take(tasks);

    if (t == NULL)
        return -ENOMEM;
    t->job = (struct service_job){.service = s, .i = i};
    t->task = tasks->create(
        coro_create(tasks->executor != NULL ? offload_job : service_job_run, &t->job));
    if (t->task == NULL) {
        put_back(t);
        return -ENOMEM;
    }
    t->watcher = (struct future_watcher){.tell = task_ended};
    future_watch(task_future(t->task), &t->watcher);
    task_release(t->task); /* it exists until it ends, and calls task_ended() then */
    return 0;
}

static void cancel(struct service *s)
{
    const struct tasks *tasks = s->state;

    for (struct job_task_block *b = tasks->made; b != NULL; b = b->next)
        for (size_t k = 0; k < BLOCK_TASKS; k++)
            if (b->tasks[k].task != NULL)
                task_cancel(b->tasks[k].task);
}

/* Get memory for as many jobs as there can be at once, before the clock starts, as a pool makes its
 * threads. Where there is none, the jobs will find out. */
static void prepare(struct tasks *tasks, size_t jobs)
{
    loop_reserve(loop_running(), jobs);
    for (size_t k = 0; k < jobs && make_block(tasks) == 0; k += BLOCK_TASKS)
        continue;
}

static int open_tasks(struct service *s, struct err *err)
{
    struct tasks *tasks = calloc(1, sizeof *tasks);
    int r = 0;

    if (tasks == NULL)
        return err_set(err, -ENOMEM, "no memory for the model's tasks");
    if (s->model->on_threads)
        r = thread_pool_create(s->threads, 0, &tasks->executor, err);
    if (r < 0) {
        free(tasks);
        return r;
    }
    /* In the executor a job has the stack of a thread. */
    tasks->create =
        tasks->executor == NULL && job_pinned(s->job, s->io) ? task_create : task_create_parkable;
    prepare(tasks, s->at_once);
    s->state = tasks;
    return 0;
}

/* All tasks have ended. */
static void close_tasks(struct service *s)
{
    struct tasks *tasks = s->state;
    struct job_task_block *next;

    for (struct job_task_block *b = tasks->made; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    thread_pool_destroy(tasks->executor);
    free(tasks);
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
    .on_ring = &model_uring,
};

const struct model model_offload = {
    .name = "offload",
    .summary = "a task for every job, which awaits the blocking job in an executor's thread",
    .queue = "M/G/c",
    .io = MODEL_IO_BLOCKING,
    .lanes = MODEL_LANES_POOL,
    .on_threads = true,
    .uses_threads = true,
    .open = open_tasks,
    .submit = submit,
    .cancel = cancel,
    .close = close_tasks,
};

const struct model model_uring = {
    .name = "uring",
    .summary = "as tasks, but the loop and its tasks wait in io_uring instead of libuv",
    .queue = "M/G/inf",
    .io = MODEL_IO_RING,
    .lanes = MODEL_LANES_JOBS,
    .open = open_tasks,
    .submit = submit,
    .cancel = cancel,
    .close = close_tasks,
};
