/* The promise: the JSON that other tools read has the keys and units which they document, one value
 * a run, counts beside them; and nothing of an invalid cell. */
#include "support/export_fixture.h"

#include "export/export.h"
#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAME "tasks " EXPORT_FIXTURE_GROUP

static const json_t *at(const json_t *list, size_t i)
{
    return json_array_get(list, i);
}

static void assert_text(const json_t *object, const char *key, const char *expected)
{
    assert_string_equal(result_string(object, key), expected);
}

static void set_quantity(json_t *cell, const char *name, double median, double low, double high)
{
    json_object_set_new(json_object_get(cell, "summary"), name,
                        json_pack("{s:f, s:f, s:f, s:[fff]}", "median", median, "ci_low", low,
                                  "ci_high", high, "values", low, median, high));
}

static void google_has_an_iteration_a_run(void **state)
{
    json_t *document = export_fixture_document();
    json_t *google = export_fixture_json("google-benchmark", document);
    const json_t *list = json_object_get(google, "benchmarks");
    const json_t *invalid = json_object_get(json_object_get(google, "context"), "invalid");

    (void)state;
    assert_int_equal(json_array_size(list), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_text(at(list, i), "name", NAME);
        assert_text(at(list, i), "run_name", NAME);
        assert_text(at(list, i), "run_type", "iteration");
        assert_text(at(list, i), "time_unit", "ns");
        records_assert_number(at(list, i), "repetitions", 3);
        records_assert_number(at(list, i), "repetition_index", (double)i);
        records_assert_number(at(list, i), "iterations", 1);
        records_assert_number(at(list, i), "syscalls_per_job", 3);
        assert_true(json_is_number(json_object_get(at(list, i), "cpu_time")));
    }
    records_assert_number(at(list, 0), "real_time", 20e6);
    records_assert_number(at(list, 1), "real_time", 22e6);
    records_assert_number(at(list, 0), "items_per_second", 5000);
    assert_int_equal(json_array_size(invalid), 1);
    assert_string_equal(json_string_value(at(invalid, 0)),
                        "pool(6) " EXPORT_FIXTURE_GROUP ": " EXPORT_FIXTURE_REASON);
    json_decref(google);
    json_decref(document);
}

/* google/benchmark warns where the CPU scales: another governor than "performance"; an unknown one
 * is no member. */
static void google_knows_whether_the_cpu_scales(void **state)
{
    static const char *const governors[] = {"performance", "powersave", ""};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        json_t *document = export_fixture_document(), *google, *scaling;

        json_object_set_new(json_object_get(document, "context"), "governor",
                            json_string(governors[i]));
        google = export_fixture_json("google-benchmark", document);
        scaling = json_object_get(json_object_get(google, "context"), "cpu_scaling_enabled");
        assert_int_equal(json_is_false(scaling), i == 0);
        assert_int_equal(json_is_true(scaling), i == 1);
        assert_int_equal(scaling == NULL, i == 2);
        json_decref(google);
        json_decref(document);
    }
}

/* Entries that are left out are named: a reader does not have to count. */
static void google_names_what_it_leaves_out(void **state)
{
    json_t *document = export_fixture_document(), *google;
    const json_t *context;

    (void)state;
    records_add_steady(document, "tasks", "null", 10, 1, false);
    set_quantity(records_cell_of(document, 0), "cpu_user_s", 0.001, 0.001, 0.001);
    json_array_remove(
        json_object_get(
            json_object_get(json_object_get(records_cell_of(document, 0), "summary"), "cpu_user_s"),
            "values"),
        2);
    google = export_fixture_json("google-benchmark", document);
    context = json_object_get(google, "context");
    assert_int_equal(json_array_size(json_object_get(context, "invalid")), 1);
    assert_int_equal(json_array_size(json_object_get(context, "left_out")), 1);
    assert_string_equal(json_string_value(at(json_object_get(context, "left_out"), 0)),
                        NAME ": its CPU time is not known in every run");
    assert_text(at(json_object_get(google, "benchmarks"), 0), "name", "tasks null x 10");
    json_decref(google);
    json_decref(document);
}

