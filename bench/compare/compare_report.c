#include "compare/compare_report.h"

#include "compare/compare_text.h"
#include "result/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE   640
#define TEXT_WIDTH 100

/* ---- Order --------------------------------------------------------------------------------------
 */

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

/* ---- Text ---------------------------------------------------------------------------------------
 */

/* Broken between words, lines after the first indented. */
static void write_wrapped(const char *lead, const char *text, FILE *out)
{
    int indent = (int)strlen(lead), column = fprintf(out, "%s", lead);
    bool first = true;

    while (*text != '\0') {
        int len = (int)strcspn(text, " ");

        if (!first && column + 1 + len > TEXT_WIDTH) {
            column = fprintf(out, "\n%*s", indent, "") - 1;
            first = true;
        }
        column += fprintf(out, "%s%.*s", first ? "" : " ", len, text);
        first = false;
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* Markdown takes these as its own. */
static void write_escaped(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (strchr("|*_`<>[]\\#", *text) != NULL)
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void write_sentence(const struct compare_report *how, const char *lead, const char *text,
                           FILE *out)
{
    if (!how->markdown) {
        write_wrapped(lead, text, out);
        return;
    }
    fprintf(out, "- %s", lead + strspn(lead, " "));
    write_escaped(text, out);
    fputc('\n', out);
}

static void write_title(const struct compare_report *how, const char *text, FILE *out)
{
    fprintf(out, how->markdown ? "\n### %s\n\n" : "\n%s\n", text);
}

/* ---- Head ---------------------------------------------------------------------------------------
 */

static void write_document(const struct compare_report *how, char label, const char *path,
                           const json_t *result, FILE *out)
{
    char text[SENTENCE], lead[] = {label, ' ', ' ', '\0'};
    double cores = result_number(result, "context.cores");

    snprintf(text, sizeof text, "%s: %s, commit %s, %s, %.0f core%s%s", path,
             result_string(result, "context.date"), result_string(result, "context.commit"),
             result_string(result, "context.cpu"), cores, cores == 1 ? "" : "s",
             json_is_true(json_object_get(result, "partial")) ? "; cut short" : "");
    write_sentence(how, lead, text, out);
}

static void write_head(const struct compare *c, const struct compare_report *how, FILE *out)
{
    char text[SENTENCE], title[64];

    if (how->markdown)
        fprintf(out, "## %c against A\n\n", c->label);
    write_document(how, 'A', how->a_path, c->a, out);
    write_document(how, c->label, how->b_path, c->b, out);
    snprintf(title, sizeof title, how->markdown ? "Summary" : "%c against A", c->label);
    write_title(how, title, out);
    write_sentence(how, "  ", compare_text_summary(c, text, sizeof text), out);
    for (size_t i = 0; compare_text_note(c, i, text, sizeof text) != NULL; i++)
        if (*text != '\0')
            write_sentence(how, "  ", text, out);
}

/* ---- What changed -------------------------------------------------------------------------------
 */

static void write_changes(const struct compare *c, const struct compare_report *how,
                          const struct compare_row **rows, size_t count, FILE *out)
{
    char text[SENTENCE];

    write_title(how, "What changed", out);
    if (count == 0)
        write_sentence(how, "  ", "Nothing that these runs can show.", out);
    for (size_t i = 0; i < count; i++)
        write_sentence(how, compare_worse(rows[i]) ? "  worse   " : "  better  ",
                       compare_text_sentence(c, rows[i], text, sizeof text), out);
}

/* ---- Table --------------------------------------------------------------------------------------
 */

struct texts {
    char cell[256], a[48], b[48], ratio[32], interval[64], words[160];
};

static void make_texts(const struct compare *c, const struct compare_row *row, struct texts *t)
{
    const struct compare_ratio *r = &row->ratio;

    compare_text_cell(row, t->cell, sizeof t->cell);
    compare_text_value(row, row->a_value, t->a, sizeof t->a);
    compare_text_value(row, row->b_value, t->b, sizeof t->b);
    compare_text_words(c, row, t->words, sizeof t->words);
    snprintf(t->ratio, sizeof t->ratio, isfinite(r->ratio) ? "%.3f" : "-", r->ratio);
    if (metric_is_count(row->metric))
        snprintf(t->interval, sizeof t->interval, "counted");
    else
        snprintf(t->interval, sizeof t->interval, isfinite(r->low) ? "%.3f..%.3f" : "-", r->low,
                 r->high);
}

/* With the model that others are held against. */
static int metric_width(const struct compare *c)
{
    return c->relative ? 29 : 22;
}

static bool cell_changed(const struct compare *c, const json_t *cell)
{
    for (size_t i = 0; i < c->rows_count; i++)
        if (c->rows[i].a == cell && compare_changed(&c->rows[i]))
            return true;
    return false;
}

static void write_row(const struct compare *c, const struct compare_report *how, size_t index,
                      FILE *out)
{
    const struct compare_row *row = &c->rows[index], *before = index > 0 ? row - 1 : NULL;
    const char *against = row->a_base ? result_string(row->a_base, "model") : "";
    struct texts t;
    char metric[96];

    make_texts(c, row, &t);
    snprintf(metric, sizeof metric, "%s%s%s", row->metric->title, *against ? " / " : "", against);
    if (how->markdown) {
        fputs("| ", out);
        write_escaped(row->name, out);
        fprintf(out, " | %s | %s | %s | %s | %s | ", metric, t.a, t.b, t.ratio, t.interval);
        write_escaped(t.words, out);
        fputs(" |\n", out);
        return;
    }
    if (before == NULL || before->a != row->a)
        fprintf(out, "%s\n", row->name);
    fprintf(out, "  %-*s %9s %9s  %6s  %-14s  %s\n", metric_width(c), metric, t.a, t.b, t.ratio,
            t.interval, t.words);
}

static void write_table(const struct compare *c, const struct compare_report *how, FILE *out)
{
    size_t shown = 0;

    for (size_t i = 0; i < c->rows_count; i++) {
        if (!how->all && !cell_changed(c, c->rows[i].a))
            continue;
        if (shown++ == 0) {
            write_title(
                how, how->all ? "All cells" : "Cells in which something changed (--all: every one)",
                out);
            if (how->markdown)
                fprintf(out,
                        "| cell | metric | A | %c | ratio | 95%% interval | |\n"
                        "|---|---|---:|---:|---:|---|---|\n",
                        c->label);
            else
                fprintf(out, "  %-*s %9s %9c  %6s  %s\n", metric_width(c), "", "A", c->label,
                        "ratio", "95% interval");
        }
        write_row(c, how, i, out);
    }
}

static void write_left_out(const struct compare *c, const struct compare_report *how, FILE *out)
{
    char text[SENTENCE], lack[64];

    if (c->left_out_count == 0)
        return;
    write_title(how, "Not compared", out);
    for (size_t i = 0; i < c->left_out_count; i++) {
        snprintf(text, sizeof text, "%s: %s", c->left_out[i].cell,
                 compare_text_lack(c, c->left_out[i].lack, lack, sizeof lack));
        write_sentence(how, "  ", text, out);
    }
}

void compare_report_write(const struct compare *c, const struct compare_report *how, FILE *out)
{
    const struct compare_row **rows = calloc(c->rows_count + 1, sizeof *rows);

    write_head(c, how, out);
    if (rows != NULL)
        write_changes(c, how, rows, compare_report_changes(c, rows), out);
    free(rows);
    write_table(c, how, out);
    write_left_out(c, how, out);
}
