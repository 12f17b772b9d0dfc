/* The promise: where instructions rose, the gate names the three functions that make the most more,
 * each once and in the cell where it does, and says where that is not known. */
#include "gate/gate.h"

#include "support/gate_fixture.h"
#include "support/gate_judged.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define METRIC "instructions_per_job"

static void set_functions(json_t *count, const char *functions)
{
    json_t *parsed = json_loads(functions, 0, NULL);

    assert_non_null(parsed);
    assert_int_equal(json_object_set_new(count, "functions", parsed), 0);
}

/* The run's first cell, or both, make 200 instructions more. NULL: without functions. */
static struct gate_judged judged(const char *before, const char *first, const char *second)
{
    static const char *const names[] = {"tasks null x 10", "pool(4) null x 10"};
    json_t *baseline = gate_fixture_baseline(1), *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    const char *const now[] = {first, second};

    for (size_t i = 0; i < 2; i++) {
        json_t *count = gate_fixture_count(run, i, METRIC);

        if (before != NULL)
            set_functions(gate_shape_at(json_object_get(baseline, "counts"), names[i], METRIC),
                          before);
        if (now[i] == NULL)
            continue;
        gate_fixture_set(count, "value", 1200);
        set_functions(count, now[i]);
    }
    return gate_judged_by(baseline, run);
}

static void assert_says(struct gate_judged j, const char *words)
{
    assert_int_equal(j.status, 3);
    if (!gate_judged_says(j.gate.notes, words))
        fail_msg("no \"%s\" in %s", words, json_dumps(j.gate.notes, 0));
    gate_judged_end(&j);
}

static void test_the_three_that_grew_most(void **state)
{
    (void)state;
    assert_says(judged("{\"a\": 100, \"b\": 10, \"c\": 5, \"d\": 5, \"e\": 80}",
                       "{\"a\": 90, \"b\": 30.5, \"c\": 105, \"d\": 6, \"new\": 50}", NULL),
                "these make more instructions a job: c from 5 to 105 (tasks null x 10); new from "
                "less than 5 to 50 (tasks null x 10); b from 10 to 30.5 (tasks null x 10)");
}

static void test_a_function_is_named_once_where_it_grew_most(void **state)
{
    (void)state;
    assert_says(judged("{\"a\": 1, \"b\": 1, \"c\": 1, \"d\": 1}",
                       "{\"a\": 11, \"b\": 9, \"c\": 4}", "{\"c\": 41, \"b\": 3, \"d\": 7}"),
                "a job: c from 1 to 41 (pool(4) null x 10); a from 1 to 11 (tasks null x 10); b "
                "from 1 to 9 (tasks null x 10)");
}

static void test_what_is_not_known_is_said(void **state)
{
    (void)state;
    assert_says(judged(NULL, "{\"a\": 1}", NULL), "is not known, since the baseline");
    assert_says(judged("{}", "{\"a\": 1}", NULL), "is not known, since the baseline");
}

static void test_a_run_that_did_not_rise_says_nothing(void **state)
{
    struct gate_judged j = judged("{\"a\": 1}", NULL, NULL);

    (void)state;
    assert_int_equal(j.status, 0);
    assert_false(gate_judged_says(j.gate.notes, "instructions"));
    gate_judged_end(&j);
}

/* Anybody may have written it. */
static void test_damage_is_a_fault(void **state)
{
    static const char *const damaged[] = {"[1]", "{\"a\": \"1\"}", "{\"\\u001b\": 1}", "{\"\": 1}"};

    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        json_t *baseline = gate_fixture_baseline(1);
        struct err err;

        set_functions(gate_shape_at(json_object_get(baseline, "counts"), "tasks null x 10", METRIC),
                      "{}");
        assert_int_equal(gate_baseline_check(baseline, "b.json", &err), 0);
        set_functions(gate_shape_at(json_object_get(baseline, "counts"), "tasks null x 10", METRIC),
                      damaged[i]);
        assert_int_equal(gate_baseline_check(baseline, "b.json", &err), -EINVAL);
        json_decref(baseline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_three_that_grew_most),
        cmocka_unit_test(test_a_function_is_named_once_where_it_grew_most),
        cmocka_unit_test(test_what_is_not_known_is_said),
        cmocka_unit_test(test_a_run_that_did_not_rise_says_nothing),
        cmocka_unit_test(test_damage_is_a_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
