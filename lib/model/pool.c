#include "async/thread_pool.h"
#include "model/countdown.h"
#include "model/job_call.h"
#include "model/models.h"
#include "model/on_pool.h"

#include <errno.h>
#include <stdlib.h>

struct pool_job {
    struct work work;
    struct job_call call;
    struct countdown *countdown;
};

/* On a thread of the pool. */
static void run_job(struct work *work, unsigned thread)
{
    struct pool_job *job = container_of(work, struct pool_job, work);

    job->call.lane = thread;
    job_call_run(&job->call);
    countdown_arrive(job->countdown, 1);
}

/* All jobs into the queue; the loop stays free until the last has finished. */
static int run(struct batch *batch)
{
    struct pool_job *jobs = malloc((batch->jobs + 1) * sizeof *jobs);
    struct countdown countdown;

    if (jobs == NULL)
        return -ENOMEM;
    countdown_init(&countdown, batch->jobs);
    for (size_t i = 0; i < batch->jobs; i++) {
        jobs[i] = (struct pool_job){
            .work.fn = run_job,
            .call = {.batch = batch, .i = i},
            .countdown = &countdown,
        };
        batch->samples[i].submitted_ns = clock_now_ns();
        thread_pool_submit(batch->state, &jobs[i].work);
    }
    countdown_wait(&countdown);
    free(jobs);
    return 0;
}

const struct model model_pool = {
    .name = "pool",
    .summary = "OS threads take jobs from one queue; the loop stays free",
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
