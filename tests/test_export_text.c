/* The promise: text formats are read by their tools whatever a document's sentences contain,
 * and an invalid cell is a failure there. */
#include "support/export_fixture.h"

#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BENCH "BenchmarkTva/work=sleep:duration=20ms_x_100/model="

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no\n%s\nin\n%s", part, text);
}

static void benchstat_has_a_line_a_sample_and_units(void **state)
{
    json_t *document = export_fixture_document();
    char *text = export_fixture_text("benchstat", document);

    (void)state;
    assert_has(text, "\nUnit sec/op better=lower\n");
    assert_has(text, "\nUnit jobs/sec better=higher\n");
    assert_has(text, "\nUnit syscalls/job better=lower assume=exact\n");
    assert_has(text, "\nUnit allocs/job better=lower assume=exact\n");
    assert_has(text, "\nUnit instructions/job better=lower\n");
    assert_has(text, "\nUnit scheduled-context-switches/job better=lower\n");
    assert_has(text, "\n" BENCH "tasks 1 0.02 sec/op ");
    assert_has(text, "\n" BENCH "tasks 1 0.022 sec/op ");
    assert_has(text, "\n" BENCH "tasks 1 0.021 sec/op ");
    assert_has(text, "\n" BENCH "tasks 1 3 syscalls/job 0 allocs/job 1000 instructions/job "
                     "3 scheduled-context-switches/job\n");
    assert_has(text, "\n" BENCH "tasks 1 5 scheduled-context-switches/job\n");
    assert_int_equal(export_fixture_times(text, "\n" BENCH), 5);
    assert_has(text, "\n--- FAIL: " BENCH "pool(6)\n    1 of 5 runs failed: 100 %, <a|b> ::error");
    assert_int_equal(export_fixture_times(text, "Unit sec/op"), 1);
    free(text);
    json_decref(document);
}

static void junit_fails_the_invalid_and_escapes(void **state)
{
    json_t *document = export_fixture_document();
    char *text;

    (void)state;
    json_array_append_new(
        json_object_get(records_cell_of(document, 0), "warnings"),
        json_string("]]> \x01\x1b \xef\xbf\xbf é\t\r\x7f \xef\xbf\xbe \xef\xbf\xbd \xef\xa0\x80"));
    text = export_fixture_text("junit", document);
    assert_has(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tva\" "
                     "tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"0.021000000\">");
    assert_has(text, "<testsuite name=\"sleep:duration=20ms x 100\" tests=\"2\" failures=\"1\" ");
    assert_has(text, "<testcase name=\"tasks sleep:duration=20ms x 100\" "
                     "classname=\"sleep:duration=20ms x 100\" time=\"0.021000000\">");
    assert_has(text, "time=\"0.000000000\">\n      <failure type=\"invalid\" message=\"1 of 5 runs "
                     "failed: 100 %, &lt;a|b&gt;&#10;::error::&quot;hi&quot; &amp; bye\">1 of 5");
    assert_int_equal(export_fixture_times(text, "<failure"), 1);
    assert_has(text, "\nsyscalls_per_job 3\n");
    assert_has(text, "\nwarning: ]]&gt; ?? ? é&#9;&#13;? ? \xef\xbf\xbd \xef\xa0\x80\n");
    free(text);
    json_decref(document);
}

static void annotations_are_one_line_each(void **state)
{
    json_t *document = export_fixture_document();
    char *text;

    (void)state;
    json_array_append_new(json_object_get(records_cell_of(document, 0), "warnings"),
                          json_string("50 %\r\n::stop-commands::x"));
    json_object_set_new(records_cell_of(document, 0), "name", json_string("a: b, c%\n"));
    text = export_fixture_text("github-annotations", document);
    assert_has(text, "::warning title=a%3A b%2C c%25%0A::50 %25%0D%0A::stop-commands::x\n");
    assert_has(text, "::error title=pool(6) sleep%3Aduration=20ms x 100::invalid: 1 of 5 runs "
                     "failed: 100 %25, <a|b>%0A::error::\"hi\" & bye\n");
    assert_int_equal(export_fixture_times(text, "\n"), export_fixture_times(text, " title="));
    free(text);
    json_decref(document);
}

