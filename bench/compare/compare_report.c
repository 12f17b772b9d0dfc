#include "compare/compare_report.h"

#include "base/markdown.h"
#include "base/table.h"
#include "base/wrap.h"
#include "compare/compare_text.h"
#include "result/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE 640

static double size_of_change(const struct compare_row *row)
{
    double change = fabs(log(row->ratio.ratio));

    return isnan(change) ? (double)INFINITY : change;
}

static int by_change(const void *one, const void *other)
{
    const struct compare_row *a = *(const struct compare_row *const *)one;
    const struct compare_row *b = *(const struct compare_row *const *)other;
    double by;

    if (compare_worse(a) != compare_worse(b))
        return compare_worse(a) ? -1 : 1;
    by = size_of_change(b) - size_of_change(a);
    if (by > 0 || by < 0)
        return by > 0 ? 1 : -1;
    return a < b ? -1 : a > b; /* as in the document */
}

size_t compare_report_changes(const struct compare *c, const struct compare_row **rows)
{
    size_t count = 0;

    for (size_t i = 0; i < c->rows_count; i++)
        if (compare_changed(&c->rows[i]))
            rows[count++] = &c->rows[i];
    qsort(rows, count, sizeof *rows, by_change);
    return count;
}

static void write_title(const struct compare_report *how, const char *text, FILE *out)
{
    fprintf(out, how->markdown ? "\n### %s\n\n" : "\n%s\n", text);
}

static void write_document(const struct compare_report *how, char label, const char *path,
                           const json_t *result, FILE *out)
{
    char text[SENTENCE], lead[] = {label, ' ', ' ', '\0'};
    double cores = result_number(result, "context.cores");

    snprintf(text, sizeof text, "%s: %s, commit %s, %s, %.0f core%s%s", path,
             result_string(result, "context.date"), result_string(result, "context.commit"),
             result_string(result, "context.cpu"), cores, cores == 1 ? "" : "s",
             json_is_true(json_object_get(result, "partial")) ? "; cut short" : "");
    markdown_item(how->markdown, lead, text, out);
}

static void write_head(const struct compare *c, const struct compare_report *how, FILE *out)
{
    json_t *notes = compare_text_notes(c), *note;
    char text[SENTENCE], title[64];
    size_t i;

    if (how->markdown)
        fprintf(out, "## %c against A\n\n", c->label);
    write_document(how, 'A', how->a_path, c->a, out);
    write_document(how, c->label, how->b_path, c->b, out);
    snprintf(title, sizeof title, how->markdown ? "Summary" : "%c against A", c->label);
    write_title(how, title, out);
    markdown_item(how->markdown, "  ", compare_text_summary(c, text, sizeof text), out);
    json_array_foreach(notes, i, note)
        markdown_item(how->markdown, "  ", json_string_value(note), out);
    json_decref(notes);
}

static void write_changes(const struct compare *c, const struct compare_report *how,
                          const struct compare_row **rows, size_t count, FILE *out)
{
    char text[SENTENCE];

    write_title(how, "What changed", out);
    if (count == 0)
        markdown_item(how->markdown, "  ", "Nothing that these runs can show.", out);
    for (size_t i = 0; i < count; i++)
        markdown_item(how->markdown, compare_worse(rows[i]) ? "  worse   " : "  better  ",
                      compare_text_sentence(c, rows[i], text, sizeof text), out);
}

static bool cell_changed(const struct compare *c, const json_t *cell)
{
    for (size_t i = 0; i < c->rows_count; i++)
        if (c->rows[i].a == cell && compare_changed(&c->rows[i]))
            return true;
    return false;
}

static void add_row(struct table *t, const struct compare *c, const struct compare_row *row)
{
    const char *against = row->a_base ? result_string(row->a_base, "model") : "";
    const struct compare_ratio *r = &row->ratio;
    char text[160];

    table_cell(t, "%s%s%s", row->metric->title, *against ? " / " : "", against);
    table_cell(t, "%s", compare_text_value(row, row->a_value, text, sizeof text));
    table_cell(t, "%s", compare_text_value(row, row->b_value, text, sizeof text));
    table_cell(t, isfinite(r->ratio) ? "%.3f" : "-", r->ratio);
    if (metric_is_count(row->metric))
        table_cell(t, "counted");
    else
        table_cell(t, isfinite(r->low) ? "%.3f..%.3f" : "-", r->low, r->high);
    table_cell(t, "%s", compare_text_words(c, row, text, sizeof text));
}

static struct table *make_table(const struct compare *c, bool all)
{
    const char label[] = {c->label, '\0'};
    struct table *t = table_create();
    const json_t *last = NULL;

    table_column(t, "metric", TABLE_HEAD);
    table_column(t, "A", TABLE_RIGHT);
    table_column(t, label, TABLE_RIGHT);
    table_column(t, "ratio", TABLE_RIGHT);
    table_column(t, "95% interval", TABLE_LEFT);
    table_column(t, "", TABLE_WORDS);
    for (const struct compare_row *row = c->rows; row < c->rows + c->rows_count; row++) {
        if (!all && !cell_changed(c, row->a))
            continue;
        if (row->a != last)
            table_group(t, "cell", row->name);
        last = row->a;
        add_row(t, c, row);
    }
    return t;
}

static int write_table(const struct compare *c, const struct compare_report *how, FILE *out)
{
    bool all = how->all || !c->same_machine; /* there, nothing is said to have changed */
    struct table *t = make_table(c, all);

    if (table_rows(t) > 0) {
        write_title(how, all ? "All cells" : "Cells in which something changed (--all: every one)",
                    out);
        return table_show(t, how->markdown, 2, out);
    }
    table_destroy(t);
    return 0;
}

static void write_left_out(const struct compare *c, const struct compare_report *how, FILE *out)
{
    char text[SENTENCE];

    if (c->left_out_count == 0)
        return;
    write_title(how, "Not compared", out);
    for (size_t i = 0; i < c->left_out_count; i++) {
        snprintf(text, sizeof text, "%s: %s", c->left_out[i].cell, c->left_out[i].why);
        markdown_item(how->markdown, "  ", text, out);
    }
}

void compare_report_write(const struct compare *c, const struct compare_report *how, FILE *out)
{
    const struct compare_row **rows = calloc(c->rows_count + 1, sizeof *rows);

    write_head(c, how, out);
    if (rows != NULL)
        write_changes(c, how, rows, compare_report_changes(c, rows), out);
    free(rows);
    if (write_table(c, how, out) < 0)
        markdown_item(how->markdown, "  ", "There was no memory for the table.", out);
    write_left_out(c, how, out);
}
