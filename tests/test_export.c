/* The promise: other programs can read every format: CSV by RFC 4180, .hgrm as HdrHistogram's
 * plotters take it; and each file is written whole beside the document. */
#include "export/export.h"

#include "support/records.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SLEEP "sleep:duration=20ms"

static json_t *document_of_three(void)
{
    json_t *document = records_document();

    records_add_steady(document, "sequential", SLEEP, 100, 2004, false);
    records_add_steady(document, "tasks", SLEEP, 100, 20.8, false);
    records_add_steady(document, "pool", SLEEP, 100, 342, false);
    return document;
}

static void spoil(json_t *cell, const char *reason)
{
    json_object_set_new(cell, "valid", json_false());
    json_array_append_new(json_object_get(cell, "reasons"), json_string(reason));
}

/* What an exporter writes; the caller frees it. */
static char *text_of(int (*write)(const json_t *value, FILE *out), const json_t *value)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(write(value, out), 0);
    fclose(out);
    return text;
}

/* Split one CSV record at *at into fields, as RFC 4180 says; returns how many. Moves *at to the
 * next. */
static size_t split_record(const char **at, char fields[][512], size_t cap)
{
    const char *p = *at;
    size_t n = 0;

    while (n < cap) {
        size_t len = 0;
        bool quoted = *p == '"';

        for (p += quoted; *p != '\0'; p++) {
            if (quoted && p[0] == '"' && p[1] == '"')
                p++;
            else if (quoted ? *p == '"' : *p == ',' || *p == '\n')
                break;
            assert_true(len < 511);
            fields[n][len++] = *p;
        }
        fields[n++][len] = '\0';
        p += quoted;
        if (*p++ != ',')
            break;
    }
    *at = p;
    return n;
}

static const char *field(char head[][512], char row[][512], size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(head[i], name) == 0)
            return row[i];
    fail_msg("no column %s", name);
    return NULL;
}

static void csv_has_a_row_a_cell_and_survives_any_text(void **state)
{
    static char head[96][512], row[96][512];
    const char *reason = "a \"quoted\", comma\nand newline";
    json_t *document = document_of_three();
    const char *at;
    char *text;
    size_t n;

    (void)state;
    spoil(records_cell_of(document, 1), reason);
    json_array_append_new(json_object_get(records_cell_of(document, 1), "reasons"),
                          json_string("two"));
    at = text = text_of(export_csv.write, document);
    n = split_record(&at, head, 96);
    assert_true(n > 20);

    assert_int_equal(split_record(&at, row, 96), n);
    assert_string_equal(field(head, row, n, "name"), "sequential sleep:duration=20ms x 100");
    assert_string_equal(field(head, row, n, "threads"), "");
    assert_string_equal(field(head, row, n, "makespan_s"), "2.004");
    assert_string_equal(field(head, row, n, "ideal_makespan_s"), "2");
    assert_string_equal(field(head, row, n, "target_cpu_s"), "");
    assert_string_equal(field(head, row, n, "valid"), "true");
    assert_string_equal(field(head, row, n, "reasons"), "");

    assert_int_equal(split_record(&at, row, 96), n);
    assert_string_equal(field(head, row, n, "valid"), "false");
    assert_string_equal(field(head, row, n, "reasons"), "a \"quoted\", comma\nand newline; two");

    assert_int_equal(split_record(&at, row, 96), n);
    assert_string_equal(field(head, row, n, "threads"), "6");
    assert_string_equal(field(head, row, n, "bytes_in"), "6400");
    assert_int_equal(strlen(field(head, row, n, "checksum")), 16);
    assert_string_equal(at, "");
    free(text);
    json_decref(document);
}

/* Read back as the plotters do: rows of four numbers, all else skipped. */
static void hgrm_reads_back_as_the_distribution(void **state)
{
    json_t *document = document_of_three();
    char *text = text_of(export_hgrm.write_cell, records_cell_of(document, 0));
    double value, percentile, inverse, last = 0, median = 0;
    unsigned long count, rows = 0;
    char *line, *rest = text;

    (void)state;
    assert_true(strncmp(text, "       Value     Percentile TotalCount 1/(1-Percentile)\n\n", 57) ==
                0);
    while ((line = strsep(&rest, "\n")) != NULL) {
        if (line[0] == '#' ||
            sscanf(line, "%lf %lf %lu %lf", &value, &percentile, &count, &inverse) < 4)
            continue;
        rows++;
        assert_true(value >= last);
        assert_true((1 - percentile) * inverse > 0.99 && (1 - percentile) * inverse < 1.01);
        assert_true((double)count / 500 >= percentile - 1e-9);
        if (percentile == 0.5)
            median = value;
        last = value;
    }
    assert_true(rows > 20);
    assert_true(median * 1000 ==
                result_number(records_cell_of(document, 0), "summary.latency_ns.p50"));
    free(text);

    text = text_of(export_hgrm.write_cell, records_cell_of(document, 1));
    assert_non_null(strstr(text, "\n   21008.000 1.000000000000        500\n#[Mean    = "));
    assert_non_null(strstr(text, "\n#[Max     =    21008.000, Total count    =          500]\n"
                                 "#[Buckets =            1, SubBuckets     =     21008001]\n"));
    free(text);
    json_decref(document);
}

