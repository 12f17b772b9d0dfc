/* The promise: the verdict on paired blocks is quiet on equal code whatever the noise, finds what
 * is slower where the spread allows it, names no bystander, and never passes what it could not have
 * seen. Held to by simulation; the draws are fixed, so the outcome is too. */
#include "pair/pair_decide.h"

#include "base/normal.h"
#include "base/random.h"
#include "pair/pair_spread.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define SUITES      100 /* of each kind; TVA_PAIR_SUITES in the environment asks for more */
#define METRICS     60
#define COUNT_OF(a) (sizeof(a) / sizeof *(a))
#define BLOCKS      (PAIR_SCREEN_BLOCKS + PAIR_FRESH_MAX)
#define PLANTED     17 /* which metric is slower, where one is */

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
    size_t suites, verdicts[PAIR_VERDICTS], found, bystanders, fresh;
};

static struct tally repeat(const char *what, const struct noise *noise, double planted)
{
    const char *more = getenv("TVA_PAIR_SUITES");
    size_t suites = more != NULL ? strtoul(more, NULL, 10) : SUITES;
    struct suite *s = malloc(sizeof *s);
    struct tally t = {.suites = suites};

    assert_non_null(s);
    for (size_t i = 0; i < suites; i++) {
        simulate(s, noise, planted, i + 1, 1);
        t.verdicts[s->conclusion.verdict]++;
        for (size_t m = 0; m < METRICS; m++) {
            bool flagged = s->metrics[m].verdict == PAIR_REGRESSION;

            t.fresh += s->metrics[m].fresh_wanted;
            t.found += flagged && m == PLANTED && planted > 0;
            t.bystanders += flagged && (m != PLANTED || planted == 0);
        }
    }
    print_message("%s: of %zu suites %zu red, %zu inconclusive, %zu green; found %zu, bystanders "
                  "%zu, %.1f fresh blocks a suite\n",
                  what, suites, t.verdicts[PAIR_REGRESSION], t.verdicts[PAIR_INCONCLUSIVE],
                  t.verdicts[PAIR_PASS], t.found, t.bystanders, (double)t.fresh / (double)suites);
    free(s);
    return t;
}

