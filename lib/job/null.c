#include "job/job.h"

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    (void)io;
    (void)part;
    (void)index;
    ledger->operations++;
    return 0;
}

const struct job_type job_null = {
    .name = "null",
    .summary = "do nothing: what the harness itself costs",
    .takes_no_time = true,
    .run = run,
};
