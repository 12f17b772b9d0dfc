/* The promise: the verdict on paired blocks is quiet on equal code whatever the noise, finds what
 * is slower where the spread allows it, names no bystander, and never passes what it could not have
 * seen. Held to by simulation; the draws are fixed, so the outcome is too. */
#include "pair/pair_decide.h"

#include "base/normal.h"
#include "base/random.h"
#include "pair/pair_spread.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define METRICS 60
#define BLOCKS  (PAIR_SCREEN_BLOCKS + PAIR_FRESH_MAX)
#define PLANTED 17 /* which metric is slower, where one is */

/* How observations of a metric vary: on their own, and by a drift that is the same for all metrics
 * and keeps `memory` of itself from one observation to the next. */
struct noise {
    double own, drift, memory;
    double spikes; /* share of observations that take a while longer, by 30 % on average */
};

struct suite {
    struct pair_metric metrics[METRICS];
    double contender[METRICS][BLOCKS], relinked[METRICS][BLOCKS];
    struct pair_conclusion conclusion;
    uint64_t seed, drawn;
    double drift;
};

static double uniform(struct suite *s)
{
    return random_uniform(s->seed, 1, s->drawn++);
}

static double normal(struct suite *s)
{
    return normal_quantile(uniform(s));
}

static double observe(struct suite *s, const struct noise *noise)
{
    double spike = uniform(s) < noise->spikes ? -0.3 * log(uniform(s)) : 0;

    s->drift = noise->memory * s->drift +
               sqrt(1 - noise->memory * noise->memory) * noise->drift * normal(s);
    return s->drift + noise->own * normal(s) + spike;
}

/* One block of one metric: base, relinked, contender, and back. */
static void fill_block(struct suite *s, const struct noise *noise, size_t metric, size_t block,
                       double effect)
{
    double sums[3] = {0};

    for (size_t i = 0; i < 6; i++)
        sums[i < 3 ? i : 5 - i] += observe(s, noise) / 2;
    s->relinked[metric][block] = sums[1] - sums[0];
    s->contender[metric][block] = sums[2] - sums[0] + effect;
}

/* A whole session, as the program does it. `share`: which of the fresh blocks there is time for. */
static void simulate(struct suite *s, const struct noise *noise, double planted, uint64_t seed,
                     double share)
{
    *s = (struct suite){.seed = seed};
    for (size_t b = 0; b < BLOCKS; b++)
        for (size_t i = 0; i < METRICS; i++)
            fill_block(s, noise, i, b, i == PLANTED ? log1p(planted) : 0);
    for (size_t i = 0; i < METRICS; i++) {
        s->metrics[i].worth = log1p(0.10);
        s->metrics[i].screen =
            (struct pair_series){s->contender[i], s->relinked[i], PAIR_SCREEN_BLOCKS};
    }
    assert_int_equal(pair_screen(s->metrics, METRICS), 0);
    for (size_t i = 0; i < METRICS; i++)
        s->metrics[i].fresh = (struct pair_series){
            s->contender[i] + PAIR_SCREEN_BLOCKS, s->relinked[i] + PAIR_SCREEN_BLOCKS,
            (size_t)(share * (double)s->metrics[i].fresh_wanted)};
    assert_int_equal(pair_conclude(s->metrics, METRICS, &s->conclusion), 0);
}

struct tally {
    size_t suites, verdicts[PAIR_VERDICTS], found, bystanders, missed_as_pass, fresh, suspected;
};

static struct tally repeat(const char *what, const struct noise *noise, double planted,
                           size_t suites)
{
    struct suite *s = malloc(sizeof *s);
    struct tally t = {.suites = suites};

    assert_non_null(s);
    for (size_t i = 0; i < suites; i++) {
        simulate(s, noise, planted, i + 1, 1);
        t.verdicts[s->conclusion.verdict]++;
        for (size_t m = 0; m < METRICS; m++) {
            bool flagged = s->metrics[m].verdict == PAIR_REGRESSION;

            t.fresh += s->metrics[m].fresh_wanted; t.suspected += m == PLANTED && s->metrics[m].suspect;
            t.found += flagged && m == PLANTED && planted > 0;
            t.bystanders += flagged && (m != PLANTED || planted == 0);
        }
        t.missed_as_pass += planted > 0 && s->conclusion.verdict == PAIR_PASS;
    }
    print_message("%s: of %zu suites %zu red, %zu inconclusive, %zu green; found %zu, bystanders "
                  "%zu, %.1f fresh blocks a suite, suspected %zu\n",
                  what, suites, t.verdicts[PAIR_REGRESSION], t.verdicts[PAIR_INCONCLUSIVE],
                  t.verdicts[PAIR_PASS], t.found, t.bystanders, (double)t.fresh / (double)suites, t.suspected);
    free(s);
    return t;
}

/* At most 1 % of suites may be red: 3 in 100 would be 3 standard deviations above that. */
static void test_equal_code(void **state)
{
    static const struct {
        const char *what;
        struct noise noise;
    } cases[] = {
        {"equal, 5 % drifting slowly", {.own = 0.01, .drift = 0.05, .memory = 0.99}},
        {"equal, 5 % drifting fast", {.own = 0.01, .drift = 0.05, .memory = 0.9}},
        {"equal, 5 % each", {.own = 0.05}},
        {"equal, 2 % and spikes", {.own = 0.02, .spikes = 0.05}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tally t = repeat(cases[i].what, &cases[i].noise, 0, 100);

        assert_true(t.verdicts[PAIR_REGRESSION] <= 3);
    }
}

static void test_planted_10(void **state)
{
    struct tally t = repeat("+10 %, spread 5 %", &(struct noise){.own = 0.05}, 0.10, 100);

    (void)state;
    assert_true(t.found >= 95);
    assert_true(t.bystanders <= 100 * METRICS / 100);
}

static void test_planted_5(void **state)
{
    struct tally t = repeat("+5 %, spread 3 %", &(struct noise){.own = 0.03}, 0.05, 100);

    (void)state;
    assert_true(t.found >= 85);
    assert_true(t.bystanders <= 100 * METRICS / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_code),
        cmocka_unit_test(test_planted_10),
        cmocka_unit_test(test_planted_5),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
