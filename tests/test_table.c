/* The promise: a table fits the terminal and loses no figure: gaps shrink, columns without figures
 * go, words are broken or stand below, columns that do not fit stand in a second part beside the
 * first columns again; and Markdown and HTML have the same rows, whatever texts contain. */
#include "base/html.h"
#include "base/table.h"
#include "base/wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct table *small(void)
{
    struct table *t = table_create();

    table_column(t, "model", TABLE_CODE | TABLE_HEAD);
    table_column(t, "time", TABLE_RIGHT);
    table_column(t, "p99", TABLE_RIGHT);
    table_column(t, "verdict", TABLE_WORDS);
    table_cell(t, "tasks");
    table_cell(t, "10.3 ms");
    table_cell(t, "-");
    table_cell(t, "ok");
    table_cell(t, "pool(6)");
    table_cell(t, "172 ms");
    table_cell(t, "-");
    table_strong(t, "off", ", since it took longer than theory has it");
    return t;
}

/* What the table is as text; to be freed. Frees the table. */
static char *text_of(struct table *t, size_t columns)
{
    char *text = NULL, *line;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    if (columns > 0)
        assert_int_equal(table_write(t, columns, 2, out), 0);
    else
        assert_int_equal(table_markdown(t, out), 0);
    fclose(out);
    table_destroy(t);
    for (line = text; columns > 0 && *line != '\0'; line += strcspn(line, "\n") + 1) {
        char copy[512];

        snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
        if (wrap_length(copy, SIZE_MAX) > columns || (*copy && copy[strlen(copy) - 1] == ' '))
            fail_msg("\"%s\" is longer than %zu, or ends in a blank", copy, columns);
    }
    return text;
}

static void is(struct table *t, size_t columns, const char *expected)
{
    char *text = text_of(t, columns);

    assert_string_equal(text, expected);
    free(text);
}

static void a_table_that_fits_is_aligned(void **state)
{
    (void)state;
    is(small(), 100,
       "  model       time  p99  verdict\n"
       "  tasks    10.3 ms    -  ok\n"
       "  pool(6)   172 ms    -  off, since it took longer than theory has it\n");
}

static void words_are_broken_into_lines(void **state)
{
    (void)state;
    is(small(), 60,
       "  model       time  p99  verdict\n"
       "  tasks    10.3 ms    -  ok\n"
       "  pool(6)   172 ms    -  off, since it took longer than\n"
       "                         theory has it\n");
}

static void columns_without_figures_go_before_words_are_squeezed(void **state)
{
    (void)state;
    is(small(), 42,
       "  model      time verdict\n"
       "  tasks   10.3 ms ok\n"
       "  pool(6)  172 ms off, since it took\n"
       "                  longer than theory has\n"
       "                  it\n");
}

static void words_without_room_stand_below(void **state)
{
    (void)state;
    is(small(), 26,
       "  model      time\n"
       "  tasks   10.3 ms\n"
       "      ok\n"
       "  pool(6)  172 ms\n"
       "      off, since it took\n"
       "      longer than theory\n"
       "      has it\n");
}

static struct table *wide(void)
{
    struct table *t = table_create();

    table_column(t, "model", TABLE_HEAD);
    for (int i = 0; i < 6; i++)
        table_column(t, "a long title", TABLE_RIGHT);
    table_cell(t, "tasks");
    for (int i = 0; i < 6; i++)
        table_cell(t, "%d.00 ms", i + 1);
    return t;
}

static void what_does_not_fit_stands_in_parts_of_one_width(void **state)
{
    (void)state;
    is(wide(), 100,
       "  model  a long title  a long title  a long title  a long title  a long title  a long "
       "title\n"
       "  tasks       1.00 ms       2.00 ms       3.00 ms       4.00 ms       5.00 ms       6.00 "
       "ms\n");
    is(wide(), 60, /* titles give way first */
       "         a long  a long  a long  a long  a long  a long\n"
       "  model   title   title   title   title   title   title\n"
       "  tasks 1.00 ms 2.00 ms 3.00 ms 4.00 ms 5.00 ms 6.00 ms\n");
    is(wide(), 50,
       "  model  a long title  a long title  a long title\n"
       "  tasks       1.00 ms       2.00 ms       3.00 ms\n"
       "\n"
       "  model  a long title  a long title  a long title\n"
       "  tasks       4.00 ms       5.00 ms       6.00 ms\n");
}

static void every_figure_is_there_at_any_width(void **state)
{
    (void)state;
    for (size_t columns = 20; columns < 120; columns++) {
        char *text = text_of(wide(), columns);

        for (int i = 0; i < 6; i++) {
            char figure[32];

            snprintf(figure, sizeof figure, "%d.00 ms", i + 1);
            assert_non_null(strstr(text, figure));
        }
        free(text);
    }
}

static void rows_stand_below_what_they_are_of(void **state)
{
    for (int markdown = 0; markdown < 2; markdown++) {
        struct table *t = table_create();

        (void)state;
        table_column(t, "metric", TABLE_LEFT);
        table_column(t, "A", TABLE_RIGHT);
        table_group(t, "Cell", "tasks null x 10");
        table_cell(t, "makespan");
        table_cell(t, "1 s");
        table_group(t, "Cell", "pool(2) null x 10, whose name is long");
        table_cell(t, "makespan");
        table_cell(t, "2 s");
        if (markdown)
            is(t, 0,
               "| Cell | metric | A |\n|:---|:---|---:|\n"
               "| `tasks null x 10` | makespan | 1 s |\n"
               "| `pool(2) null x 10, whose name is long` | makespan | 2 s |\n");
        else
            is(t, 20,
               "  metric      A\ntasks null x 10\n  makespan  1 s\n"
               "pool(2) null x 10,\nwhose name is long\n  makespan  2 s\n");
    }
}

