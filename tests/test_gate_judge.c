/* The promise: a count a job that rises fails the gate and nothing else does; what cannot be
 * compared is no pass, and says what it is that is missing. */
#include "gate/gate.h"

#include "support/gate_fixture.h"
#include "support/gate_judged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What becomes of a count with this value in the run. */
static int status_with(const char *metric, double value, enum gate_outcome expected)
{
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    struct gate_judged j;
    int status;

    gate_fixture_set(gate_fixture_count(run, 0, metric), "value", value);
    j = gate_judged_by(gate_fixture_baseline(1), run);
    status = j.status;
    assert_int_equal(gate_judge_count(&j.gate, expected), expected == GATE_SAME ? 4 : 1);
    assert_int_equal(gate_judged_find(&j.gate, GATE_COUNTS, metric)->outcome, expected);
    gate_judged_end(&j);
    return status;
}

static void test_counts(void **state)
{
    (void)state;
    assert_int_equal(status_with("syscalls_per_job", 3, GATE_SAME), 0);
    assert_int_equal(status_with("syscalls_per_job", 3.0000000000001, GATE_SAME), 0);
    assert_int_equal(status_with("syscalls_per_job", 3.001, GATE_WORSE), 3);
    assert_int_equal(status_with("syscalls_per_job", 4, GATE_WORSE), 3);
    assert_int_equal(status_with("syscalls_per_job", 2, GATE_BETTER), 0);
    assert_int_equal(status_with("instructions_per_job", 1009, GATE_SAME), 0);
    assert_int_equal(status_with("instructions_per_job", 1011, GATE_WORSE), 3);
    assert_int_equal(status_with("instructions_per_job", 991, GATE_SAME), 0);
    assert_int_equal(status_with("instructions_per_job", 900, GATE_BETTER), 0);
}

/* What is hard but not exact may rise by what its noise is. */
static void test_kinds_that_may_rise_a_little(void **state)
{
    static const struct {
        const char *kind;
        double before, same, worse;
    } cases[] = {{"threads", 400, 599, 601}, {"pages", 0, 0.49, 0.51}, {"wakes", -0.2, 0.29, 0.31}};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        json_t *baseline = gate_fixture_baseline(1), *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
        json_t *counts = json_object_get(json_object_get(baseline, "counts"), "tasks null x 10");
        json_t *was = json_object_get(counts, "syscalls_per_job");
        json_t *is = gate_fixture_count(run, 0, "syscalls_per_job");
        struct gate_judged j;

        json_object_set_new(was, "kind", json_string(cases[i / 2].kind));
        json_object_set_new(is, "kind", json_string(cases[i / 2].kind));
        gate_fixture_set(was, "value", cases[i / 2].before);
        gate_fixture_set(is, "value", i % 2 ? cases[i / 2].worse : cases[i / 2].same);
        j = gate_judged_by(baseline, run);
        assert_int_equal(j.status, i % 2 ? 3 : 0);
        gate_judged_end(&j);
    }
}

/* From none to some is a rise, also of instructions, where 1 % of none is none. */
static void test_from_zero(void **state)
{
    static const char *const names[] = {"syscalls_per_job", "instructions_per_job"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        json_t *baseline = gate_fixture_baseline(1);
        json_t *counts = json_object_get(baseline, "counts");
        struct gate_judged j;

        gate_fixture_set(json_object_get(json_object_get(counts, "pool(4) null x 10"), names[i]),
                         "value", 0);
        j = gate_judged_by(baseline, gate_fixture_run(GATE_JUDGED_DATE, 2));
        assert_int_equal(j.status, 3);
        assert_int_equal(gate_judge_count(&j.gate, GATE_WORSE), 1);
        gate_judged_end(&j);
    }
}

/* Change the run (and the baseline) so; then the two must not be comparable, for this reason. */
static void refuse(json_t *baseline, json_t *run, const char *words)
{
    struct gate_judged j = gate_judged_by(baseline, run);

    assert_int_equal(j.status, 2);
    if (!gate_judged_says(j.gate.faults, words))
        fail_msg("not said: %s, but %s", words,
                 json_string_value(json_array_get(j.gate.faults, 0)));
    gate_judged_end(&j);
}

static void refuse_value(json_t *value, const char *words)
{
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);

    json_object_set_new(gate_fixture_count(run, 1, "syscalls_per_job"), "value", value);
    refuse(gate_fixture_baseline(1), run, words);
}

