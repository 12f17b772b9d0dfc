#include "model/in_turn.h"

#include <errno.h>

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

int in_turn_run(struct batch *batch)
{
    for (size_t i = 0; i < batch->jobs; i++) {
        struct call call = {batch, i};
        struct coro *coro = coro_create(run_job, &call);
        int err;

        if (coro == NULL)
            return -ENOMEM;
        batch->samples[i].submitted_ns = clock_now_ns();
        err = coro_await(coro);
        coro_destroy(coro);
        if (err < 0)
            return err;
    }
    return 0;
}

uint64_t in_turn_lanes(uint64_t jobs, unsigned threads)
{
    (void)jobs;
    (void)threads;
    return 1;
}

uint64_t in_turn_cpu_lanes(unsigned threads, unsigned cores)
{
    (void)threads;
    (void)cores;
    return 1;
}
