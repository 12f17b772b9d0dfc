/* The promise: ratios, times and scheduled counts only ever warn, and only when enough sessions say
 * what is usual, of the same machine where that matters. */
#include "gate/gate.h"

#include "support/gate_fixture.h"
#include "support/gate_judged.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum gate_outcome ratio_outcome(size_t sessions, double ratio)
{
    struct gate_judged j =
        gate_judged_by(gate_fixture_baseline(sessions), gate_fixture_run(GATE_JUDGED_DATE, ratio));
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
    struct gate_judged j =
        gate_judged_by(gate_fixture_baseline(7), gate_fixture_run(GATE_JUDGED_DATE, 2));

    (void)state;
    assert_true(gate_judged_says(j.gate.notes,
                                 "not judged: 8 of 8 values (ratios, scheduled counts and times)"));
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
    j = gate_judged_by(baseline, gate_fixture_run(GATE_JUDGED_DATE, 5));
    assert_int_equal(gate_judged_find(&j.gate, GATE_RATIOS, "makespan_s")->outcome, GATE_UNJUDGED);
    assert_int_equal(gate_judged_find(&j.gate, GATE_TIMES, "makespan_s")->outcome, GATE_SAME);
    assert_true(gate_judged_says(j.gate.notes,
                                 "not judged: 2 of 8 values (ratios, scheduled counts and "
                                 "times)"));
    gate_judged_end(&j);
}

/* Ratios of another machine say nothing, however many there are; scheduled counts travel. */
static void test_other_machines_judge_scheduled_counts_only(void **state)
{
    json_t *baseline = gate_fixture_baseline(16), *run = gate_fixture_run(GATE_JUDGED_DATE, 5);
    struct gate_judged j;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        json_object_set_new(session_of(baseline, i), "fingerprint", json_string("another box"));
    json_object_clear(json_object_get(session_of(baseline, 15), "ratios"));
    gate_fixture_set(gate_fixture_count(run, 0, "context_switches_per_job"), "value", 0.9);
    j = gate_judged_by(baseline, run);
    assert_int_equal(gate_judged_find(&j.gate, GATE_RATIOS, "makespan_s")->outcome, GATE_UNJUDGED);
    assert_int_equal(gate_judged_find(&j.gate, GATE_SCHEDULES, "context_switches_per_job")->outcome,
                     GATE_OUTSIDE);
    assert_true(gate_judged_says(j.gate.notes, "not judged: 2 of 8 values"));
    gate_judged_end(&j);
}

/* On a machine of the same name whose pages cost three times as much, times are others. */
static void test_primitives_are_of_the_machine(void **state)
{
    static const double pages_ns[] = {1500, 3000};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        json_t *baseline = gate_fixture_baseline(12);
        json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
        struct gate_judged j;

        for (size_t i = 0; i < 12; i++)
            json_object_set_new(session_of(baseline, i), "primitives",
                                json_pack("{sf}", "page_ns", 1000.0));
        json_object_set_new(json_object_get(run, "context"), "primitives",
                            json_pack("{sf}", "page_ns", pages_ns[k]));
        j = gate_judged_by(baseline, run);
        assert_int_equal(
            gate_judged_find(&j.gate, GATE_TIMES, "makespan_s")->outcome == GATE_UNJUDGED, k == 1);
        gate_judged_end(&j);
    }
}

/* The ratio is that of each round, not of two medians: rounds in which all was slow cancel out. */
static void test_ratio_is_paired(void **state)
{
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_t *pool = json_object_get(gate_judged_cell(run, 1), "summary");
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
        json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
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
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    struct gate_judged j;

    (void)state;
    json_object_set_new(json_object_get(run, "context"), "cpu", json_string("other"));
    gate_fixture_set(gate_fixture_count(run, 0, "syscalls_per_job"), "value", 4);
    j = gate_judged_by(gate_fixture_baseline(9), run);
    assert_int_equal(j.status, 3);
    assert_int_equal(gate_judged_find(&j.gate, GATE_TIMES, "makespan_s")->outcome, GATE_UNJUDGED);
    assert_int_equal(gate_judged_find(&j.gate, GATE_RATIOS, "makespan_s")->outcome, GATE_UNJUDGED);
    assert_true(gate_judged_says(j.gate.notes, "(9 stored, 0 of this machine and build"));
    gate_judged_end(&j);
}

static void test_times(void **state)
{
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    json_t *summary = json_object_get(gate_judged_cell(run, 0), "summary");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratios),
        cmocka_unit_test(test_few_sessions_are_told),
        cmocka_unit_test(test_sessions_are_counted_by_figure),
        cmocka_unit_test(test_other_machines_judge_scheduled_counts_only),
        cmocka_unit_test(test_primitives_are_of_the_machine),
        cmocka_unit_test(test_ratio_is_paired),
        cmocka_unit_test(test_scheduled),
        cmocka_unit_test(test_other_machine),
        cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
