/* A job of your own, a plugin: `tva run --job ./lookup.so:delay=5ms` measures it under every model.
 * It asks a cache, and a backend for each request that the cache lacks. `tva new job` writes a
 * smaller one to begin with. */
#include "base/random.h"
#include "job/plugin.h"

#define CACHE_STREAM 100 /* a number that tva does not use (base/random.h) */

enum { DELAY, HITS };

static const struct param params[] = {
    /* name, kind, default, least, most, words, help */
    [DELAY] = {"delay", PARAM_DURATION, 10 * NS_PER_MS, 0, NS_PER_S, NULL,
               "how long the backend takes"},
    [HITS] = {"hits", PARAM_SHARE, PARAM_SHARE_ONE / 2, 0, PARAM_SHARE_ONE, NULL,
              "share of the requests that the cache has"},
};

/* By the job's seed and index, so that it is the same under every model. */
static bool hits(const struct job_part *part, uint64_t index)
{
    return random_uniform(part->seed, CACHE_STREAM, index) * PARAM_SHARE_ONE <
           (double)part->params[HITS];
}

static uint64_t wait_ns(const struct job_part *part, uint64_t index)
{
    return hits(part, index) ? 0 : part->params[DELAY];
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    ledger->operations++;
    return hits(part, index) ? 0 : io_sleep(io, part->params[DELAY]);
}

static const struct job_type type = {
    .summary = "look a value up in a cache, and else in a backend",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .run = run,
    .wait_ns = wait_ns,
};

TVA_PLUGIN(type);
