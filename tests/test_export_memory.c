/* The promise: when memory runs out, at whichever allocation, each form of a document says so: it
 * never looks whole and lacks something. */
#include "export/export.h"
#include "export/finding.h"

#include "support/failing_memory.h"
#include "support/records.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Each row of a timeline takes memory as the one before it did. */
static void shorten_timelines(json_t *document)
{
    static const char *const lists[] = {"jobs", "beats"};
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        for (size_t k = 0; k < 2; k++) {
            json_t *rows = json_object_get(json_object_get(cell, "timeline"), lists[k]);

            while (json_array_size(rows) > 2)
                json_array_remove(rows, 2);
        }
    }
}

/* Batches, loops, cells that are invalid, one that has no run, and two of the same name. */
static json_t *sample(void)
{
    json_t *document = records_sample();
    struct cell loops[] = {records_loop_cell("tasks", "sleep:duration=1ms", LOAD_OPEN),
                           records_loop_cell("pool", "sleep:duration=1ms", LOAD_OPEN),
                           records_loop_cell("pool", "sleep:duration=1ms", LOAD_CLOSED)};

    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        struct run_record runs[2] = {records_loop_run(&loops[i], 2, 100, NS_PER_MS, NS_PER_MS),
                                     records_loop_run(&loops[i], 2, 100, 2 * NS_PER_MS, NS_PER_MS)};

        records_append(document, &loops[i], runs, 2);
        records_append(document, &loops[i], runs, 1);
        run_record_deinit(&runs[0]);
        run_record_deinit(&runs[1]);
    }
    shorten_timelines(document);
    return document;
}

struct subject {
    const json_t *document;
    const struct exporter *format;
    bool markdown;
};

static int write_format(void *arg, FILE *out)
{
    const struct subject *s = arg;
    struct err err;

    if (s->format->write_cell != NULL)
        return s->format->write_cell(records_cell_of(s->document, 0), out);
    return export_stream(s->format, s->document, out, &err);
}

static void each_format(void **state)
{
    struct subject s = {.document = *state};

    for (size_t i = 0; i < exporters_count; i++) {
        size_t failures;

        s.format = exporters[i];
        failures = failing_memory_walk(write_format, &s);
        assert_int_equal(failures > 0,
                         strcmp(s.format->name, "csv") != 0 && strcmp(s.format->name, "hgrm") != 0);
    }
}

/* A file is whole, or it is not there. */
static int write_file(void *arg, FILE *out)
{
    const struct subject *s = arg;
    struct err err = {""};
    int r = export_one(s->format, s->document, "whole.csv", &err);
    char *text;

    if (r < 0) {
        assert_int_equal(access("whole.csv", F_OK), -1);
        assert_non_null(strstr(err.text, strerror(ENOMEM)));
        return -ENOMEM;
    }
    text = records_read_file("whole.csv");
    fputs(text, out);
    free(text);
    assert_int_equal(unlink("whole.csv"), 0);
    return 0;
}

static void a_file(void **state)
{
    struct subject s = {.document = *state, .format = &export_csv};
    char *directory = records_make_directory();

    assert_int_equal(chdir(directory), 0);
    assert_true(failing_memory_walk(write_file, &s) > 2);
    records_remove_directory(directory);
}

static int write_sections(void *arg, FILE *out)
{
    const struct subject *s = arg;
    struct rankings all;
    int r = rankings_init(&all, s->document);

    for (size_t i = 0; i < all.count && r == 0; i++)
        r = section_write(&all.of[i], form_markdown(s->markdown), out);
    rankings_deinit(&all);
    return r;
}

static void the_sections_of_a_report(void **state)
{
    for (int markdown = 0; markdown <= 1; markdown++) {
        struct subject s = {.document = *state, .markdown = markdown};

        assert_true(failing_memory_walk(write_sections, &s) > 20);
    }
}

static int write_answer(void *arg, FILE *out)
{
    const struct subject *s = arg;
    struct rankings all;
    int r = rankings_init(&all, s->document);

    if (r == 0) {
        struct table *t = answer_table(&all);

        r = table_show(t, form_markdown(s->markdown), 2, out);
    }
    rankings_deinit(&all);
    return r;
}

static void the_answer(void **state)
{
    struct subject s = {.document = *state};

    assert_true(failing_memory_walk(write_answer, &s) > 5);
}

static int load(void **state)
{
    *state = sample();
    return 0;
}

static int drop(void **state)
{
    json_decref(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format),
        cmocka_unit_test(a_file),
        cmocka_unit_test(the_sections_of_a_report),
        cmocka_unit_test(the_answer),
    };

    return cmocka_run_group_tests(tests, load, drop);
}
