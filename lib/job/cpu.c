#include "base/hash.h"
#include "job/job.h"
#include "math/distribution.h"

enum { ROUNDS, DIST };

static const struct param params[] = {
    [ROUNDS] = {"rounds", PARAM_COUNT, 1000000, 1, 1000000000000, NULL,
                "hash rounds of one job, each depending on the one before"},
    [DIST] = {"dist", PARAM_CHOICE, DISTRIBUTION_FIXED, 0, 0, distribution_words,
              "how the rounds of each job are drawn, with rounds as their mean"},
};

static uint64_t rounds(const struct job *job, uint64_t index)
{
    return distribution_draw_ns((enum distribution)job->params[DIST], job->params[ROUNDS],
                                job->seed, index);
}

static int run(struct io *io, struct job *job, uint64_t index, struct job_ledger *ledger)
{
    uint64_t x = job->seed + index, n = rounds(job, index);

    (void)io;
    for (uint64_t i = 0; i < n; i++)
        x = hash_mix(x);
    ledger->operations = n;
    ledger->checksum = x;
    return 0;
}

static double cpu_share(const struct job *job, uint64_t index)
{
    return (double)rounds(job, index) / (double)job->params[ROUNDS];
}

static struct job_spread spread(const struct job *job)
{
    return (struct job_spread){.scv = distribution_scv((enum distribution)job->params[DIST]),
                               .draws = 1};
}

const struct job_type job_cpu = {
    .name = "cpu",
    .summary = "compute: hash rounds, no waiting",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .cpu_bound = true,
    .run = run,
    .cpu_share = cpu_share,
    .spread = spread,
};