static void markdown_holds_any_text(void **state)
{
    struct table *t = table_create();

    (void)state;
    table_column(t, "Name", TABLE_CODE);
    table_column(t, "Words", TABLE_LEFT);
    table_cell(t, "a|b`c");
    table_strong(t, "invalid", ": *x* | <y>");
    table_cell(t, "%s", "");
    table_cell(t, "%s", "");
    is(t, 0,
       "| Name | Words |\n|:---|:---|\n| `a\\|b c` | **invalid**: \\*x\\* \\| &lt;y> |\n| | |\n");
}

static void characters_are_counted_not_bytes(void **state)
{
    struct table *t = table_create();

    (void)state;
    table_column(t, "", TABLE_LEFT);
    table_column(t, "", TABLE_RIGHT);
    table_cell(t, "é × µ");
    table_cell(t, "1");
    table_cell(t, "abcde");
    table_cell(t, "2");
    is(t, 40, "  é × µ  1\n  abcde  2\n");
}

static void lines_of_text_are_not_cut(void **state)
{
    static const char text[] = "tcp:bytes=64,delay=2ms took 10 ms, longer than theory";
    char *written;
    size_t size;
    FILE *out = open_memstream(&written, &size);

    (void)state;
    assert_non_null(out);
    wrap_write(out, 16, "note: ", text);
    fclose(out);
    assert_string_equal(written, "note: tcp:bytes=\n      64,\n      delay=2ms\n      took\n"
                                 "      10 ms,\n      longer\n      than\n      theory\n");
    free(written);
}

/* What is written to memory; to be freed. */
static char *html_of(struct table *t, const char *text)
{
    char *html = NULL;
    size_t size;
    FILE *out = open_memstream(&html, &size);

    assert_non_null(out);
    if (t != NULL)
        assert_int_equal(table_show(t, FORM_HTML, 0, out), 0);
    else
        html_text(text, out);
    fclose(out);
    return html;
}

static void html_has_the_rows_without_columns_that_say_nothing(void **state)
{
    struct table *t = small();
    char *html;

    (void)state;
    table_strong(t, "uring", " *");
    table_cell(t, "<b>");
    table_cell(t, "-");
    table_cell(t, "%s", "");
    html = html_of(t, NULL);
    assert_null(strstr(html, "p99"));
    assert_non_null(strstr(html, "<thead><tr><th scope=\"col\">model</th>"
                                 "<th scope=\"col\" class=\"number\">time</th>"
                                 "<th scope=\"col\" class=\"words\">verdict</th></tr></thead>\n"));
    assert_non_null(strstr(html,
                           "<tr><th scope=\"row\"><code>tasks</code></th>"
                           "<td class=\"number\">10.3 ms</td><td class=\"words\">ok</td></tr>\n"));
    assert_non_null(strstr(html, "<td class=\"words\"><strong>off</strong>, since it took"));
    assert_non_null(strstr(html, "<th scope=\"row\"><strong>uring</strong> *</th>"
                                 "<td class=\"number\">&lt;b&gt;</td><td class=\"words\"></td>"));
    free(html);
}

static void html_holds_any_text(void **state)
{
    static const char *const texts[][2] = {
        {"<script>\"a\" & 'b'</script>",
         "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;"},
        {"a\tb\nc", "a b c"},
        {"\033[31m\x7f|\xc2\x9b|\xc2\xb5s", "\xef\xbf\xbd[31m\xef\xbf\xbd|\xef\xbf\xbd|\xc2\xb5s"},
        {"\xe2\x80\xae|\xe2\x81\xa7|\xe2\x80\xa6", "\xef\xbf\xbd|\xef\xbf\xbd|\xe2\x80\xa6"},
        {"cut \xe2\x80", "cut \xe2\x80"},
        {"cut \xe2", "cut \xe2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *html = html_of(NULL, texts[i][0]);

        assert_string_equal(html, texts[i][1]);
        free(html);
    }
}

static void the_width_is_that_of_the_environment_where_there_is_no_terminal(void **state)
{
    FILE *out = tmpfile();

    (void)state;
    assert_non_null(out);
    unsetenv("COLUMNS");
    assert_int_equal(wrap_columns(out), 80);
    setenv("COLUMNS", "132", 1);
    assert_int_equal(wrap_columns(out), 132);
    setenv("COLUMNS", "3", 1);
    assert_int_equal(wrap_columns(out), WRAP_COLUMNS_MIN);
    setenv("COLUMNS", "wide", 1);
    assert_int_equal(wrap_columns(out), 80);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_that_fits_is_aligned),
        cmocka_unit_test(words_are_broken_into_lines),
        cmocka_unit_test(columns_without_figures_go_before_words_are_squeezed),
        cmocka_unit_test(words_without_room_stand_below),
        cmocka_unit_test(what_does_not_fit_stands_in_parts_of_one_width),
        cmocka_unit_test(every_figure_is_there_at_any_width),
        cmocka_unit_test(rows_stand_below_what_they_are_of),
        cmocka_unit_test(markdown_holds_any_text),
        cmocka_unit_test(html_has_the_rows_without_columns_that_say_nothing),
        cmocka_unit_test(html_holds_any_text),
        cmocka_unit_test(characters_are_counted_not_bytes),
        cmocka_unit_test(lines_of_text_are_not_cut),
        cmocka_unit_test(the_width_is_that_of_the_environment_where_there_is_no_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
