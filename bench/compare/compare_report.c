#include "compare/compare.h"

#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE 640

/* From here on a factor is easier to read than percent. */
#define TIMES_FROM 2.0

static double percent(double ratio)
{
    return 100 * (ratio - 1);
}

/* "12" or "3.4": two digits, and no more than one behind the point. */
static char *digits(double value, char *buf, size_t size)
{
    double size_of = fabs(value);

    snprintf(buf, size, "%.*f", size_of < 9.95 && size_of != round(size_of) ? 1 : 0,
             size_of < 0.05 ? 0.0 : value);
    return buf;
}

static bool in_times(const struct compare_ratio *r)
{
    return r->ratio >= TIMES_FROM || r->ratio <= 1 / TIMES_FROM;
}

static bool changed(const struct compare_ratio *r)
{
    return r->verdict == COMPARE_MORE || r->verdict == COMPARE_LESS;
}

/* "9..15%" or "2.1..2.9 times", as the words have it; "" without an interval. Returns buf. */
static char *interval_of(const struct compare_row *row, char *buf, size_t size)
{
    const struct compare_ratio *r = &row->ratio;
    double low = percent(r->low), high = percent(r->high);
    char from[32], to[32];

    *buf = '\0';
    if (isnan(r->low) || metric_is_count(row->metric))
        return buf;
    if (in_times(r))
        snprintf(buf, size, "%.3g..%.3g times", r->low, r->high);
    else if (r->verdict == COMPARE_LESS)
        snprintf(buf, size, "%s..%s%%", digits(-high, from, sizeof from),
                 digits(-low, to, sizeof to));
    else
        snprintf(buf, size, "%s%s..%s%s%%", low > 0.05 && !changed(r) ? "+" : "",
                 digits(low, from, sizeof from), high > 0.05 && !changed(r) ? "+" : "",
                 digits(high, to, sizeof to));
    return buf;
}

static void change_words(const struct compare_row *row, char *buf, size_t size)
{
    const struct compare_ratio *r = &row->ratio;
    char text[32];

    if (!isfinite(r->ratio) || r->ratio == 0)
        snprintf(buf, size, "%s", r->verdict == COMPARE_MORE ? "where A has none" : "none");
    else if (in_times(r))
        snprintf(buf, size, "%.3g times A's", r->ratio);
    else
        snprintf(buf, size, "%s%% %s", digits(fabs(percent(r->ratio)), text, sizeof text),
                 r->verdict == COMPARE_MORE ? row->metric->more : row->metric->less);
}

char *compare_report_words(const struct compare *c, const struct compare_row *row, char *buf,
                           size_t size)
{
    const struct compare_ratio *r = &row->ratio;
    bool counted = metric_is_count(row->metric);
    char effect[32];

    *buf = '\0';
    if (row->elsewhere)
        snprintf(buf, size, "another machine");
    else if (changed(r))
        change_words(row, buf, size);
    else if (r->verdict == COMPARE_SAME && r->low == 1 && r->high == 1)
        snprintf(buf, size, "equal");
    else if (r->verdict == COMPARE_SAME)
        snprintf(buf, size, "no difference larger than %s%%",
                 digits(100 * (counted ? COMPARE_INSTRUCTIONS_EFFECT : c->effect), effect,
                        sizeof effect));
    else if (r->why != NULL)
        snprintf(buf, size, "cannot tell: %s", r->why);
    else
        snprintf(buf, size, "cannot tell");
    return buf;
}

char *compare_report_cell(const struct compare_row *row, char *buf, size_t size)
{
    if (row->a_base == NULL)
        snprintf(buf, size, "%s", row->name);
    else
        snprintf(buf, size, "%s against %s, %s", result_string(row->a, "model"),
                 result_string(row->a_base, "model"), result_string(row->a, "group"));
    return buf;
}

/* The row's values, "10.3 ms" or "x 0.0103". Returns buf. */
static char *value_of(const struct compare_row *row, double value, char *buf, size_t size)
{
    if (row->a_base == NULL)
        return metric_text(row->metric, value, buf, size);
    snprintf(buf, size, "x %.3g", value);
    return buf;
}