static void test_numbers_that_are_none(void **state)
{
    (void)state;
    refuse_value(json_real(-1), "syscalls_per_job of \"pool(4) null x 10\" is -1");
    refuse_value(json_real(1e300), "syscalls_per_job of \"pool(4) null x 10\" is 1e+300");
    refuse_value(json_null(), "syscalls_per_job of \"pool(4) null x 10\" is missing or no number");
    refuse_value(json_string("3"), "syscalls_per_job of \"pool(4) null x 10\" is missing or no");
    refuse_value(json_true(), "syscalls_per_job of \"pool(4) null x 10\" is missing or no number");
}

static void test_incomparable(void **state)
{
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);

    (void)state;
    json_array_remove(json_object_get(run, "cells"), 1);
    refuse(gate_fixture_baseline(1), run, "the run lacks the cell \"pool(4) null x 10\"");

    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_object_del(json_object_get(gate_judged_cell(run, 0), "counts"), "syscalls_per_job");
    refuse(gate_fixture_baseline(1), run, "lacks syscalls_per_job of \"tasks null x 10\"");

    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_object_del(json_object_get(gate_judged_cell(run, 0), "counts"),
                    "context_switches_per_job");
    refuse(gate_fixture_baseline(1), run, "lacks context_switches_per_job of \"tasks null x 10\"");

    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_object_del(gate_judged_cell(run, 0), "counts");
    refuse(gate_fixture_baseline(1), run, "\"tasks null x 10\" was not counted");
    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_object_del(gate_judged_cell(run, 0), "counts");
    json_object_del(gate_judged_cell(run, 1), "counts");
    refuse(gate_fixture_baseline(1), run, "the run has no counts");

    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_object_set_new(gate_judged_cell(run, 1), "valid", json_false());
    json_array_append_new(json_object_get(gate_judged_cell(run, 1), "reasons"),
                          json_string("it crashed"));
    refuse(gate_fixture_baseline(1), run,
           "\"pool(4) null x 10\" is invalid in the run: it crashed");

    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_object_set_new(run, "partial", json_true());
    refuse(gate_fixture_baseline(1), run, "cut short");

    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_array_append(json_object_get(run, "cells"), gate_judged_cell(run, 0));
    refuse(gate_fixture_baseline(1), run, "the run has \"tasks null x 10\" twice");

    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_array_clear(json_object_get(run, "cells"));
    refuse(gate_fixture_baseline(1), run, "the run has no counts");

    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_object_set_new(gate_judged_cell(run, 0), "name", json_string("a\033[2Jb"));
    refuse(gate_fixture_baseline(1), run, "a cell without a proper name");
}

/* A count whose repeats no longer agree has lost its meaning; it must not pass for that. */
static void test_kinds(void **state)
{
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);

    (void)state;
    json_object_set_new(gate_fixture_count(run, 0, "syscalls_per_job"), "kind",
                        json_string("scheduled"));
    refuse(gate_fixture_baseline(1), run, "is exact in the baseline and scheduled in the run");
    run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_object_set_new(gate_fixture_count(run, 0, "syscalls_per_job"), "kind", json_string("odd"));
    refuse(gate_fixture_baseline(1), run, "the kind of syscalls_per_job of \"tasks null x 10\"");
}

/* Where both is so, the rise is still said. */
static void test_rise_beside_a_fault(void **state)
{
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    struct gate_judged j;

    (void)state;
    gate_fixture_set(gate_fixture_count(run, 0, "syscalls_per_job"), "value", 4);
    json_array_remove(json_object_get(run, "cells"), 1);
    j = gate_judged_by(gate_fixture_baseline(1), run);
    assert_int_equal(j.status, 2);
    assert_int_equal(gate_judge_count(&j.gate, GATE_WORSE), 1);
    gate_judged_end(&j);
}

static void test_new_is_no_fault(void **state)
{
    json_t *baseline = gate_fixture_baseline(1);
    struct gate_judged j;

    (void)state;
    json_object_del(json_object_get(baseline, "counts"), "pool(4) null x 10");
    j = gate_judged_by(baseline, gate_fixture_run(GATE_JUDGED_DATE, 2));
    assert_int_equal(j.status, 0);
    assert_int_equal(gate_judge_count(&j.gate, GATE_NEW), 2);
    gate_judged_end(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_kinds_that_may_rise_a_little),
        cmocka_unit_test(test_from_zero),
        cmocka_unit_test(test_numbers_that_are_none),
        cmocka_unit_test(test_incomparable),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_rise_beside_a_fault),
        cmocka_unit_test(test_new_is_no_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
