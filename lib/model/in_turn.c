#include "model/in_turn.h"

#include "model/job_call.h"

#include <errno.h>

int in_turn_run(struct batch *batch)
{
    for (size_t i = 0; i < batch->jobs; i++) {
        struct job_call call = {.batch = batch, .i = i};
        struct coro *coro = coro_create(job_call_run, &call);
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
