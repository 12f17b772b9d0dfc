#include "support/pair_suite.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct pair_suite *pair_suite_create(void)
{
    struct pair_suite *s = malloc(sizeof *s);

    assert_non_null(s);
    return s;
}

static double uniform(struct pair_suite *s)
{
    return random_uniform(s->seed, 1, s->drawn++);
}

double pair_suite_normal(struct pair_suite *s)
{
    return stats_normal_quantile(uniform(s));
}

static double observe(struct pair_suite *s, const struct pair_suite_noise *noise)
{
    double spike = uniform(s) < noise->spikes ? -0.3 * log(uniform(s)) : 0;

    s->drift = noise->memory * s->drift +
               sqrt(1 - noise->memory * noise->memory) * noise->drift * pair_suite_normal(s);
    return s->drift + noise->own * pair_suite_normal(s) + spike;
}

/* One block of one metric: base, relinked, contender, and back. */
static void fill_block(struct pair_suite *s, const struct pair_suite_noise *noise, size_t metric,
                       size_t block, double effect)
{
    double sums[3] = {0};

    for (size_t i = 0; i < 6; i++)
        sums[i < 3 ? i : 5 - i] += observe(s, noise) / 2;
    s->relinked[metric][block] = sums[1] - sums[0];
    s->contender[metric][block] = sums[2] - sums[0] + effect;
}

void pair_suite_simulate(struct pair_suite *s, const struct pair_suite_noise *noise, double planted,
                         uint64_t seed, double share)
{
    *s = (struct pair_suite){.seed = seed};
    for (size_t b = 0; b < PAIR_SUITE_BLOCKS; b++)
        for (size_t i = 0; i < PAIR_SUITE_METRICS; i++)
            fill_block(s, noise, i, b, i == PAIR_SUITE_PLANTED ? log1p(planted) : 0);
    for (size_t i = 0; i < PAIR_SUITE_METRICS; i++) {
        s->metrics[i].worth = log1p(0.10);
        s->metrics[i].screen =
            (struct pair_series){s->contender[i], s->relinked[i], PAIR_SCREEN_BLOCKS};
    }
    assert_int_equal(pair_screen(s->metrics, PAIR_SUITE_METRICS), 0);
    for (size_t i = 0; i < PAIR_SUITE_METRICS; i++)
        s->metrics[i].fresh = (struct pair_series){
            s->contender[i] + PAIR_SCREEN_BLOCKS, s->relinked[i] + PAIR_SCREEN_BLOCKS,
            (size_t)(share * (double)s->metrics[i].fresh_wanted)};
    assert_int_equal(pair_conclude(s->metrics, PAIR_SUITE_METRICS, &s->conclusion), 0);
}
