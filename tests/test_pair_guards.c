/* The promise: what is wrong with the measurement, and not with the code, is never called a
 * regression nor passed: noise that comes after the screen, a base that differs from itself. The
 * draws are fixed, so the outcome is too. */
#include "pair/pair_decide.h"

#include "base/random.h"
#include "math/stats_laws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define METRICS 20
#define BLOCKS  (PAIR_SCREEN_BLOCKS + PAIR_FRESH_MAX)
#define QUIET   0.01

struct session {
    struct pair_comparison metrics[METRICS];
    double contender[METRICS][BLOCKS], relinked[METRICS][BLOCKS];
    struct pair_conclusion conclusion;
    uint64_t seed, drawn;
};

static double normal(struct session *s)
{
    return stats_normal_quantile(random_uniform(s->seed, 1, s->drawn++));
}

/* Equal code, quiet. */
static void fill(struct session *s, uint64_t seed)
{
    *s = (struct session){.seed = seed};
    for (size_t i = 0; i < METRICS; i++)
        for (size_t b = 0; b < BLOCKS; b++) {
            s->contender[i][b] = QUIET * normal(s);
            s->relinked[i][b] = QUIET * normal(s);
        }
}

static enum pair_verdict judge(struct session *s)
{
    for (size_t i = 0; i < METRICS; i++)
        s->metrics[i] = (struct pair_comparison){
            .worth = log1p(0.1),
            .screen = {s->contender[i], s->relinked[i], PAIR_SCREEN_BLOCKS},
        };
    assert_int_equal(pair_screen(s->metrics, METRICS), 0);
    for (size_t i = 0; i < METRICS; i++)
        s->metrics[i].fresh =
            (struct pair_series){s->contender[i] + PAIR_SCREEN_BLOCKS,
                                 s->relinked[i] + PAIR_SCREEN_BLOCKS, s->metrics[i].fresh_wanted};
    assert_int_equal(pair_conclude(s->metrics, METRICS, &s->conclusion), 0);
    return s->conclusion.verdict;
}

/* Blocks were planned on a quiet machine, which is noisy when they are measured: what is slower by
 * 10 % may be missed, but not passed. */
static void test_noise_after_the_screen(void **state)
{
    size_t passed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct session s;

        fill(&s, seed);
        for (size_t b = 0; b < BLOCKS; b++) {
            double noise = b < PAIR_SCREEN_BLOCKS ? QUIET : 0.12;

            s.contender[3][b] = log1p(0.1) + noise * normal(&s);
            s.relinked[3][b] = noise * normal(&s);
        }
        passed += judge(&s) == PAIR_PASS;
    }
    assert_true(passed <= 5);
}

/* Add to the fresh blocks of some metrics, and to those of the contender in the screen. */
static void differ(struct session *s, size_t metrics, double contender, double relinked)
{
    for (size_t i = 0; i < metrics; i++)
        for (size_t b = 0; b < BLOCKS; b++) {
            s->contender[i][b] += contender;
            s->relinked[i][b] += b < PAIR_SCREEN_BLOCKS ? 0 : relinked;
        }
}

/* The base is quicker than the same code elsewhere in memory, in as many metrics as there are. */
static void test_a_base_unlike_itself(void **state)
{
    (void)state;
    for (size_t metrics = 1; metrics <= METRICS; metrics++) {
        struct session s;

        fill(&s, metrics);
        differ(&s, metrics, 0.2, 0.2);
        assert_int_equal(judge(&s), PAIR_INCONCLUSIVE);
        assert_true(s.conclusion.null_rejected);
        assert_int_equal(s.conclusion.counts[PAIR_REGRESSION], 0);
    }
}

/* ... and also where that cannot be proven, since some blocks tell otherwise. */
static void test_no_slower_than_the_base_linked_again(void **state)
{
    struct session s;

    (void)state;
    fill(&s, 1);
    differ(&s, 5, 0.2, 0.2);
    for (size_t i = 0; i < 5; i++)
        for (size_t b = PAIR_SCREEN_BLOCKS; b < BLOCKS; b += 4)
            s.relinked[i][b] = -0.3;
    assert_int_equal(judge(&s), PAIR_INCONCLUSIVE);
    assert_false(s.conclusion.null_rejected);
    assert_int_equal(s.conclusion.counts[PAIR_REGRESSION], 0);
    assert_non_null(strstr(s.metrics[0].reason, "not than the base linked again"));
}

/* The guards let through what is slower than both. */
static void test_slower_than_both(void **state)
{
    struct session s;

    (void)state;
    fill(&s, 1);
    differ(&s, 5, 0.2, 0.02);
    assert_int_equal(judge(&s), PAIR_REGRESSION);
    assert_int_equal(s.conclusion.counts[PAIR_REGRESSION], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_after_the_screen),
        cmocka_unit_test(test_a_base_unlike_itself),
        cmocka_unit_test(test_no_slower_than_the_base_linked_again),
        cmocka_unit_test(test_slower_than_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
