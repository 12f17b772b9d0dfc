#include "job/job.h"
#include "math/distribution.h"

enum { DURATION, DIST };

static const struct param params[] = {
    [DURATION] = {"duration", PARAM_DURATION, 10 * NS_PER_MS, 0, 3600 * NS_PER_S, NULL,
                  "how long one job sleeps"},
    [DIST] = {"dist", PARAM_CHOICE, DISTRIBUTION_FIXED, 0, 0, distribution_words,
              "how the time of each job is drawn, with duration as its mean"},
};

static uint64_t wait_ns(const struct job_part *part, uint64_t index)
{
    return distribution_draw_ns((enum distribution)part->params[DIST], part->params[DURATION],
                                part->seed, index);
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    ledger->operations++;
    return io_sleep(io, wait_ns(part, index));
}

static struct job_spread spread(const struct job_part *part)
{
    return (struct job_spread){.mean_wait_ns = (double)part->params[DURATION],
                               .scv = distribution_scv((enum distribution)part->params[DIST]),
                               .draws = 1};
}

const struct job_type job_sleep = {
    .name = "sleep",
    .summary = "sleep for a time: pure waiting",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .run = run,
    .wait_ns = wait_ns,
    .spread = spread,
};
