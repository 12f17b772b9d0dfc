/* The promise: the theory in the summary of a loop is that of its model, and where there is none,
 * none is claimed. */
#include "summary/summary.h"

#include "support/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS NS_PER_MS

static void assert_null_at(const json_t *object, const char *key)
{
    if (!json_is_null(json_object_get(object, key)))
        fail_msg("%s is not null", key);
}

static const json_t *theory_of(json_t **document, struct cell cell, uint64_t service_ns)
{
    struct run_record run = records_loop_run(&cell, 0, 100, 7 * MS, service_ns);
    const json_t *c = records_only_cell(document, &cell, &run, 1);

    return json_object_get(json_object_get(c, "summary"), "theory");
}

static void theory_is_that_of_the_model(void **state)
{
    struct cell one = records_loop_cell("blocking", "sleep:duration=5ms,dist=exp", LOAD_OPEN);
    struct cell fixed = records_loop_cell("sequential", "sleep:duration=5ms", LOAD_OPEN);
    struct cell sum = records_loop_cell("blocking", "sleep:ms=4 + cpu:time=1ms", LOAD_OPEN);
    struct cell drawn =
        records_loop_cell("blocking", "sleep:ms=2,dist=exp + sleep:ms=3,dist=exp", LOAD_OPEN);
    struct cell all = records_loop_cell("tasks", "sleep:duration=5ms,dist=exp", LOAD_OPEN);
    const json_t *t;
    json_t *document;

    (void)state;
    t = theory_of(&document, one, 5 * MS); /* M/M/1 at 0.5: waits as long as it serves */
    assert_string_equal(result_string(t, "model"), "M/M/1");
    records_assert_number(t, "servers", 1);
    records_assert_number(t, "utilisation", 0.5);
    records_assert_number(t, "service_mean_s", 0.005);
    records_assert_number(t, "service_scv", 1);
    records_assert_number(t, "mean_wait_s", 0.005);
    records_assert_number(t, "wait_probability", 0.5);
    records_assert_number(t, "mean_latency_s", 0.010);
    records_assert_number(t, "excess_wait_s", 0.002);
    records_assert_number(t, "latency_p99_s",
                          0.010 * log(100)); /* exponential, its mean that of latency */
    json_decref(document);
    t = theory_of(&document, fixed, 5 * MS); /* half of that: Pollaczek-Khinchine */
    assert_string_equal(result_string(t, "model"), "M/D/1");
    records_assert_number(t, "mean_wait_s", 0.0025);
    json_decref(document);
    t = theory_of(&document, all, 5 * MS);
    assert_string_equal(result_string(t, "model"), "M/M/inf");
    assert_null_at(t, "servers");
    assert_null_at(t, "utilisation");
    records_assert_number(t, "mean_wait_s", 0);
    json_decref(document);
    t = theory_of(&document, sum, 5 * MS); /* its parts are fixed, and so is it */
    assert_string_equal(result_string(t, "model"), "M/D/1");
    records_assert_number(t, "mean_wait_s", 0.0025);
    json_decref(document);
    t = theory_of(&document, drawn, 5 * MS); /* its spread is known; its percentiles are not */
    assert_string_equal(result_string(t, "model"), "M/G/1");
    assert_null_at(t, "latency_p99_s");
    json_decref(document);
    t = theory_of(&document, one, 12 * MS); /* more than it can serve */
    records_assert_number(t, "utilisation", 1.2);
    assert_null_at(t, "mean_wait_s");
    assert_null_at(t, "latency_p99_s");
    assert_null_at(t, "excess_wait_s");
    json_decref(document);
}

/* Of a part that takes rounds a measurement says how long; of a file nothing does, and what was
 * measured of the jobs says how they vary. */
static void the_theory_of_a_sum_takes_all_parts(void **state)
{
    struct cell cell =
        records_loop_cell("blocking", "sleep:ms=2,dist=exp + cpu:rounds=9", LOAD_OPEN);
    struct cell file = records_loop_cell("blocking", "sleep:ms=2,dist=exp + file", LOAD_OPEN);
    struct cell one = records_loop_cell("blocking", "cpu:rounds=9 + null", LOAD_OPEN);
    struct run_record run = records_loop_run(&cell, 0, 100, 7 * MS, 5 * MS);
    json_t *document;
    const json_t *t;

    (void)state;
    run.solo_ns = 3 * MS;
    t = json_object_get(json_object_get(records_only_cell(&document, &cell, &run, 1), "summary"),
                        "theory");
    assert_string_equal(result_string(t, "model"), "M/G/1");
    records_assert_number(t, "service_scv", 0.16);
    json_decref(document);
    t = theory_of(&document, file, 5 * MS);
    records_assert_number(t, "service_scv", 0);
    json_decref(document);
    run = records_loop_run(&one, 0, 100, 7 * MS, 5 * MS);
    run.solo_ns = 5 * MS;
    run.samples[3].finished_ns += MS; /* disturbed */
    t = json_object_get(json_object_get(records_only_cell(&document, &one, &run, 1), "summary"),
                        "theory");
    assert_string_equal(result_string(t, "model"), "M/D/1");
    json_decref(document);
}

static void where_there_is_no_theory_none_is_claimed(void **state)
{
    struct cell cells[] = {records_loop_cell("blocking", "sleep:duration=5ms", LOAD_OPEN),
                           records_loop_cell("blocking", "sleep:duration=5ms", LOAD_OPEN),
                           records_loop_cell("blocking", "sleep:duration=5ms", LOAD_CLOSED),
                           records_loop_cell("loops", "cpu:rounds=1k", LOAD_OPEN),
                           records_loop_cell("loops", "cpu:rounds=1k + null", LOAD_OPEN),
                           records_loop_cell("loops", "cpu:rounds=1k + cpu:time=1ms", LOAD_OPEN)};
    json_t *document;

    (void)state;
    cells[0].load.arrivals = LOAD_CONSTANT;
    cells[1].load.poison = 0.01;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const json_t *t = theory_of(&document, cells[i], 5 * MS);

        assert_true(json_is_null(t));
        json_decref(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(theory_is_that_of_the_model),
        cmocka_unit_test(the_theory_of_a_sum_takes_all_parts),
        cmocka_unit_test(where_there_is_no_theory_none_is_claimed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
