/* The promise: github-action-benchmark, which divides each value by the last one and puts names
 * into a table, gets entries of which neither noise around 0 makes an alert, nor a name another
 * table. */
#include "support/export_fixture.h"

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

/* Every entry of both lists is there once, on the side where it belongs. */
static void github_benchmark_has_a_file_a_direction(void **state)
{
    json_t *document = export_fixture_document();
    json_t *smaller = export_fixture_json("github-benchmark-smaller", document);
    json_t *bigger = export_fixture_json("github-benchmark-bigger", document);
    const json_t *entry;
    size_t i, counts = 0;

    (void)state;
    assert_int_equal(json_array_size(bigger), 1);
    assert_text(at(bigger, 0), "name", NAME " - throughput_per_s");
    assert_text(at(bigger, 0), "unit", "jobs/s");
    assert_text(at(smaller, 0), "name", NAME " - makespan_s");
    assert_text(at(smaller, 0), "unit", "s");
    assert_text(at(smaller, 0), "range", "0.02 to 0.022");
    records_assert_number(at(smaller, 0), "value", 0.021);
    json_array_foreach(smaller, i, entry)
    {
        assert_true(strncmp(result_string(entry, "name"), NAME, strlen(NAME)) == 0);
        assert_true(json_is_number(json_object_get(entry, "value")));
        assert_null(strstr(result_string(entry, "name"), "throughput"));
        counts += strcmp(result_string(entry, "name"), NAME " - syscalls_per_job") == 0;
    }
    assert_int_equal(counts, 1);
    json_decref(smaller);
    json_decref(bigger);
    json_decref(document);
}

static bool has_entry(const json_t *list, const char *metric)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        const char *name = result_string(entry, "name"), *end = strstr(name, " - ");

        if (end != NULL && strcmp(end + 3, metric) == 0)
            return true;
    }
    return false;
}

/* It alerts of the ratio to the last value: noise around 0 would be an infinite one. */
static void github_benchmark_divides_by_no_noise_around_zero(void **state)
{
    json_t *document = export_fixture_document(), *cell = records_cell_of(document, 0), *smaller;

    (void)state;
    json_object_set_new(json_object_get(cell, "counts"), "wakeups_per_job",
                        json_pack("{s:f, s:s}", "value", 0.0, "kind", "scheduled"));
    set_quantity(cell, "cpu_user_s", 0.001, 0, 0.002);
    set_quantity(cell, "cpu_sys_s", 0, 0, 0.004);
    set_quantity(cell, "memory_per_job_bytes", 0, 0, 0);
    set_quantity(cell, "heartbeat_lag_max_ns", 5e4, 4e4, 6e4);
    smaller = export_fixture_json("github-benchmark-smaller", document);
    assert_false(has_entry(smaller, "wakeups_per_job"));
    assert_false(has_entry(smaller, "context_switches_per_job"));
    assert_false(has_entry(smaller, "cpu_user_s"));
    assert_false(has_entry(smaller, "cpu_sys_s"));
    assert_false(has_entry(smaller, "memory_per_job_bytes"));
    assert_true(has_entry(smaller, "heartbeat_lag_max_ns"));
    assert_true(has_entry(smaller, "makespan_s"));
    assert_true(has_entry(smaller, "syscalls_per_job"));
    assert_true(has_entry(smaller, "instructions_per_job"));
    assert_true(has_entry(smaller, "allocations_per_job")); /* exactly 0: a rise is an alert */
    json_decref(smaller);
    json_decref(document);
}

/* Its comments put names between backticks into a table, as they are. */
static void github_benchmark_has_names_for_a_table(void **state)
{
    json_t *document = export_fixture_document(), *smaller;

    (void)state;
    json_object_set_new(records_cell_of(document, 0), "name", json_string("a|b `c`\n\"d\" % é"));
    smaller = export_fixture_json("github-benchmark-smaller", document);
    assert_text(at(smaller, 0), "name", "a/b  c  \"d\" % é - makespan_s");
    json_decref(smaller);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(github_benchmark_has_a_file_a_direction),
        cmocka_unit_test(github_benchmark_divides_by_no_noise_around_zero),
        cmocka_unit_test(github_benchmark_has_names_for_a_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
