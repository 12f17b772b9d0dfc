#include "base/clock.h"
#include "base/hash.h"
#include "job/job.h"

#include <errno.h>
#include <stdlib.h>

enum { TOTAL, CPU };

/* The fastest pass gives the speed: a disturbance can only make a pass slower. */
#define CALIBRATION_PASSES 20
#define CALIBRATION_ROUNDS 100000

/* The checksum is of the first rounds, which every job does whatever the machine's speed. */
#define ROUNDS_PROVEN 1000

static const struct param params[] = {
    [TOTAL] = {"total", PARAM_DURATION, 10 * NS_PER_MS, 0, 60 * NS_PER_S, NULL,
               "how long one job takes alone"},
    [CPU] = {"cpu", PARAM_SHARE, PARAM_SHARE_ONE / 2, 0, PARAM_SHARE_ONE, NULL,
             "share of it to compute, half before the wait and half after"},
};

struct mixed {
    uint64_t rounds; /* of one half */
    uint64_t wait_ns;
};

static uint64_t cpu_ns(const struct job *job)
{
    return (uint64_t)((double)job->params[TOTAL] * (double)job->params[CPU] / PARAM_SHARE_ONE);
}

static uint64_t wait_ns(const struct job *job, uint64_t index)
{
    (void)index;
    return job->params[TOTAL] - cpu_ns(job);
}

static uint64_t compute(uint64_t x, uint64_t rounds)
{
    for (uint64_t i = 0; i < rounds; i++)
        x = hash_mix(x);
    return x;
}

/* Hash rounds a ns. Nothing uses the results; the asm statement keeps the compiler from leaving the
 * rounds out. */
static double measure_speed(void)
{
    uint64_t fastest_ns = UINT64_MAX, x = 0;

    for (int i = 0; i < CALIBRATION_PASSES; i++) {
        uint64_t begin_ns = clock_now_ns(), took_ns;

        x = compute(x, CALIBRATION_ROUNDS);
        __asm__ volatile("" : : "r"(x));
        took_ns = clock_now_ns() - begin_ns;
        if (took_ns < fastest_ns)
            fastest_ns = took_ns;
    }
    return CALIBRATION_ROUNDS / (double)(fastest_ns > 0 ? fastest_ns : 1);
}

static int prepare(struct job *job, struct io *io, struct err *err)
{
    struct mixed *mixed = malloc(sizeof *mixed);

    (void)io;
    if (mixed == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    mixed->rounds = (uint64_t)((double)cpu_ns(job) * measure_speed() / 2);
    mixed->wait_ns = wait_ns(job, 0);
    job->state = mixed;
    return 0;
}

static int run(struct io *io, struct job *job, uint64_t index, struct job_ledger *ledger)
{
    const struct mixed *mixed = job->state;
    uint64_t x = compute(job->seed + index, ROUNDS_PROVEN);
    int r = 0;

    ledger->operations = 1;
    ledger->checksum = x;
    if (mixed->rounds > ROUNDS_PROVEN)
        x = compute(x, mixed->rounds - ROUNDS_PROVEN);
    if (mixed->wait_ns > 0)
        r = io_sleep(io, mixed->wait_ns);
    x = compute(x, mixed->rounds);
    __asm__ volatile("" : : "r"(x));
    return r;
}

static void finish(struct job *job, struct io *io)
{
    (void)io;
    free(job->state);
    job->state = NULL;
}

const struct job_type job_mixed = {
    .name = "mixed",
    .summary = "compute and wait: a share of its time computing, at a speed measured before",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .prepare = prepare,
    .run = run,
    .finish = finish,
    .wait_ns = wait_ns,
    .cpu_ns = cpu_ns,
};