/* GitHub shows no more than 10 of a kind. */
static void more_annotations_than_are_shown_are_summed_up(void **state)
{
    json_t *document = records_document();
    char *text;

    (void)state;
    for (int i = 0; i < 10; i++) {
        records_add_steady(document, "tasks", "null", 10, 1, false);
        export_fixture_spoil(records_cell_of(document, (size_t)i), "it cheated");
    }
    text = export_fixture_text("github-annotations", document);
    assert_int_equal(export_fixture_times(text, "::invalid: it cheated\n"), 10);
    assert_int_equal(export_fixture_times(text, "::error "), 10);
    free(text);

    records_add_steady(document, "tasks", "null", 10, 1, false);
    export_fixture_spoil(records_cell_of(document, 10), "it cheated");
    text = export_fixture_text("github-annotations", document);
    assert_int_equal(export_fixture_times(text, "::invalid: it cheated\n"), 9);
    assert_int_equal(export_fixture_times(text, "::error title=tva::2 more cells are invalid\n"),
                     1);
    free(text);
    json_decref(document);
}

static void the_summary_is_one_table_invalid_cells_first(void **state)
{
    json_t *document = export_fixture_document();
    char *text = export_fixture_text("summary", document);

    (void)state;
    assert_has(text, "### tva: 2 cells, **1 invalid**\n");
    assert_has(text, "|:---|---:|---:|:---|\n| `pool(6) sleep:duration=20ms x 100` | **invalid**: "
                     "1 of 5 runs failed: 100 %, &lt;a\\|b> ::error::\"hi\" & bye | | |\n"
                     "| `tasks sleep:duration=20ms x 100` | 21.0 ms | 20.0 ms … 22.0 ms | "
                     "syscalls_per_job 3, allocations_per_job 0, instructions_per_job 1,000, "
                     "context_switches_per_job ~4 |\n\n");
    free(text);
    json_decref(document);
}

/* As tva run --counts=only leaves it. */
static void what_was_only_counted_is_not_called_invalid(void **state)
{
    json_t *document = export_fixture_document();
    char *text;

    (void)state;
    json_array_remove(json_object_get(document, "cells"), 1);
    json_object_set_new(records_cell_of(document, 0), "summary", json_null());
    text = export_fixture_text("summary", document);
    assert_has(text, "### tva: 1 cell, all valid\n");
    assert_has(text, "| `tasks sleep:duration=20ms x 100` | – | – | syscalls_per_job 3, ");
    assert_null(strstr(text, "nothing valid"));
    free(text);
    text = export_fixture_text("benchstat", document);
    assert_null(strstr(text, "sec/op"));
    assert_has(text, " 3 syscalls/job ");
    free(text);
    text = export_fixture_text("junit", document);
    assert_int_equal(export_fixture_times(text, "<failure"), 0);
    free(text);
    json_decref(document);
}

static void the_nearest_format_is_named(void **state)
{
    struct err err = {""};

    (void)state;
    assert_null(export_find("google-benchmrk", &err));
    assert_has(err.text, "did you mean \"google-benchmark\"?");
    assert_has(err.text, "github-annotations"); /* none of the valid ones is cut off */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(benchstat_has_a_line_a_sample_and_units),
        cmocka_unit_test(junit_fails_the_invalid_and_escapes),
        cmocka_unit_test(annotations_are_one_line_each),
        cmocka_unit_test(more_annotations_than_are_shown_are_summed_up),
        cmocka_unit_test(the_summary_is_one_table_invalid_cells_first),
        cmocka_unit_test(what_was_only_counted_is_not_called_invalid),
        cmocka_unit_test(the_nearest_format_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