static void bencher_has_its_own_measures_and_ours(void **state)
{
    json_t *document = export_fixture_document();
    json_t *bencher = export_fixture_json("bencher", document);
    const json_t *cell = json_object_get(bencher, NAME);

    (void)state;
    assert_int_equal(json_object_size(bencher), 1);
    records_assert_number(cell, "latency.value", 21e6);
    records_assert_number(cell, "latency.lower_value", 20e6);
    records_assert_number(cell, "latency.upper_value", 22e6);
    records_assert_number(cell, "throughput.value", 100 / 0.021);
    records_assert_number(cell, "syscalls-per-job.value", 3);
    records_assert_number(cell, "allocations-per-job.value", 0);
    assert_null(json_object_get(json_object_get(cell, "syscalls-per-job"), "lower_value"));
    json_decref(bencher);
    json_decref(document);
}

static int add_dropped(const struct export_cell *c, void *sum)
{
    *(size_t *)sum += export_pyperf.drops(c);
    return 0;
}

/* It takes no value that is not above 0. */
static void pyperf_has_a_run_a_value_and_only_positive_ones(void **state)
{
    json_t *document = export_fixture_document();
    json_t *pyperf = export_fixture_json("pyperf", document);
    const json_t *list = json_object_get(pyperf, "benchmarks");
    const json_t *first = at(list, 0), *switches = at(list, 3);
    size_t dropped = 0;

    (void)state;
    assert_text(pyperf, "version", "1.0");
    assert_int_equal(json_array_size(list), 4); /* the time, and counts that are not 0 */
    assert_int_equal(export_cells(document, add_dropped, &dropped), 0);
    assert_int_equal(dropped, 1); /* allocations, but nothing of the invalid cell */
    assert_text(first, "metadata.name", NAME);
    assert_text(first, "metadata.unit", "second");
    assert_int_equal(json_array_size(json_object_get(first, "runs")), 3);
    assert_true(json_real_value(at(json_object_get(at(json_object_get(first, "runs"), 1), "values"),
                                   0)) == 0.022);
    assert_text(switches, "metadata.name", NAME " - context_switches_per_job");
    assert_text(switches, "metadata.unit", "integer");
    assert_int_equal(json_integer_value(at(
                         json_object_get(at(json_object_get(switches, "runs"), 1), "values"), 0)),
                     5);
    json_decref(pyperf);

    /* A repeat that counted none: the others alone would have another mean. */
    json_object_set_new(json_object_get(json_object_get(records_cell_of(document, 0), "counts"),
                                        "context_switches_per_job"),
                        "totals", json_pack("[[ii],[ii]]", 0, 30, 7, 7));
    pyperf = export_fixture_json("pyperf", document);
    assert_int_equal(json_array_size(json_object_get(pyperf, "benchmarks")), 3);
    assert_int_equal(export_cells(document, add_dropped, &dropped), 0);
    assert_int_equal(dropped, 1 + 2);
    json_decref(pyperf);
    json_decref(document);
}

static void hyperfine_has_times_and_what_they_come_to(void **state)
{
    json_t *document = export_fixture_document();
    json_t *hyperfine = export_fixture_json("hyperfine", document);
    const json_t *list = json_object_get(hyperfine, "results"), *entry = at(list, 0);

    (void)state;
    assert_int_equal(json_array_size(list), 1);
    assert_text(entry, "command", NAME);
    assert_text(entry, "parameters.model", "tasks");
    assert_text(entry, "parameters.jobs", "100");
    records_assert_number(entry, "mean", 0.021);
    records_assert_number(entry, "stddev", 0.001);
    records_assert_number(entry, "median", 0.021);
    records_assert_number(entry, "min", 0.020);
    records_assert_number(entry, "max", 0.022);
    assert_int_equal(json_array_size(json_object_get(entry, "times")), 3);
    assert_int_equal(json_array_size(json_object_get(entry, "exit_codes")), 3);
    json_decref(hyperfine);
    json_decref(document);
}

