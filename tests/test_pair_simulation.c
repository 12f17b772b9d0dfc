/* The promise: over many suites the verdict on paired blocks is quiet on equal code whatever the
 * noise, finds what is slower where the spread allows it, names no bystander, and never passes what
 * it could not have seen. The draws are fixed, so the outcome is too. */
#include "pair/pair_decide.h"

#include "support/pair_suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define SUITES      100 /* of each kind; TVA_PAIR_SUITES in the environment asks for more */
#define NOISY       33  /* of those that take longest; none of them may be red or green */
#define SANITIZED   10  /* of each kind under sanitizers, to which rates say nothing */
#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

struct tally {
    size_t suites, verdicts[PAIR_VERDICTS], found, bystanders, fresh;
};

static size_t suites_wanted(void)
{
    const char *more = getenv("TVA_PAIR_SUITES"), *sanitizers = getenv("TVA_SANITIZE");

    if (more != NULL)
        return strtoul(more, NULL, 10);
    return sanitizers != NULL && *sanitizers != '\0' ? SANITIZED : SUITES;
}

static struct tally repeat_some(size_t suites, const char *what,
                                const struct pair_suite_noise *noise, double planted)
{
    struct pair_suite *s = malloc(sizeof *s);
    struct tally t = {.suites = suites};

    assert_non_null(s);
    for (size_t i = 0; i < suites; i++) {
        pair_suite_simulate(s, noise, planted, i + 1, 1);
        t.verdicts[s->conclusion.verdict]++;
        for (size_t m = 0; m < PAIR_SUITE_METRICS; m++) {
            bool flagged = s->metrics[m].verdict == PAIR_REGRESSION;

            t.fresh += s->metrics[m].fresh_wanted;
            t.found += flagged && m == PAIR_SUITE_PLANTED && planted > 0;
            t.bystanders += flagged && (m != PAIR_SUITE_PLANTED || planted == 0);
        }
    }
    print_message("%s: of %zu suites %zu red, %zu inconclusive, %zu green; found %zu, bystanders "
                  "%zu, %.1f fresh blocks a suite\n",
                  what, suites, t.verdicts[PAIR_REGRESSION], t.verdicts[PAIR_INCONCLUSIVE],
                  t.verdicts[PAIR_PASS], t.found, t.bystanders, (double)t.fresh / (double)suites);
    free(s);
    return t;
}

static struct tally repeat(const char *what, const struct pair_suite_noise *noise, double planted)
{
    return repeat_some(suites_wanted(), what, noise, planted);
}

/* At most 1 % of suites may be red: 3 of 100 would be two standard deviations more. */
static void test_equal_code(void **state)
{
    static const struct {
        const char *what;
        struct pair_suite_noise noise;
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
    struct pair_suite_noise noise = {.own = 0.01, .drift = 0.05, .memory = 0.99};
    struct tally t = repeat("equal, 5 % drifting slowly", &noise, 0);

    (void)state;
    assert_true(100 * t.verdicts[PAIR_PASS] >= 95 * t.suites);
    assert_true(100 * t.verdicts[PAIR_REGRESSION] <= 3 * t.suites);
}

static void test_planted_10(void **state)
{
    struct tally t = repeat("+10 %, spread 5 %", &(struct pair_suite_noise){.own = 0.05}, 0.10);

    (void)state;
    assert_true(100 * t.found >= 95 * t.suites);
    assert_true(100 * t.bystanders <= t.suites * PAIR_SUITE_METRICS);
}

static void test_planted_5(void **state)
{
    struct tally t = repeat("+5 %, spread 3 %", &(struct pair_suite_noise){.own = 0.03}, 0.05);

    (void)state;
    if (t.suites >= SUITES)
        assert_true(100 * t.found >= 85 * t.suites);
    assert_true(100 * t.bystanders <= t.suites * PAIR_SUITE_METRICS);
}

/* What cannot be seen is not passed. */
static void test_noise_is_inconclusive(void **state)
{
    size_t suites = suites_wanted() == SUITES ? NOISY : suites_wanted();
    struct tally t =
        repeat_some(suites, "+10 %, spread 40 %", &(struct pair_suite_noise){.own = 0.4}, 0.10);

    (void)state;
    assert_int_equal(t.verdicts[PAIR_PASS], 0);
    assert_true(100 * t.verdicts[PAIR_REGRESSION] <= 3 * t.suites);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_code),
        cmocka_unit_test(test_drift_alone_is_no_trouble),
        cmocka_unit_test(test_planted_10),
        cmocka_unit_test(test_planted_5),
        cmocka_unit_test(test_noise_is_inconclusive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
