#include "model/job_tasks.h"
#include "model/models.h"

#include <errno.h>
#include <stdlib.h>

static int open_tasks(struct service *s, struct err *err)
{
    struct job_tasks *tasks = malloc(sizeof *tasks);

    if (tasks == NULL)
        return err_set(err, -ENOMEM, "no memory for the model's tasks");
    job_tasks_init(tasks);
    s->state = tasks;
    return 0;
}

/* create_task(job(i)) */
static int submit(struct service *s, size_t i)
{
    return job_tasks_create(s->state, s, i, job_call_run);
}

static void cancel(struct service *s)
{
    job_tasks_cancel(s->state);
}

static void close_tasks(struct service *s)
{
    free(s->state);
}

static uint64_t lanes(uint64_t jobs, unsigned threads)
{
    (void)threads;
    return jobs;
}

static uint64_t cpu_lanes(unsigned threads, unsigned cores)
{
    (void)threads;
    (void)cores;
    return 1;
}

const struct model model_tasks = {
    .name = "tasks",
    .summary = "a task for every job, created when the job is wanted",
    .io = MODEL_IO_ASYNC,
    .queue = "M/G/inf",
    .open = open_tasks,
    .submit = submit,
    .cancel = cancel,
    .close = close_tasks,
    .lanes = lanes,
    .cpu_lanes = cpu_lanes,
};
