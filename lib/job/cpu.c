#include "base/clock.h"
#include "base/hash.h"
#include "job/job.h"
#include "math/distribution.h"

#include <errno.h>
#include <stdlib.h>

enum { ROUNDS, TIME, DIST };

/* The fastest pass gives the speed: a disturbance can only make a pass slower. */
#define CALIBRATION_PASSES 20
#define CALIBRATION_ROUNDS 100000

/* How many rounds a time takes depends on the machine, and the ledger must not. So it proves the
 * first rounds, which every job does. */
#define ROUNDS_PROVEN 100

static const struct param params[] = {
    [ROUNDS] = {"rounds", PARAM_COUNT, 1000000, 1, 1000000000000, NULL,
                "hash rounds of one job, each depending on the one before", .either = true},
    [TIME] = {"time", PARAM_DURATION, 0, 1, 60 * NS_PER_S, NULL,
              "instead of rounds: how long one job computes alone, at a speed measured before",
              .either = true},
    [DIST] = {"dist", PARAM_CHOICE, DISTRIBUTION_FIXED, 0, 0, distribution_words,
              "how the rounds or the time of each job are drawn, with these as their mean"},
};

/* Of a job that computes for a time. */
struct state {
    double rounds_per_ns;
};

/* The mean: a time, or rounds. */
static uint64_t mean(const struct job_part *part)
{
    return part->params[TIME] > 0 ? part->params[TIME] : part->params[ROUNDS];
}

/* A time, or rounds. */
static uint64_t draw(const struct job_part *part, uint64_t index)
{
    return distribution_draw_ns((enum distribution)part->params[DIST], mean(part), part->seed,
                                index);
}

static uint64_t compute(uint64_t x, uint64_t rounds)
{
    for (uint64_t i = 0; i < rounds; i++)
        x = hash_mix(x);
    return x;
}

/* Nothing uses the results; the asm statement keeps the compiler from leaving the rounds out. */
static double measure_rounds_per_ns(void)
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

static int prepare(struct job_part *part, struct io *io, struct err *err)
{
    struct state *state;

    (void)io;
    if (part->params[TIME] == 0)
        return 0;
    state = malloc(sizeof *state);
    if (state == NULL)
        return err_set(err, -ENOMEM, "job cpu: out of memory");
    state->rounds_per_ns = measure_rounds_per_ns();
    part->state = state;
    return 0;
}

/* For the time of job number `index`. */
static void run_for_time(const struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    const struct state *state = part->state;
    uint64_t rounds = (uint64_t)((double)draw(part, index) * state->rounds_per_ns);
    uint64_t x = compute(part->seed + index, ROUNDS_PROVEN);

    ledger->operations++;
    ledger->checksum += x;
    if (rounds > ROUNDS_PROVEN)
        x = compute(x, rounds - ROUNDS_PROVEN);
    __asm__ volatile("" : : "r"(x));
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    uint64_t rounds;

    (void)io;
    if (part->params[TIME] > 0) {
        run_for_time(part, index, ledger);
        return 0;
    }
    rounds = draw(part, index);
    ledger->operations += rounds;
    ledger->checksum += compute(part->seed + index, rounds);
    return 0;
}

static void finish(struct job_part *part, struct io *io)
{
    (void)io;
    free(part->state);
    part->state = NULL;
}

static uint64_t cpu_ns(const struct job_part *part, uint64_t index)
{
    return part->params[TIME] > 0 ? draw(part, index) : 0;
}

static double cpu_share(const struct job_part *part, uint64_t index)
{
    return (double)draw(part, index) / (double)mean(part);
}

static struct job_spread spread(const struct job_part *part)
{
    return (struct job_spread){.mean_cpu_ns = (double)part->params[TIME],
                               .scv = distribution_scv((enum distribution)part->params[DIST]),
                               .draws = 1};
}

const struct job_type job_cpu = {
    .name = "cpu",
    .summary = "compute: hash rounds, no waiting",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .cpu_bound = true,
    .prepare = prepare,
    .run = run,
    .finish = finish,
    .cpu_ns = cpu_ns,
    .cpu_share = cpu_share,
    .spread = spread,
};