/* A loop's figure is the mean latency of a job; how long it lasted was asked for. */
static void loops_are_told_by_their_latency(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=2ms", LOAD_OPEN);
    struct run_record run = records_loop_run(&cell, 0, 100, 3 * NS_PER_MS, 2 * NS_PER_MS);
    json_t *document, *google, *bencher;
    const json_t *entry;
    const char *name;
    json_t *measures;

    (void)state;
    records_only_cell(&document, &cell, &run, 1);
    google = export_fixture_json("google-benchmark", document);
    entry = at(json_object_get(google, "benchmarks"), 0);
    records_assert_number(entry, "real_time", 5e6);
    records_assert_number(entry, "iterations", 100);
    bencher = export_fixture_json("bencher", document);
    json_object_foreach(bencher, name, measures)
    {
        records_assert_number(measures, "latency.value", 5e6);
        assert_null(json_object_get(measures, "makespan-s"));
    }
    json_decref(google);
    json_decref(bencher);
    json_decref(document);
}

/* Tools take entries of one name for one benchmark. */
static void cells_of_one_name_are_numbered(void **state)
{
    json_t *document = records_document(), *bencher;

    (void)state;
    records_add_steady(document, "tasks", "sleep:duration=20ms", 100, 20, false);
    records_add_steady(document, "tasks", "sleep:duration=20ms", 100, 40, false);
    bencher = export_fixture_json("bencher", document);
    assert_int_equal(json_object_size(bencher), 2);
    records_assert_number(json_object_get(bencher, NAME), "latency.value", 20e6);
    records_assert_number(json_object_get(bencher, NAME " #2"), "latency.value", 40e6);
    json_decref(bencher);
    json_decref(document);
}

/* What somebody else wrote as a result may lack, or have otherwise, what a format is made of. */
static void odd_counts_and_values_are_left_out(void **state)
{
    json_t *document = export_fixture_document(), *bencher;
    json_t *cell = records_cell_of(document, 0), *summary = json_object_get(cell, "summary");

    (void)state;
    json_array_append_new(json_object_get(json_object_get(summary, "throughput_per_s"), "values"),
                          json_null());
    json_object_set_new(cell, "counts",
                        json_pack("{s:n, s:[], s:{s:s}, s:{s:i}, s:{s:i}}", "syscalls_per_job",
                                  "allocations_per_job", "wakeups_per_job", "value", "many",
                                  "memory_calls_per_job", "value", 2, "d_per_job", "value", 3));
    bencher = export_fixture_json("bencher", document);
    cell = json_object_get(bencher, NAME);
    assert_null(json_object_get(cell, "throughput"));
    assert_null(json_object_get(cell, "syscalls-per-job"));
    assert_null(json_object_get(cell, "allocations-per-job"));
    assert_null(json_object_get(cell, "wakeups-per-job"));
    assert_null(json_object_get(cell, "d-per-job")); /* the catalogue does not have it */
    records_assert_number(cell, "memory-calls-per-job.value", 2);
    json_decref(bencher);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(google_has_an_iteration_a_run),
        cmocka_unit_test(google_knows_whether_the_cpu_scales),
        cmocka_unit_test(google_names_what_it_leaves_out),
        cmocka_unit_test(bencher_has_its_own_measures_and_ours),
        cmocka_unit_test(pyperf_has_a_run_a_value_and_only_positive_ones),
        cmocka_unit_test(hyperfine_has_times_and_what_they_come_to),
        cmocka_unit_test(loops_are_told_by_their_latency),
        cmocka_unit_test(cells_of_one_name_are_numbered),
        cmocka_unit_test(odd_counts_and_values_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
