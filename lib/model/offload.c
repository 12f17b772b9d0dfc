#include "async/loop.h"
#include "async/thread_pool.h"
#include "model/tasks.h"

#include <errno.h>
#include <stdlib.h>

struct offload {
    struct tasks tasks;
    struct thread_pool *executor;
};

static int open_offload(struct service *s, struct err *err)
{
    struct offload *o = malloc(sizeof *o);
    int r;

    if (o == NULL)
        return err_set(err, -ENOMEM, "no memory for the model's tasks");
    tasks_init(&o->tasks);
    r = thread_pool_create(s->threads, 0, &o->executor, err);
    if (r < 0)
        free(o);
    else
        s->state = o;
    return r;
}

/* A task's function: awaits the blocking job in a thread of the executor; a poisoned job runs right
 * here. A job has ended when its task knows. */
static int offload_job(void *arg)
{
    struct service_job *job = arg;
    struct offload *o = job->service->state;
    struct sample *sample = &job->service->samples[job->i];
    int err;

    if (service_is_poisoned(job->service, job->i))
        return service_job_run(job);
    err = loop_run_in_executor(loop_running(), o->executor, service_job_run, job);
    if (err == 0 && sample_ran(sample))
        sample->finished_ns = clock_now_ns();
    return err;
}

static int submit(struct service *s, size_t i)
{
    struct offload *o = s->state;

    return tasks_create(&o->tasks, s, i, offload_job);
}

static void cancel(struct service *s)
{
    struct offload *o = s->state;

    tasks_cancel(&o->tasks);
}

static void close_offload(struct service *s)
{
    struct offload *o = s->state;

    tasks_deinit(&o->tasks);
    thread_pool_destroy(o->executor);
    free(o);
}

const struct model model_offload = {
    .name = "offload",
    .summary = "a task for every job, which awaits the blocking job in an executor's thread",
    .queue = "M/G/c",
    .io = MODEL_IO_BLOCKING,
    .lanes = MODEL_LANES_POOL,
    .on_threads = true,
    .uses_threads = true,
    .open = open_offload,
    .submit = submit,
    .cancel = cancel,
    .close = close_offload,
};
