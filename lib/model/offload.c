#include "model/at_once.h"
#include "model/models.h"
#include "model/on_pool.h"

/* A task's function: the blocking job in a thread of the pool, awaited. */
static int offload_job(void *arg)
{
    struct job_call *call = arg;

    return loop_run_in_executor(loop_running(), call->batch->state, job_call_run, call);
}

static int run(struct batch *batch)
{
    return at_once_run(batch, offload_job);
}

const struct model model_offload = {
    .name = "offload",
    .summary = "a task for every job, which awaits the blocking job in an executor's thread",
    .io = MODEL_IO_BLOCKING,
    .uses_threads = true,
    .queue = "M/G/c",
    .open = on_pool_open,
    .run = run,
    .close = on_pool_close,
    .lanes = on_pool_lanes,
    .cpu_lanes = on_pool_cpu_lanes,
    .os_threads = on_pool_threads,
};