/* At most 1 % of suites may be red: 3 of 100 would be two standard deviations more. */
static void test_equal_code(void **state)
{
    static const struct {
        const char *what;
        struct noise noise;
    } cases[] = {
        {"equal, 5 % drifting fast", {.own = 0.01, .drift = 0.05, .memory = 0.9}},
        {"equal, 5 % each", {.own = 0.05}},
        {"equal, 2 % and spikes", {.own = 0.02, .spikes = 0.05}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tally t = repeat(cases[i].what, &cases[i].noise, 0);

        assert_true(100 * t.verdicts[PAIR_REGRESSION] <= 3 * t.suites);
    }
}

/* Where noise drifts, pairs take it out: then nothing is left to be inconclusive about. */
static void test_drift_alone_is_no_trouble(void **state)
{
    struct noise noise = {.own = 0.01, .drift = 0.05, .memory = 0.99};
    struct tally t = repeat("equal, 5 % drifting slowly", &noise, 0);

    (void)state;
    assert_true(100 * t.verdicts[PAIR_PASS] >= 95 * t.suites);
    assert_true(100 * t.verdicts[PAIR_REGRESSION] <= 3 * t.suites);
}

static void test_planted_10(void **state)
{
    struct tally t = repeat("+10 %, spread 5 %", &(struct noise){.own = 0.05}, 0.10);

    (void)state;
    assert_true(100 * t.found >= 95 * t.suites);
    assert_true(100 * t.bystanders <= t.suites * METRICS);
}

static void test_planted_5(void **state)
{
    struct tally t = repeat("+5 %, spread 3 %", &(struct noise){.own = 0.03}, 0.05);

    (void)state;
    assert_true(100 * t.found >= 85 * t.suites);
    assert_true(100 * t.bystanders <= t.suites * METRICS);
}

/* What cannot be seen is not passed. */
static void test_noise_is_inconclusive(void **state)
{
    struct tally t = repeat("+10 %, spread 40 %", &(struct noise){.own = 0.4}, 0.10);

    (void)state;
    assert_int_equal(t.verdicts[PAIR_PASS], 0);
    assert_true(100 * t.verdicts[PAIR_REGRESSION] <= 3 * t.suites);
}

static struct suite *new_suite(void)
{
    struct suite *s = malloc(sizeof *s);

    assert_non_null(s);
    return s;
}

/* Without time for fresh blocks a suspect is neither condemned nor cleared. */
static void test_no_time_to_confirm(void **state)
{
    struct suite *s = new_suite();

    (void)state;
    simulate(s, &(struct noise){.own = 0.01}, 0.20, 1, 0);
    assert_int_equal(s->conclusion.verdict, PAIR_INCONCLUSIVE);
    assert_int_equal(s->metrics[PLANTED].verdict, PAIR_INCONCLUSIVE);
    assert_string_equal(s->metrics[PLANTED].reason, "suspected, and not measured often enough to confirm it");
    assert_true(s->metrics[PLANTED].p_holm == 1);
    free(s);
}

/* Judge METRICS metrics whose blocks are those of one series each, and say what comes out. */
static void judge(struct suite *s, size_t screen)
{
    for (size_t i = 0; i < METRICS; i++) {
        s->metrics[i] = (struct pair_metric){.worth = log1p(0.1),
                                             .screen = {s->contender[i], s->relinked[i], screen}};
    }
    assert_int_equal(pair_screen(s->metrics, METRICS), 0);
    for (size_t i = 0; i < METRICS; i++)
        if (s->metrics[i].fresh_wanted > 0)
            s->metrics[i].fresh =
                (struct pair_series){s->contender[i], s->relinked[i], s->metrics[i].fresh_wanted};
    assert_int_equal(pair_conclude(s->metrics, METRICS, &s->conclusion), 0);
}

static struct suite *quiet_suite(void)
{
    struct suite *s = new_suite();

    *s = (struct suite){.seed = 3};
    for (size_t i = 0; i < METRICS; i++)
        for (size_t b = 0; b < BLOCKS; b++) {
            s->contender[i][b] = 0.01 * normal(s);
            s->relinked[i][b] = 0.01 * normal(s);
        }
    return s;
}

static void test_too_few_blocks(void **state)
{
    struct suite *s = quiet_suite();

    (void)state;
    judge(s, PAIR_SCREEN_BLOCKS);
    assert_int_equal(s->conclusion.verdict, PAIR_PASS);
    for (size_t n = 0; n < PAIR_SPREAD_BLOCKS_MIN; n++) {
        judge(s, n);
        assert_int_equal(s->conclusion.verdict, PAIR_INCONCLUSIVE);
        assert_int_equal(s->conclusion.counts[PAIR_INCONCLUSIVE], METRICS);
        assert_string_equal(s->metrics[0].reason, "too few blocks");
    }
    free(s);
}

/* The relinked base is slower as well, in one metric: it is the machine's or the layout's doing. */
static void test_a_relinked_base_that_differs(void **state)
{
    struct suite *s = quiet_suite();

    (void)state;
    for (size_t b = 0; b < BLOCKS; b++) {
        s->contender[PLANTED][b] += 0.2;
        s->relinked[PLANTED][b] += b < PAIR_SCREEN_BLOCKS ? 0.02 : 0.2;
    }
    judge(s, PAIR_SCREEN_BLOCKS);
    for (size_t b = 0; b < BLOCKS; b++)
        s->relinked[PLANTED][b] = 0.2 + 0.01 * normal(s);
    assert_int_equal(pair_conclude(s->metrics, METRICS, &s->conclusion), 0);
    assert_true(s->conclusion.null_rejected);
    assert_int_equal(s->conclusion.verdict, PAIR_INCONCLUSIVE);
    assert_int_equal(s->metrics[PLANTED].verdict, PAIR_INCONCLUSIVE);
    free(s);
}

/* In a fifth of all metrics the relinked base strays a little: too often for chance, though none of
 * them could convict it alone. */
static void test_a_relinked_base_that_strays_often(void **state)
{
    struct suite *s = quiet_suite();

    (void)state;
    for (size_t i = 0; i < METRICS; i += 4)
        for (size_t b = 0; b < BLOCKS; b++)
            s->relinked[i][b] -= 0.08;
    judge(s, PAIR_SCREEN_BLOCKS);
    assert_true(s->conclusion.null_strayed >= METRICS / 5);
    assert_true(s->conclusion.null_rejected);
    assert_int_equal(s->conclusion.verdict, PAIR_INCONCLUSIVE);
    free(s);
}

/* Faster is no regression, by however much; and what is reported is the ratio that was planted. */
static void test_direction_and_estimate(void **state)
{
    struct suite *s = quiet_suite();

    (void)state;
    for (size_t b = 0; b < BLOCKS; b++) {
        s->contender[0][b] -= 0.5;
        s->contender[1][b] += 0.5;
    }
    judge(s, PAIR_SCREEN_BLOCKS);
    assert_int_equal(s->metrics[0].verdict, PAIR_PASS);
    assert_int_equal(s->metrics[1].verdict, PAIR_REGRESSION);
    assert_int_equal(s->conclusion.verdict, PAIR_REGRESSION);
    assert_int_equal(s->conclusion.counts[PAIR_REGRESSION], 1);
    for (size_t i = 0; i < 2; i++) {
        double planted = i == 0 ? -0.5 : 0.5;

        assert_true(fabs(s->metrics[i].estimate - planted) < 0.02);
        assert_true(s->metrics[i].ci_low < planted && planted < s->metrics[i].ci_high);
    }
    free(s);
}

static void test_values_that_are_none(void **state)
{
    struct suite *s = quiet_suite();

    (void)state;
    s->contender[5][2] = NAN;
    for (size_t i = 0; i < METRICS; i++)
        s->metrics[i].screen =
            (struct pair_series){s->contender[i], s->relinked[i], PAIR_SCREEN_BLOCKS};
    assert_int_equal(pair_screen(s->metrics, METRICS), -EINVAL);
    free(s);
}

/* Of normal values the spread is their standard deviation, with outliers or without. */
static void test_spread(void **state)
{
    struct suite *s = new_suite();
    double contender[400], relinked[400], spread, with_outliers;

    (void)state;
    *s = (struct suite){.seed = 8};
    for (size_t i = 0; i < 400; i++) {
        contender[i] = 0.3 + 0.05 * normal(s);
        relinked[i] = 0.05 * normal(s);
    }
    assert_int_equal(pair_spread_of(contender, relinked, 400, &spread), 0);
    for (size_t i = 0; i < 20; i++)
        contender[i * 20] = 9;
    assert_int_equal(pair_spread_of(contender, relinked, 400, &with_outliers), 0);
    assert_true(fabs(spread - 0.05) < 0.005);
    assert_true(fabs(with_outliers - 0.05) < 0.01);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_code),
        cmocka_unit_test(test_drift_alone_is_no_trouble),
        cmocka_unit_test(test_planted_10),
        cmocka_unit_test(test_planted_5),
        cmocka_unit_test(test_noise_is_inconclusive),
        cmocka_unit_test(test_no_time_to_confirm),
        cmocka_unit_test(test_too_few_blocks),
        cmocka_unit_test(test_a_relinked_base_that_differs),
        cmocka_unit_test(test_a_relinked_base_that_strays_often),
        cmocka_unit_test(test_direction_and_estimate),
        cmocka_unit_test(test_values_that_are_none),
        cmocka_unit_test(test_spread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
