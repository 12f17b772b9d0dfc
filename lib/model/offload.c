#include "model/job_tasks.h"
#include "model/models.h"
#include "model/pool_lanes.h"

#include "async/thread_pool.h"

#include <errno.h>
#include <stdlib.h>

struct offload {
    struct job_tasks tasks;
    struct thread_pool *executor;
};

static int open_offload(struct service *s, struct err *err)
{
    struct offload *o = malloc(sizeof *o);
    int r;

    if (o == NULL)
        return err_set(err, -ENOMEM, "no memory for the model's tasks");
    job_tasks_init(&o->tasks);
    r = thread_pool_create(s->threads, 0, &o->executor, err);
    if (r < 0)
        free(o);
    else
        s->state = o;
    return r;
}

/* A task's function: the blocking job in a thread of the executor, awaited; or right here, where
 * somebody forgot to. It has ended when whoever awaits it learns of it. */
static int offload_job(void *arg)
{
    struct job_call *call = arg;
    struct offload *o = call->service->state;
    int err;

    if (service_is_poisoned(call->service, call->i))
        return job_call_run(call);
    err = loop_run_in_executor(loop_running(), o->executor, job_call_run, call);
    call->service->samples[call->i].finished_ns = clock_now_ns();
    return err;
}

static int submit(struct service *s, size_t i)
{
    struct offload *o = s->state;

    return job_tasks_create(&o->tasks, s, i, offload_job);
}

static void cancel(struct service *s)
{
    struct offload *o = s->state;

    job_tasks_cancel(&o->tasks);
}

static void close_offload(struct service *s)
{
    struct offload *o = s->state;

    thread_pool_destroy(o->executor);
    free(o);
}

const struct model model_offload = {
    .name = "offload",
    .summary = "a task for every job, which awaits the blocking job in an executor's thread",
    .io = MODEL_IO_BLOCKING,
    .uses_threads = true,
    .queue = "M/G/c",
    .open = open_offload,
    .submit = submit,
    .cancel = cancel,
    .close = close_offload,
    .lanes = pool_lanes,
    .cpu_lanes = pool_cpu_lanes,
    .os_threads = pool_threads,
};
