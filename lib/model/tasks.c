#include "async/gather.h"
#include "model/models.h"

#include <errno.h>
#include <stdlib.h>

struct call {
    struct batch *batch;
    size_t i;
};

static int run_job(void *arg)
{
    struct call *call = arg;
    struct batch *batch = call->batch;

    sample_run_job(&batch->samples[call->i], batch->job, batch->io, batch->first_index + call->i,
                   0);
    return 0;
}

/* The caller was canceled: the tasks must end before what they use is freed. */
static void cancel_and_outwait(struct awaitable *const *tasks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        task_cancel(task_from_awaitable(tasks[i]));
    for (size_t i = 0; i < n; i++)
        while (!task_done(task_from_awaitable(tasks[i])))
            await_on(tasks[i]);
}

/* task_create for every job, then gather. */
static int run(struct batch *batch)
{
    struct call *calls = malloc((batch->jobs + 1) * sizeof *calls);
    struct awaitable **tasks = malloc((batch->jobs + 1) * sizeof *tasks);
    size_t created = 0;
    int err = calls == NULL || tasks == NULL ? -ENOMEM : 0, gathered = 0;

    for (; created < batch->jobs && err == 0; created += err == 0) {
        struct task *task;

        calls[created] = (struct call){batch, created};
        batch->samples[created].submitted_ns = clock_now_ns();
        task = task_create(coro_create(run_job, &calls[created]));
        if (task == NULL)
            err = -ENOMEM;
        else
            tasks[created] = task_awaitable(task);
    }
    if (created > 0)
        gathered = task_gather(tasks, created, NULL);
    if (gathered == -ECANCELED)
        cancel_and_outwait(tasks, created);
    for (size_t i = 0; i < created; i++)
        task_release(task_from_awaitable(tasks[i]));
    free(tasks);
    free(calls);
    return err < 0 ? err : gathered;
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
    .summary = "a task for every job, created at once, then gathered",
    .io = MODEL_IO_ASYNC,
    .queue = "M/G/inf",
    .run = run,
    .lanes = lanes,
    .cpu_lanes = cpu_lanes,
};
