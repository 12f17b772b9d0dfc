#include "job/job.h"

static int run(struct io *io, struct job *job, uint64_t index, struct job_ledger *ledger)
{
    (void)io;
    (void)job;
    (void)index;
    ledger->operations = 1;
    return 0;
}

const struct job_type job_null = {
    .name = "null",
    .summary = "do nothing: what the harness itself costs",
    .run = run,
};
