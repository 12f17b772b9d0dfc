/* The promise: a document is written whole or not at all, and what is read back is either the same
 * or refused with the reason. */
#include "result/result.h"

#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void what_was_written_is_read_back(void **state)
{
    json_t *document = records_sample(), *again;
    char *directory = records_make_directory();
    char path[256];
    struct err err = {""};

    (void)state;
    snprintf(path, sizeof path, "%s/run.json", directory);
    assert_int_equal(result_write(document, path, &err), 0);
    again = result_read(path, &err);
    if (again == NULL)
        fail_msg("%s", err.text);
    assert_true(json_equal(document, again));
    json_decref(again);
    json_decref(document);
    records_remove_directory(directory);
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    json_t *document = records_sample();
    char *directory = records_make_directory();
    char path[256];
    struct err err = {""};

    (void)state;
    snprintf(path, sizeof path, "%s/missing/run.json", directory);
    assert_true(result_write(document, path, &err) < 0);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(access(path, F_OK), -1);
    json_decref(document);
    records_remove_directory(directory);
}

/* Write text to a file, read it as a result, and expect a refusal that says each of these. */
static void assert_refused(const char *text, const char *says, const char *says_too)
{
    char *directory = records_make_directory();
    char path[256];
    struct err err = {""};
    FILE *f;

    snprintf(path, sizeof path, "%s/run.json", directory);
    f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_null(result_read(path, &err));
    if (strstr(err.text, path) == NULL || strstr(err.text, says) == NULL ||
        strstr(err.text, says_too) == NULL)
        fail_msg("%s", err.text);
    records_remove_directory(directory);
}

static void what_is_no_result_is_refused_with_the_reason(void **state)
{
    struct err err = {""};

    (void)state;
    assert_null(result_read("/nonexistent/run.json", &err));
    assert_non_null(strstr(err.text, "cannot read /nonexistent/run.json: No such file"));
    assert_refused("", "line 1 is no JSON", "measure again");
    assert_refused("{\n\"a\": 1,\n\"a\": 2}", "line 3 is no JSON", "duplicate");
    assert_refused("[1, 2]", "no schema_version", "run.json");
    assert_refused("{\"schema_version\": 9}", "schema_version 9", "reads version 1");
    assert_refused("{\"schema_version\": 1}", "tva_version is missing", "measure again");
}

static void negative_counts_are_refused(void **state)
{
    json_t *document = records_sample();
    char *text;

    (void)state;
    json_object_set_new(records_cell_of(document, 0), "jobs", json_integer(-3));
    text = json_dumps(document, 0);
    assert_non_null(text);
    assert_refused(text, "cells[0].jobs is missing or not an integer from 0 on", "measure again");
    free(text);
    json_decref(document);
}

/* Take a key out of a sound document, or put nonsense in its place: both are refused by its name.
 */
static void assert_needed(const char *path_to_object, const char *key, const char *name)
{
    for (int nonsense = 0; nonsense <= 1; nonsense++) {
        json_t *document = records_sample(), *object = document;
        char path[256], *text, *part, *rest = path;

        snprintf(path, sizeof path, "%s", path_to_object);
        while ((part = strsep(&rest, "/")) != NULL && *part != '\0')
            object = json_is_array(object) ? json_array_get(object, (size_t)atoi(part))
                                           : json_object_get(object, part);
        assert_non_null(json_object_get(object, key));
        if (nonsense)
            json_object_set_new(object, key, json_pack("[{}]"));
        else
            json_object_del(object, key);
        text = json_dumps(document, 0);
        assert_refused(text, name, "missing or not");
        free(text);
        json_decref(document);
    }
}

static void every_part_that_readers_rely_on_is_checked(void **state)
{
    (void)state;
    assert_needed("", "cells", "cells");
    assert_needed("context", "cores", ": context.cores");
    assert_needed("cells/0", "group", ": cells[0].group");
    assert_needed("cells/1", "latency_curve", ": cells[1].latency_curve");
    assert_needed("cells/1", "warnings", ": cells[1].warnings");
    assert_needed("cells/1/ledger", "checksum", ": cells[1].ledger.checksum");
    assert_needed("cells/2/summary", "makespan_s", ": cells[2].summary.makespan_s");
    assert_needed("cells/2/summary/makespan_s", "ci_low", ": cells[2].summary.makespan_s.ci_low");
    assert_needed("cells/2/summary/latency_ns", "count", ": cells[2].summary.latency_ns.count");
    assert_needed("cells/2/summary", "ideal_makespan_s", "summary.ideal_makespan_s");
    assert_needed("cells/0/timeline", "jobs", ": cells[0].timeline.jobs");
    assert_needed("cells/0/timeline", "beats", ": cells[0].timeline.beats");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(a_failed_write_leaves_the_old_file),
        cmocka_unit_test(what_is_no_result_is_refused_with_the_reason),
        cmocka_unit_test(negative_counts_are_refused),
        cmocka_unit_test(every_part_that_readers_rely_on_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
