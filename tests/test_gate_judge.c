/* The promise: a count a job that rises fails the gate and nothing else does; what cannot be
 * compared is no pass, and says what it is that is missing; ratios and times only ever warn, and
 * only when enough sessions say what is usual. */
#include "gate/gate_baseline.h"
#include "gate/gate_judge.h"
#include "gate/gate_report.h"
#include "result/result.h"
#include "support/gate_fixture.h"
#include "support/gate_judged.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DATE "2026-02-01T00:00:00Z"

/* What becomes of a count with this value in the run. */
static int status_with(const char *metric, double value, enum gate_outcome expected)
{
    json_t *run = gate_fixture_run(DATE, 2);
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

/* From none to some is a rise, also of instructions, where 1 % of none is none. */
static void test_from_zero(void **state)
{
    static const char *const metrics[] = {"syscalls_per_job", "instructions_per_job"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        json_t *baseline = gate_fixture_baseline(1);
        json_t *counts = json_object_get(baseline, "counts");
        struct gate_judged j;

        gate_fixture_set(json_object_get(json_object_get(counts, "pool(4) null x 10"), metrics[i]),
                         "value", 0);
        j = gate_judged_by(baseline, gate_fixture_run(DATE, 2));
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
    json_t *run = gate_fixture_run(DATE, 2);

    json_object_set_new(gate_fixture_count(run, 1, "syscalls_per_job"), "value", value);
    refuse(gate_fixture_baseline(1), run, words);
}

static json_t *cell_of(json_t *run, size_t i)
{
    return json_array_get(json_object_get(run, "cells"), i);
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
    json_t *run = gate_fixture_run(DATE, 2);

    (void)state;
    json_array_remove(json_object_get(run, "cells"), 1);
    refuse(gate_fixture_baseline(1), run, "the run lacks the cell \"pool(4) null x 10\"");

    run = gate_fixture_run(DATE, 2);
    json_object_del(json_object_get(cell_of(run, 0), "counts"), "syscalls_per_job");
    refuse(gate_fixture_baseline(1), run, "lacks syscalls_per_job of \"tasks null x 10\"");

    run = gate_fixture_run(DATE, 2);
    json_object_del(json_object_get(cell_of(run, 0), "counts"), "context_switches_per_job");
    refuse(gate_fixture_baseline(1), run, "lacks context_switches_per_job of \"tasks null x 10\"");

    run = gate_fixture_run(DATE, 2);
    json_object_del(cell_of(run, 0), "counts");
    refuse(gate_fixture_baseline(1), run, "\"tasks null x 10\" was not counted");
    run = gate_fixture_run(DATE, 2);
    json_object_del(cell_of(run, 0), "counts");
    json_object_del(cell_of(run, 1), "counts");
    refuse(gate_fixture_baseline(1), run, "the run has no counts");

    run = gate_fixture_run(DATE, 2);
    json_object_set_new(cell_of(run, 1), "valid", json_false());
    json_array_append_new(json_object_get(cell_of(run, 1), "reasons"), json_string("it crashed"));
    refuse(gate_fixture_baseline(1), run,
           "\"pool(4) null x 10\" is invalid in the run: it crashed");

    run = gate_fixture_run(DATE, 2);
    json_object_set_new(run, "partial", json_true());
    refuse(gate_fixture_baseline(1), run, "cut short");

    run = gate_fixture_run(DATE, 2);
    json_array_append(json_object_get(run, "cells"), cell_of(run, 0));
    refuse(gate_fixture_baseline(1), run, "the run has \"tasks null x 10\" twice");

    run = gate_fixture_run(DATE, 2);
    json_array_clear(json_object_get(run, "cells"));
    refuse(gate_fixture_baseline(1), run, "the run has no counts");

    run = gate_fixture_run(DATE, 2);
    json_object_set_new(cell_of(run, 0), "name", json_string("a\033[2Jb"));
    refuse(gate_fixture_baseline(1), run, "a cell without a proper name");
}

/* A count whose repeats no longer agree has lost its meaning; it must not pass for that. */
static void test_kinds(void **state)
{
    json_t *run = gate_fixture_run(DATE, 2);

    (void)state;
    json_object_set_new(gate_fixture_count(run, 0, "syscalls_per_job"), "kind",
                        json_string("scheduled"));
    refuse(gate_fixture_baseline(1), run, "is exact in the baseline and scheduled in the run");
    run = gate_fixture_run(DATE, 2);
    json_object_set_new(gate_fixture_count(run, 0, "syscalls_per_job"), "kind", json_string("odd"));
    refuse(gate_fixture_baseline(1), run, "the kind of syscalls_per_job of \"tasks null x 10\"");
}

/* Where both is so, the rise is still told. */
static void test_rise_beside_a_fault(void **state)
{
    json_t *run = gate_fixture_run(DATE, 2);
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
    j = gate_judged_by(baseline, gate_fixture_run(DATE, 2));
    assert_int_equal(j.status, 0);
    assert_int_equal(gate_judge_count(&j.gate, GATE_NEW), 2);
    gate_judged_end(&j);
}

static enum gate_outcome ratio_outcome(size_t sessions, double ratio)
{
    struct gate_judged j =
        gate_judged_by(gate_fixture_baseline(sessions), gate_fixture_run(DATE, ratio));
    const struct gate_row *row = gate_judged_find(&j.gate, GATE_RATIOS, "makespan_s");
    enum gate_outcome outcome = row->outcome;

    assert_int_equal(j.status, 0);
    assert_string_equal(row->cell, "pool(4)/tasks null x 10");
    assert_true(fabs(row->now - ratio) < 1e-9);
    if (outcome != GATE_UNJUDGED)
        assert_true(row->low < row->before && row->before < row->high);
    gate_judged_end(&j);
    return outcome;
}

static void test_ratios(void **state)
{
    (void)state;
    assert_int_equal(ratio_outcome(7, 5), GATE_UNJUDGED);
    assert_int_equal(ratio_outcome(8, 2.02), GATE_SAME);
    assert_int_equal(ratio_outcome(8, 1.98), GATE_SAME);
    assert_int_equal(ratio_outcome(8, 3), GATE_OUTSIDE);
    assert_int_equal(ratio_outcome(20, 1), GATE_OUTSIDE);
}

static void test_few_sessions_are_told(void **state)
{
    struct gate_judged j = gate_judged_by(gate_fixture_baseline(7), gate_fixture_run(DATE, 2));

    (void)state;
    assert_true(gate_judged_says(j.gate.notes,
                                 "8 of 8 ratios, scheduled counts and times were not judged"));
    gate_judged_end(&j);
}

static json_t *session_of(json_t *baseline, size_t i)
{
    return json_array_get(json_object_get(baseline, "sessions"), i);
}

/* It is the sessions that have a figure which count for it, not all. */
static void test_sessions_are_counted_by_figure(void **state)
{
    json_t *baseline = gate_fixture_baseline(12);
    struct gate_judged j;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        json_object_clear(json_object_get(session_of(baseline, i), "ratios"));
    j = gate_judged_by(baseline, gate_fixture_run(DATE, 5));
    assert_int_equal(gate_judged_find(&j.gate, GATE_RATIOS, "makespan_s")->outcome, GATE_UNJUDGED);
    assert_int_equal(gate_judged_find(&j.gate, GATE_TIMES, "makespan_s")->outcome, GATE_SAME);
    assert_true(gate_judged_says(j.gate.notes, "2 of 8 ratios, scheduled counts and times were not "
                                               "judged"));
    gate_judged_end(&j);
}

/* Too few of this machine have a ratio: then those of all machines that have it are what counts. */
static void test_other_machines_help_out(void **state)
{
    json_t *baseline = gate_fixture_baseline(16);
    struct gate_judged j;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        json_object_set_new(session_of(baseline, i), "fingerprint", json_string("another box"));
    json_object_clear(json_object_get(session_of(baseline, 15), "ratios"));
    j = gate_judged_by(baseline, gate_fixture_run(DATE, 5));
    assert_int_equal(gate_judged_find(&j.gate, GATE_RATIOS, "makespan_s")->outcome, GATE_OUTSIDE);
    assert_int_equal(json_array_size(j.gate.notes), 0);
    gate_judged_end(&j);
}

/* The ratio is that of each round, not of two medians: rounds in which all was slow cancel out. */
static void test_ratio_is_paired(void **state)
{
    json_t *run = gate_fixture_run(DATE, 2);
    json_t *pool = json_object_get(cell_of(run, 1), "summary");
    json_t *values = json_object_get(json_object_get(pool, "makespan_s"), "values");
    struct gate_judged j;

    (void)state;
    /* tasks: 1, 2, 4 ms; so ratios are 12, 3, 2, while that of the medians is 4. */
    json_array_set_new(values, 0, json_real(0.012));
    json_array_set_new(values, 1, json_real(0.006));
    json_array_set_new(values, 2, json_real(0.008));
    j = gate_judged_by(gate_fixture_baseline(1), run);
    assert_true(fabs(gate_judged_find(&j.gate, GATE_RATIOS, "makespan_s")->now - 3) < 1e-9);
    gate_judged_end(&j);
}

static void test_scheduled(void **state)
{
    static const struct {
        double value;
        enum gate_outcome outcome;
    } cases[] = {{0.5, GATE_SAME}, {0.505, GATE_SAME}, {0.9, GATE_OUTSIDE}, {-0.1, GATE_BETTER}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *run = gate_fixture_run(DATE, 2);
        struct gate_judged j;

        gate_fixture_set(gate_fixture_count(run, 0, "context_switches_per_job"), "value",
                         cases[i].value);
        j = gate_judged_by(gate_fixture_baseline(8), run);
        assert_int_equal(
            gate_judged_find(&j.gate, GATE_SCHEDULES, "context_switches_per_job")->outcome,
            cases[i].outcome);
        assert_int_equal(j.status, 0);
        gate_judged_end(&j);
    }
}

/* Of another machine times say nothing, counts all the same. */
static void test_other_machine(void **state)
{
    json_t *run = gate_fixture_run(DATE, 2);
    struct gate_judged j;

    (void)state;
    json_object_set_new(json_object_get(run, "context"), "cpu", json_string("other"));
    gate_fixture_set(gate_fixture_count(run, 0, "syscalls_per_job"), "value", 4);
    j = gate_judged_by(gate_fixture_baseline(9), run);
    assert_int_equal(j.status, 3);
    assert_int_equal(gate_judged_find(&j.gate, GATE_TIMES, "makespan_s")->outcome, GATE_UNJUDGED);
    assert_int_equal(gate_judged_find(&j.gate, GATE_RATIOS, "makespan_s")->outcome, GATE_SAME);
    assert_true(gate_judged_says(j.gate.notes, "(9 stored, 0 of this machine and build"));
    gate_judged_end(&j);
}

static void test_times(void **state)
{
    json_t *run = gate_fixture_run(DATE, 2);
    json_t *summary = json_object_get(cell_of(run, 0), "summary");
    json_t *values = json_object_get(json_object_get(summary, "makespan_s"), "values");
    struct gate_judged j;

    (void)state;
    json_array_set_new(values, 1, json_real(1));
    json_array_set_new(values, 2, json_real(1));
    j = gate_judged_by(gate_fixture_baseline(8), run);
    assert_int_equal(gate_judged_find(&j.gate, GATE_TIMES, "makespan_s")->outcome, GATE_OUTSIDE);
    assert_int_equal(j.status, 0);
    gate_judged_end(&j);
}

/* What comes from files must not reach a terminal or a page as anything but text. */
static void test_report(void **state)
{
    struct gate_report_options o = {.markdown = true, .run = "r|`\033.json", .baseline = "b.json"};
    json_t *run = gate_fixture_run(DATE, 2);
    struct gate_judged j;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    gate_fixture_set(gate_fixture_count(run, 0, "syscalls_per_job"), "value", 2);
    j = gate_judged_by(gate_fixture_baseline(1), run);
    gate_report_write(&j.gate, &o, out);
    fclose(out);
    assert_non_null(strstr(text, "tva baseline save r\\|'?.json --baseline b.json"));
    assert_non_null(
        strstr(text, "| better | 3 | 2 | -33.33 % | syscalls_per_job | `tasks null x 10` |"));
    assert_null(strchr(text, '\033'));
    assert_non_null(strstr(text, "\n**pass**: none of 4 counts rose\n"));
    free(text);
    gate_judged_end(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_from_zero),
        cmocka_unit_test(test_numbers_that_are_none),
        cmocka_unit_test(test_incomparable),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_rise_beside_a_fault),
        cmocka_unit_test(test_new_is_no_fault),
        cmocka_unit_test(test_ratios),
        cmocka_unit_test(test_few_sessions_are_told),
        cmocka_unit_test(test_sessions_are_counted_by_figure),
        cmocka_unit_test(test_other_machines_help_out),
        cmocka_unit_test(test_ratio_is_paired),
        cmocka_unit_test(test_scheduled),
        cmocka_unit_test(test_other_machine),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
