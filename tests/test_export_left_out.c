/* The promise: what a format cannot hold is left out and said, with the reason; figures of an
 * invalid cell look like a measurement in none; a file without a cell is not written; and a session
 * that was cut short is marked as one. */
#include "support/export_fixture.h"

#include "export/export.h"
#include "support/records.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no\n%s\nin\n%s", part, text);
}

static bool export_has(const char *format, const json_t *document, const char *part)
{
    char *text = export_fixture_text(format, document);
    bool there = strstr(text, part) != NULL;

    free(text);
    return there;
}

/* Rounds are missing: nobody should take it for a whole session. */
static void a_session_that_was_cut_short_is_marked(void **state)
{
    static const struct {
        const char *format, *mark;
    } marks[] = {
        {"markdown", "**Partial**: the session was cut short."},
        {"summary", "\n**Partial**: the session was cut short.\n"},
        {"junit", "<properties><property name=\"partial\" value=\"true\"/></properties>"},
        {"github-annotations", "::warning title=tva::partial: the session was cut short\n"},
        {"google-benchmark", "\"partial\": true"},
    };
    json_t *document = export_fixture_document();

    (void)state;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        json_object_set_new(document, "partial", json_false());
        assert_false(export_has(marks[i].format, document, marks[i].mark));
        json_object_set_new(document, "partial", json_true());
        assert_true(export_has(marks[i].format, document, marks[i].mark));
    }
    json_decref(document);
}

struct asked {
    const struct exporter *e;
    size_t index;
    const char *lack;
};

static int ask(const struct export_cell *c, void *arg)
{
    struct asked *asked = arg;

    if (c->index == asked->index)
        asked->lack = asked->e->lack(c);
    return 0;
}

static bool leaves_out(const struct exporter *e, const json_t *document, size_t index)
{
    struct asked asked = {e, index, NULL};

    if (e->lack != NULL)
        assert_int_equal(export_cells(document, ask, &asked), 0);
    return asked.lack != NULL;
}

/* What a format says that it leaves out is what is not in it: of a valid cell without the time that
 * the format is about, without counts, and without anything. */
static void what_is_left_out_is_said(void **state)
{
    static const char *const all[] = {"google-benchmark",        "benchstat", "hyperfine",
                                      "github-benchmark-bigger", "bencher",   "pyperf",
                                      "github-benchmark-smaller"};
    static const struct {
        const char *quantity;
        const char *holds; /* formats that still hold the cell */
    } cases[] = {
        {"latency_mean_s", "google-benchmark benchstat hyperfine github-benchmark-bigger bencher "
                           "pyperf github-benchmark-smaller"},
        {"cpu_user_s",
         "benchstat hyperfine github-benchmark-bigger bencher pyperf github-benchmark-smaller"},
        {"makespan_s", "benchstat github-benchmark-bigger bencher github-benchmark-smaller"},
        {"throughput_per_s", "benchstat bencher github-benchmark-smaller"},
        {NULL, ""},
    };
    json_t *document = export_fixture_document(), *cell;

    (void)state;
    records_add_steady(document, "blocking", "sleep:duration=20ms", 100, 20, false);
    cell = records_cell_of(document, 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *summary = json_object_get(cell, "summary");

        if (cases[i].quantity != NULL)
            json_object_set_new(summary, cases[i].quantity, json_null());
        else
            json_object_set_new(cell, "summary", json_null());
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
            bool held = strstr(cases[i].holds, all[k]) != NULL;

            assert_int_equal(leaves_out(export_find(all[k], NULL), document, 2), !held);
            if (strcmp(all[k], "google-benchmark") != 0) /* lists them in its context */
                assert_int_equal(export_has(all[k], document, "blocking"), held);
        }
    }
    json_decref(document);
}

/* CSV has all figures of a cell, and says in a column of its own that it is invalid. */
static void no_format_shows_figures_of_an_invalid_cell(void **state)
{
    json_t *document = export_fixture_document();
    size_t checked = 0;

    (void)state;
    for (size_t i = 0; i < exporters_count; i++) {
        char *text;

        if (exporters[i]->write == NULL || exporters[i] == &export_csv)
            continue;
        checked++;
        text = export_fixture_text(exporters[i]->name, document);
        if (strstr(text, "77725") != NULL || strstr(text, "777.25") != NULL ||
            strstr(text, "777.") != NULL || strstr(text, "128.65") != NULL)
            fail_msg("%s has figures of the invalid cell:\n%s", exporters[i]->name, text);
        if (!leaves_out(exporters[i], document, 1) && strstr(text, "1 of 5 runs failed") == NULL)
            fail_msg("%s does not say why a cell is invalid", exporters[i]->name);
        free(text);
    }
    assert_true(checked >= 11);
    json_decref(document);
}

/* A file that tools would take for a run without benchmarks is not written. */
static void without_a_valid_cell_there_is_no_file(void **state)
{
    json_t *document = records_document();
    char *directory = records_make_directory(), path[256];
    size_t checked = 0;

    (void)state;
    records_add_steady(document, "tasks", "null", 10, 1, false);
    export_fixture_spoil(records_cell_of(document, 0), "it cheated");
    for (size_t i = 0; i < exporters_count; i++) {
        const struct exporter *e = exporters[i];
        struct err err = {""};

        if (!leaves_out(e, document, 0) || e->write == NULL)
            continue;
        checked++;
        snprintf(path, sizeof path, "%s/file", directory);
        assert_int_equal(export_one(e, document, path, &err), -ENODATA);
        assert_has(err.text, e->name);
        assert_int_equal(access(path, F_OK), -1);
        assert_int_equal(export_stream(e, document, stdout, &err), -ENODATA);
    }
    assert_int_equal(checked, 7);
    json_decref(document);
    records_remove_directory(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_that_was_cut_short_is_marked),
        cmocka_unit_test(what_is_left_out_is_said),
        cmocka_unit_test(no_format_shows_figures_of_an_invalid_cell),
        cmocka_unit_test(without_a_valid_cell_there_is_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