char *compare_report_sentence(const struct compare *c, const struct compare_row *row, char *buf,
                              size_t size)
{
    char cell[256], words[160], interval[80], a[64], b[64];

    interval_of(row, interval, sizeof interval);
    snprintf(buf, size, "%s: %s %s", compare_report_cell(row, cell, sizeof cell),
             row->metric->title, compare_report_words(c, row, words, sizeof words));
    if (*interval != '\0')
        text_add(buf, size, " (95%% interval %s)", interval);
    else if (metric_is_count(row->metric))
        text_add(buf, size, " (%s, was %s)", value_of(row, row->b_value, b, sizeof b),
                 value_of(row, row->a_value, a, sizeof a));
    return buf;
}

char *compare_report_summary(const struct compare *c, char *buf, size_t size)
{
    size_t n[COMPARE_OUTCOMES] = {0}, judged;
    char effect[32];

    for (size_t i = 0; i < c->rows_count; i++)
        n[compare_outcome(&c->rows[i])]++;
    judged = c->rows_count - n[COMPARE_ELSEWHERE];
    snprintf(
        buf, size,
        "%zu figure%s of %zu cell%s: %zu worse, %zu better, %zu with no difference larger than "
        "%s%%, %zu cannot tell",
        judged, TEXT_S(judged), c->cells, TEXT_S(c->cells), n[COMPARE_WORSE], n[COMPARE_BETTER],
        n[COMPARE_UNCHANGED], digits(100 * c->effect, effect, sizeof effect),
        n[COMPARE_CANNOT_TELL]);
    if (n[COMPARE_ELSEWHERE] > 0)
        text_add(buf, size, "; times and ratios of two machines are shown, and not judged (%zu)",
                 n[COMPARE_ELSEWHERE]);
    return buf;
}

static size_t with_interval(const struct compare *c)
{
    size_t count = 0;

    for (size_t i = 0; i < c->rows_count; i++)
        count += !c->rows[i].elsewhere && c->rows[i].ratio.confidence >= COMPARE_CONFIDENCE &&
                 c->rows[i].ratio.low < c->rows[i].ratio.high;
    return count;
}

/* A plugin that is not the same program in both. 0 or -1. */
static int add_builds(json_t *notes, const struct compare *c)
{
    const json_t *a = result_get(c->a, "context.plugins"), *plugin;
    const json_t *b = result_get(c->b, "context.plugins");
    const char *name;
    int rc = 0;

    json_object_foreach((json_t *)a, name, plugin)
    {
        const char *ours = result_string(plugin, "build");
        const char *theirs = result_string(json_object_get(b, name), "build");

        if (*ours != '\0' && *theirs != '\0' && strcmp(ours, theirs) != 0)
            rc |= result_add_sentence(
                notes,
                "%s is not the same program in both: its plugin %s has %s in A, and %s in %c.",
                name, result_string(plugin, "file"), ours, theirs, c->label);
    }
    return rc;
}

json_t *compare_report_notes(const struct compare *c)
{
    json_t *notes = json_array();
    size_t intervals = with_interval(c);
    char what[400];
    int rc = result_add_sentence(
        notes, "The sessions were measured apart: intervals hold what varied within each, not what "
               "changed between them. Only measuring both in turns tells code from drift.");

    if (json_equal(c->a, c->b))
        rc |= result_add_sentence(notes, "A and %c are the same session: they cannot differ.",
                                  c->label);
    else if (compare_machine_same(c->a, c->b, what, sizeof what))
        rc |= result_add_sentence(notes, "The fingerprints of the machines agree.");
    else
        rc |= result_add_sentence(
            notes,
            "Measured on different machines (%s): times say nothing of the code, and how models "
            "stand to each other differs between machines by factors. Both are shown, and not "
            "judged.",
            what);
    if (!compare_machine_same_software(c->a, c->b, what, sizeof what))
        rc |= result_add_sentence(notes, "Other software: %s.", what);
    rc |= add_builds(notes, c);
    if (intervals > 0)
        rc |= result_add_sentence(
            notes, "Of %zu intervals of 95%%, about %.0f miss the truth by chance alone.",
            intervals, ceil(0.05 * (double)intervals));
    return result_built(notes, rc);
}

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

