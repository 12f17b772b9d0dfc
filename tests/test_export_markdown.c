/* The promise: Markdown has one table a group, with the first place in bold,
 * and stays what it is whatever names
 * and reasons contain: tables keep their columns, sentences their lines, text of others is no
 * markup. */
#include "export/export.h"

#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void markdown_has_a_table_a_group(void **state)
{
    json_t *document = document_of_three();
    char *text;

    (void)state;
    records_add_steady(document, "tasks", "null", 1000, 0.5, false);
    records_add_steady(document, "blocking", SLEEP, 100, 1, true);
    spoil(records_cell_of(document, 4), "1 of 5 runs failed: a | bar");
    text = text_of(export_markdown.write, document);
    assert_non_null(strstr(
        text,
        "\n## sleep:duration=20ms x 100\n\n"
        "tasks finished 100 sleeps in 20.8 ms, 96.3x faster than sequential; ideal 100x; invalid "
        "and not ranked: blocking (1 of 5 runs failed: a \\| bar).\n\n"
        "| model | makespan | interval | ideal | eff. | jobs/s | p50 | p99 | lag max | CPU/job | "
        "mem/job | relative |\n"
        "|:---|---:|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        "| `sequential` | 2.00 s | 1.98-2.02 | 2.00 s | 100% | 49.9/s | 1.00 s | - | 50.0 us | 0 "
        "ns | 0 B | 96.35 |\n"
        "| **tasks** \\* | 20.8 ms | 20.6-21.0 | 20.0 ms | 96% | 4.81k/s | 20.8 ms | - | 50.0 us | "
        "0 ns | 0 B | 1.00 |\n"
        "| `pool(6)` | 342 ms | 339-345 | 340 ms | 99% | 292/s | 342 ms | - | 50.0 us | 0 ns | 0 B "
        "| 16.44 |\n"
        "| `blocking (invalid)` | 1.00 ms | 0.99-1.01 | 2.00 s | 200000% | 100k/s | 500 us | - | "
        "1.00 ms | 0 ns | 0 B | - |\n"
        "\n* invalid: blocking: 1 of 5 runs failed: a \\| bar\n"));
    assert_non_null(strstr(text, "\n## null x 1000\n"));
    free(text);
    json_decref(document);
}

static size_t columns_of(const char *line)
{
    size_t bars = 0;

    for (; *line != '\n' && *line != '\0'; line++) {
        if (*line == '\\' && line[1] != '\0')
            line++;
        else
            bars += *line == '|';
    }
    return bars - 1;
}

static size_t times_in(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

/* Whatever others wrote, a table has its columns and a sentence its line. */
static void markdown_holds_any_text(void **state)
{
    static const char odd[] = "50 % | `b`\r\n::error::<script>*x* [y](z) &lt; \\ é";
    static const char plain[] =
        "50 % \\| 'b'  ::error::&lt;script>\\*x\\* \\[y](z) &amp;lt; \\\\ é";
    json_t *document = document_of_three();
    char *text, *at;
    size_t rows = 0;

    (void)state;
    spoil(records_cell_of(document, 2), odd);
    json_array_append_new(json_object_get(records_cell_of(document, 0), "warnings"),
                          json_string(odd));
    json_object_set_new(records_cell_of(document, 1), "model", json_string("t`a|sks\n"));
    text = text_of(export_markdown.write, document);
    for (at = strstr(text, "\n| model"); at != NULL && at[1] == '|'; at = strchr(at + 1, '\n')) {
        rows++;
        assert_int_equal(columns_of(at + 1), 12);
    }
    assert_int_equal(rows, 5);
    assert_non_null(strstr(text, "| **t'a\\|sks ** \\* | "));
    assert_int_equal(times_in(text, plain), 3); /* finding, table, warnings */
    assert_null(strstr(text, "<script"));
    free(text);
    text = text_of(export_summary.write, document);
    assert_int_equal(times_in(text, plain), 3);
    assert_null(strstr(text, "<script"));
    free(text);
    json_decref(document);
}

/* Valid and without a time: not an invalid cell without a reason. */
static void markdown_says_what_was_not_measured(void **state)
{
    json_t *document = document_of_three();
    char *text;

    (void)state;
    json_object_set_new(json_object_get(records_cell_of(document, 1), "summary"), "makespan_s",
                        json_null());
    text = text_of(export_markdown.write, document);
    assert_non_null(strstr(text, "\n| `tasks` | - | - |"));
    assert_null(strstr(text, "**invalid**"));
    free(text);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_has_a_table_a_group),
        cmocka_unit_test(markdown_holds_any_text),
        cmocka_unit_test(markdown_says_what_was_not_measured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