static void all_formats_are_written_beside_the_document(void **state)
{
    json_t *document = document_of_three();
    char *directory = records_make_directory(), *text;
    char path[256], json_path[256];
    struct err err = {""};

    (void)state;
    records_add_steady(document, "tasks", SLEEP, 100, 20.9, false); /* the same name again */
    records_add_steady(document, "blocking", SLEEP, 100, 1, true);
    spoil(records_cell_of(document, 4), "it cheated");
    snprintf(json_path, sizeof json_path, "%s/run.json", directory);
    if (export_all(document, json_path, &err) != 0)
        fail_msg("%s", err.text);
    snprintf(path, sizeof path, "%s/run.csv", directory);
    text = records_read_file(path);
    assert_true(strncmp(text, "name,", 5) == 0);
    free(text);
    snprintf(path, sizeof path, "%s/run.md", directory);
    text = records_read_file(path);
    assert_true(text[0] == '#');
    free(text);
    for (int i = 0; i < 4; i++) {
        static const char *const names[] = {
            "sequential-sleep-duration-20ms-x-100", "tasks-sleep-duration-20ms-x-100",
            "pool-6-sleep-duration-20ms-x-100", "tasks-sleep-duration-20ms-x-100-2"};

        snprintf(path, sizeof path, "%s/hgrm/%s.hgrm", directory, names[i]);
        text = records_read_file(path);
        assert_non_null(strstr(text, "TotalCount"));
        free(text);
    }
    snprintf(path, sizeof path, "%s/hgrm/blocking-sleep-duration-20ms-x-100.hgrm", directory);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(export_all(document, json_path, &err), 0); /* over what is there */
    json_decref(document);
    records_remove_directory(directory);
}

static void where_it_cannot_write_it_says_so(void **state)
{
    json_t *document = document_of_three();
    char *directory = records_make_directory();
    char path[256];
    struct err err = {""};
    FILE *blocker;

    (void)state;
    snprintf(path, sizeof path, "%s/missing/run.json", directory);
    assert_true(export_all(document, path, &err) < 0);
    assert_non_null(strstr(err.text, "missing/run.csv"));

    snprintf(path, sizeof path, "%s/hgrm", directory); /* a file where the folder should be */
    blocker = fopen(path, "we");
    assert_non_null(blocker);
    fclose(blocker);
    snprintf(path, sizeof path, "%s/run.json", directory);
    err.text[0] = '\0';
    assert_true(export_all(document, path, &err) < 0);
    assert_non_null(strstr(err.text, "hgrm"));

    snprintf(path, sizeof path, "%s/missing/hgrm", directory);
    assert_true(export_one(&export_hgrm, document, path, &err) < 0);
    assert_non_null(strstr(err.text, "missing/hgrm"));
    json_decref(document);
    records_remove_directory(directory);
}

static void names_that_are_too_long_are_refused(void **state)
{
    json_t *document = document_of_three();
    char path[PATH_MAX];
    struct err err = {""};

    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(export_all(document, path, &err), -ENAMETOOLONG);
    assert_non_null(strstr(err.text, "too long"));
    json_decref(document);
}

/* run-a.json leaves run-a.csv beside itself, and a name without .json keeps its ending. */
static void what_stands_beside_is_named_by_the_document(void **state)
{
    static const char *const names[][2] = {
        {"run-a.json", "run-a.csv"}, {"a.txt", "a.txt.csv"}, {"plain", "plain.csv"}};
    json_t *document = document_of_three();
    char *directory = records_make_directory();
    struct err err = {""};

    (void)state;
    json_object_set_new(records_cell_of(document, 0), "name", json_string("*** odd / name ***"));
    assert_int_equal(chdir(directory), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(export_all(document, names[i][0], &err), 0);
        assert_int_equal(access(names[i][1], F_OK), 0);
    }
    assert_int_equal(chdir("/"), 0);
    records_remove_directory(directory);
    json_decref(document);
}

static void formats_are_listed(void **state)
{
    (void)state;
    for (size_t i = 0; i < exporters_count; i++) {
        struct err err = {""};

        assert_true((exporters[i]->write == NULL) != (exporters[i]->write_cell == NULL));
        assert_int_equal(exporters[i]->suffix[0], '.');
        assert_ptr_equal(export_find(exporters[i]->name, &err), exporters[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(exporters[i]->suffix, exporters[k]->suffix);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_has_a_row_a_cell_and_survives_any_text),
        cmocka_unit_test(hgrm_reads_back_as_the_distribution),
        cmocka_unit_test(all_formats_are_written_beside_the_document),
        cmocka_unit_test(where_it_cannot_write_it_says_so),
        cmocka_unit_test(names_that_are_too_long_are_refused),
        cmocka_unit_test(what_stands_beside_is_named_by_the_document),
        cmocka_unit_test(formats_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
