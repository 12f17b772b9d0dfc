/* Another name for a sum: compute for half of the share, wait, compute for the other half. */
#include "base/text.h"
#include "job/job.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { TOTAL, CPU };

static const struct param params[] = {
    [TOTAL] = {"total", PARAM_DURATION, 10 * NS_PER_MS, 0, 60 * NS_PER_S, NULL,
               "how long one job takes alone"},
    [CPU] = {"cpu", PARAM_SHARE, PARAM_SHARE_ONE / 2, 0, PARAM_SHARE_ONE, NULL,
             "share of it to compute, half before the wait and half after"},
};

static uint64_t cpu_ns(const struct job_part *part, uint64_t index)
{
    (void)index;
    return (uint64_t)((double)part->params[TOTAL] * (double)part->params[CPU] / PARAM_SHARE_ONE);
}

static uint64_t wait_ns(const struct job_part *part, uint64_t index)
{
    return part->params[TOTAL] - cpu_ns(part, index);
}

/* Parts that take no time are left out. */
static void add(char *sum, size_t size, const char *part, uint64_t ns)
{
    if (ns > 0)
        text_add(sum, size, "%s%s=%" PRIu64 "ns", sum[0] != '\0' ? " + " : "", part, ns);
}

static int prepare(struct job_part *part, struct io *io, struct err *err)
{
    struct job *sum = calloc(1, sizeof *sum);
    uint64_t half_ns = cpu_ns(part, 0) / 2;
    char text[JOB_TEXT_SIZE] = "";
    int r;

    if (sum == NULL)
        return err_set(err, -ENOMEM, "job mixed: out of memory");
    add(text, sizeof text, "cpu:time", half_ns);
    add(text, sizeof text, "sleep:duration", wait_ns(part, 0));
    add(text, sizeof text, "cpu:time", cpu_ns(part, 0) - half_ns);
    r = job_add(sum, text[0] != '\0' ? text : "null", NULL, err);
    if (r == 0) {
        job_set_seed(sum, part->seed);
        r = job_prepare(sum, io, err);
    }
    if (r == 0)
        part->state = sum;
    else
        free(sum);
    return r;
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    return job_run(part->state, io, index, ledger);
}

static void finish(struct job_part *part, struct io *io)
{
    job_finish(part->state, io);
    free(part->state);
    part->state = NULL;
}

const struct job_type job_mixed = {
    .name = "mixed",
    .summary = "compute and wait: short for cpu:time=A + sleep:duration=B + cpu:time=A",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .prepare = prepare,
    .run = run,
    .finish = finish,
    .wait_ns = wait_ns,
    .cpu_ns = cpu_ns,
};