static void write_document(const struct compare_report *how, char label, const char *path,
                           const json_t *result, FILE *out)
{
    char text[SENTENCE], lead[] = {label, ' ', ' ', '\0'};
    double cores = result_number(result, "context.cores");

    snprintf(text, sizeof text, "%s: %s, commit %s, %s, %.0f core%s%s", path,
             result_string(result, "context.date"), result_string(result, "context.commit"),
             result_string(result, "context.cpu"), cores, TEXT_S(cores),
             json_is_true(json_object_get(result, "partial")) ? "; cut short" : "");
    form_item(how->form, lead, text, out);
}

static int write_head(const struct compare *c, const struct compare_report *how, FILE *out)
{
    json_t *notes = compare_report_notes(c), *note;
    char text[SENTENCE], title[64];
    size_t i;

    if (how->form == FORM_MARKDOWN)
        fprintf(out, "## %c against A\n\n", c->label);
    write_document(how, 'A', how->a_path, c->a, out);
    write_document(how, c->label, how->b_path, c->b, out);
    snprintf(title, sizeof title, how->form != FORM_TEXT ? "Summary" : "%c against A", c->label);
    form_title(how->form, title, out);
    form_item(how->form, "  ", compare_report_summary(c, text, sizeof text), out);
    json_array_foreach(notes, i, note) form_item(how->form, "  ", json_string_value(note), out);
    json_decref(notes);
    return notes != NULL ? 0 : -ENOMEM;
}

static void write_changes(const struct compare *c, const struct compare_report *how,
                          const struct compare_row **rows, size_t count, FILE *out)
{
    char text[SENTENCE];

    form_title(how->form, "What changed", out);
    if (count == 0)
        form_item(how->form, "  ", "Nothing that these runs can show.", out);
    for (size_t i = 0; i < count; i++)
        form_item(how->form, compare_worse(rows[i]) ? "  worse   " : "  better  ",
                  compare_report_sentence(c, rows[i], text, sizeof text), out);
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
    table_cell(t, "%s", value_of(row, row->a_value, text, sizeof text));
    table_cell(t, "%s", value_of(row, row->b_value, text, sizeof text));
    table_cell(t, isfinite(r->ratio) ? "%.3f" : "-", r->ratio);
    if (metric_is_count(row->metric))
        table_cell(t, "counted");
    else
        table_cell(t, isfinite(r->low) ? "%.3f..%.3f" : "-", r->low, r->high);
    table_cell(t, "%s", compare_report_words(c, row, text, sizeof text));
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

    if (!table_is_empty(t)) {
        form_title(how->form,
                   all ? "All cells" : "Cells in which something changed (--all: every one)", out);
        return table_show(t, how->form, 2, out);
    }
    table_destroy(t);
    return 0;
}

static void write_left_out(const struct compare *c, const struct compare_report *how, FILE *out)
{
    char text[SENTENCE];

    if (c->left_out_count == 0)
        return;
    form_title(how->form, "Not compared", out);
    for (size_t i = 0; i < c->left_out_count; i++) {
        snprintf(text, sizeof text, "%s: %s", c->left_out[i].cell, c->left_out[i].why);
        form_item(how->form, "  ", text, out);
    }
}

int compare_report_write(const struct compare *c, const struct compare_report *how, FILE *out)
{
    const struct compare_row **rows = calloc(c->rows_count + 1, sizeof *rows);
    int r = rows != NULL ? write_head(c, how, out) : -ENOMEM;

    if (r == 0) {
        write_changes(c, how, rows, compare_report_changes(c, rows), out);
        r = write_table(c, how, out);
    }
    if (r == 0)
        write_left_out(c, how, out);
    free(rows);
    return r;
}
