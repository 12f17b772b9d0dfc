#include "model/at_once.h"
#include "model/models.h"

static int run(struct batch *batch)
{
    return at_once_run(batch, job_call_run);
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
