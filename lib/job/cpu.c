#include "base/hash.h"
#include "job/job_types.h"

enum { ROUNDS };

static const struct param params[] = {
    [ROUNDS] = {"rounds", PARAM_COUNT, 1000000, 1, 1000000000000, NULL,
                "hash rounds of one job, each depending on the one before"},
};

static int run(struct io *io, struct job *job, uint64_t index, struct job_ledger *ledger)
{
    uint64_t x = job->seed + index;

    (void)io;
    for (uint64_t i = 0; i < job->params[ROUNDS]; i++)
        x = hash_mix(x);
    ledger->operations = job->params[ROUNDS];
    ledger->checksum = x;
    return 0;
}

const struct job_type job_cpu = {
    .name = "cpu",
    .summary = "compute: a fixed number of hash rounds, no waiting",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .cpu_bound = true,
    .run = run,
};
