/* The promise: the verdict on paired blocks is neither red nor green without the blocks to tell,
 * nor where the relinked base differs from the base as well; it is red only for what is slower, and
 * reports the ratio that was there. test_pair_simulation holds it to that over many suites. */
#include "pair/pair_decide.h"

#include "support/pair_suite.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Without time for fresh blocks a suspect is neither condemned nor cleared. */
static void test_no_time_to_confirm(void **state)
{
    struct pair_suite *s = pair_suite_create();

    (void)state;
    pair_suite_simulate(s, &(struct pair_suite_noise){.own = 0.01}, 0.20, 1, 0);
    assert_int_equal(s->conclusion.verdict, PAIR_INCONCLUSIVE);
    assert_int_equal(s->metrics[PAIR_SUITE_PLANTED].verdict, PAIR_INCONCLUSIVE);
    assert_string_equal(s->metrics[PAIR_SUITE_PLANTED].reason,
                        "suspected, and not measured often enough to confirm it");
    assert_true(s->metrics[PAIR_SUITE_PLANTED].p_holm == 1);
    free(s);
}

/* Judge PAIR_SUITE_METRICS metrics whose blocks are those of one series each, and say what comes
 * out. */
static void judge(struct pair_suite *s, size_t screen)
{
    for (size_t i = 0; i < PAIR_SUITE_METRICS; i++) {
        s->metrics[i] = (struct pair_comparison){
            .worth = log1p(0.1), .screen = {s->contender[i], s->relinked[i], screen}};
    }
    assert_int_equal(pair_screen(s->metrics, PAIR_SUITE_METRICS), 0);
    for (size_t i = 0; i < PAIR_SUITE_METRICS; i++)
        if (s->metrics[i].fresh_wanted > 0)
            s->metrics[i].fresh =
                (struct pair_series){s->contender[i], s->relinked[i], s->metrics[i].fresh_wanted};
    assert_int_equal(pair_conclude(s->metrics, PAIR_SUITE_METRICS, &s->conclusion), 0);
}

static struct pair_suite *quiet_suite(void)
{
    struct pair_suite *s = pair_suite_create();

    *s = (struct pair_suite){.seed = 3};
    for (size_t i = 0; i < PAIR_SUITE_METRICS; i++)
        for (size_t b = 0; b < PAIR_SUITE_BLOCKS; b++) {
            s->contender[i][b] = 0.01 * pair_suite_normal(s);
            s->relinked[i][b] = 0.01 * pair_suite_normal(s);
        }
    return s;
}

static void test_too_few_blocks(void **state)
{
    struct pair_suite *s = quiet_suite();

    (void)state;
    judge(s, PAIR_SCREEN_BLOCKS);
    assert_int_equal(s->conclusion.verdict, PAIR_PASS);
    for (size_t n = 0; n < PAIR_POWER_BLOCKS_MIN; n++) {
        judge(s, n);
        assert_int_equal(s->conclusion.verdict, PAIR_INCONCLUSIVE);
        assert_int_equal(s->conclusion.counts[PAIR_INCONCLUSIVE], PAIR_SUITE_METRICS);
        assert_string_equal(s->metrics[0].reason, "too few blocks");
    }
    free(s);
}

/* The relinked base is slower as well, in one metric: it is the machine's or the layout's doing. */
static void test_a_relinked_base_that_differs(void **state)
{
    struct pair_suite *s = quiet_suite();

    (void)state;
    for (size_t b = 0; b < PAIR_SUITE_BLOCKS; b++) {
        s->contender[PAIR_SUITE_PLANTED][b] += 0.2;
        s->relinked[PAIR_SUITE_PLANTED][b] += b < PAIR_SCREEN_BLOCKS ? 0.02 : 0.2;
    }
    judge(s, PAIR_SCREEN_BLOCKS);
    for (size_t b = 0; b < PAIR_SUITE_BLOCKS; b++)
        s->relinked[PAIR_SUITE_PLANTED][b] = 0.2 + 0.01 * pair_suite_normal(s);
    assert_int_equal(pair_conclude(s->metrics, PAIR_SUITE_METRICS, &s->conclusion), 0);
    assert_true(s->conclusion.null_rejected);
    assert_int_equal(s->conclusion.verdict, PAIR_INCONCLUSIVE);
    assert_int_equal(s->metrics[PAIR_SUITE_PLANTED].verdict, PAIR_INCONCLUSIVE);
    free(s);
}

/* In a fifth of all metrics the relinked base strays a little: too often for chance, though none of
 * them could convict it alone. */
static void test_a_relinked_base_that_strays_often(void **state)
{
    struct pair_suite *s = quiet_suite();

    (void)state;
    for (size_t i = 0; i < PAIR_SUITE_METRICS; i += 4)
        for (size_t b = 0; b < PAIR_SUITE_BLOCKS; b++)
            s->relinked[i][b] -= 0.08;
    judge(s, PAIR_SCREEN_BLOCKS);
    assert_true(s->conclusion.null_strayed >= PAIR_SUITE_METRICS / 5);
    assert_true(s->conclusion.null_rejected);
    assert_int_equal(s->conclusion.verdict, PAIR_INCONCLUSIVE);
    free(s);
}

/* Faster is no regression, by however much; and what is reported is the ratio that was planted. */
static void test_direction_and_estimate(void **state)
{
    struct pair_suite *s = quiet_suite();

    (void)state;
    for (size_t b = 0; b < PAIR_SUITE_BLOCKS; b++) {
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
    struct pair_suite *s = quiet_suite();

    (void)state;
    s->contender[5][2] = NAN;
    for (size_t i = 0; i < PAIR_SUITE_METRICS; i++)
        s->metrics[i].screen =
            (struct pair_series){s->contender[i], s->relinked[i], PAIR_SCREEN_BLOCKS};
    assert_int_equal(pair_screen(s->metrics, PAIR_SUITE_METRICS), -EINVAL);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_time_to_confirm),
        cmocka_unit_test(test_too_few_blocks),
        cmocka_unit_test(test_a_relinked_base_that_differs),
        cmocka_unit_test(test_a_relinked_base_that_strays_often),
        cmocka_unit_test(test_direction_and_estimate),
        cmocka_unit_test(test_values_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
