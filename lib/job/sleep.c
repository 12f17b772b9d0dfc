#include "job/job_types.h"

enum { DURATION };

static const struct param params[] = {
    [DURATION] = {"duration", PARAM_DURATION, 10 * NS_PER_MS, 0, 3600 * NS_PER_S, NULL,
                  "how long one job sleeps"},
};

static int run(struct io *io, struct job *job, uint64_t index, struct job_ledger *ledger)
{
    (void)index;
    ledger->operations = 1;
    return io_sleep(io, job->params[DURATION]);
}

static uint64_t wait_ns(const struct job *job)
{
    return job->params[DURATION];
}

const struct job_type job_sleep = {
    .name = "sleep",
    .summary = "sleep for a time: pure waiting",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .run = run,
    .wait_ns = wait_ns,
};
