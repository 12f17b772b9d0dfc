#include "chart/chart_data.h"

#include "base/array.h"
#include "base/atomic_file.h"
#include "base/text.h"
#include "base/wrap.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What fits into one line of the page at the font sizes of plots/style.gp. */
#define TITLE_COLUMNS    92
#define SUBTITLE_COLUMNS 156
#define FOOTER_COLUMNS   160
#define PANEL_COLUMNS    58 /* of a panel that is half as wide as the page */
#define HEAD_BYTES       24 /* of a title that begins as another one does */

struct chart_data {
    char *path; /* DIR/<chart>, with which the names of all files begin */
    const char *form;
    struct atomic_file *variables;
    struct atomic_file *table; /* NULL before the first one */
    const char *columns;       /* the current table's first line */
    bool header_due;
    char **titles; /* of the panels so far, whole */
    size_t titles_count, titles_capacity;
    struct err first; /* of the failures; text is "" while there is none */
    int first_code;
};

static void keep_first(struct chart_data *d, int code, const struct err *err)
{
    if (code < 0 && d->first_code == 0) {
        d->first_code = code;
        d->first = *err;
    }
}

static struct atomic_file *create_file(struct chart_data *d, const char *separator,
                                       const char *table, const char *suffix, struct err *err)
{
    struct atomic_file *file;
    char *path;

    if (asprintf(&path, "%s%s%s%s", d->path, separator, table, suffix) < 0) {
        err_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    file = atomic_file_create(path, err);
    free(path);
    return file;
}

struct chart_data *chart_data_create(const char *dir, const char *chart, struct err *err)
{
    struct chart_data *d = calloc(1, sizeof *d);

    if (!d || asprintf(&d->path, "%s/%s", dir, chart) < 0) {
        free(d);
        err_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    d->variables = create_file(d, "", "", ".gp", err);
    if (d->variables)
        return d;
    chart_data_destroy(d);
    return NULL;
}

const char *chart_data_name(const struct chart_data *d)
{
    return strrchr(d->path, '/') + 1;
}

const char *chart_data_form(const struct chart_data *d)
{
    return d->form;
}

/* Does the byte belong to a whole character of UTF-8? Texts may have been cut within one. */
static bool is_of_character(const char *text, size_t i)
{
    size_t first = i, size;

    while (first > 0 && (text[first] & 0xc0) == 0x80)
        first--;
    size = (unsigned char)text[first] < 0xc0   ? 1
           : (unsigned char)text[first] < 0xe0 ? 2
           : (unsigned char)text[first] < 0xf0 ? 3
                                               : 4;
    for (size_t k = 1; k < size; k++)
        if ((text[first + k] & 0xc0) != 0x80)
            return false;
    return i - first < size;
}

/* Byte i of a text as a picture may have it: SVG is XML, in which other bytes and "]]>" are errors.
 */
static char drawable(const char *text, size_t i)
{
    if (iscntrl((unsigned char)text[i]) || (i > 1 && strncmp(text + i - 2, "]]>", 3) == 0))
        return ' ';
    return is_of_character(text, i) ? text[i] : '?';
}

static FILE *begin_variable(struct chart_data *d, const char *name, size_t index)
{
    FILE *out = atomic_file_stream(d->variables);

    fputs(name, out);
    if (index != CHART_NO_INDEX)
        fprintf(out, "_%zu", index);
    fputs(" = ", out);
    return out;
}

/* Single quotes: the only strings in which gnuplot never runs a `command`. Backslashes: enhanced
 * text has commands of its own. */
static void set_text(struct chart_data *d, const char *name, size_t index, const char *text)
{
    FILE *out = begin_variable(d, name, index);

    fputc('\'', out);
    for (size_t i = 0; text[i]; i++) {
        if (text[i] == '\n')
            fputs("'.\"\\n\".'", out);
        else if (text[i] == '\'')
            fputs("'.\"'\".'", out); /* two at its beginning would end the string */
        else
            fprintf(out, "%s%c", strchr("\\^_{}@&~", text[i]) ? "\\" : "", drawable(text, i));
    }
    fputs("'\n", out);
}

void chart_data_set_form(struct chart_data *d, const char *form)
{
    d->form = form;
    set_text(d, "form", CHART_NO_INDEX, form);
}

static void put_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.9g", value);
    else
        fputs("NaN", out);
}

void chart_data_number_at(struct chart_data *d, const char *name, size_t index, double value)
{
    FILE *out = begin_variable(d, name, index);

    put_number(out, value);
    fputc('\n', out);
}

void chart_data_text_at(struct chart_data *d, const char *name, size_t index, const char *format,
                        ...)
{
    char text[CHART_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    set_text(d, name, index, text);
}

/* How long the longest beginning, of whole words, is that the title has in common with another. */
static size_t length_in_common(const struct chart_data *d, const char *title)
{
    size_t longest = 0;

    for (size_t i = 0; i < d->titles_count; i++) {
        size_t same = 0;

        while (title[same] != '\0' && title[same] == d->titles[i][same])
            same++;
        if (title[same] != d->titles[i][same] && same > longest)
            longest = same;
    }
    while (longest > 0 && title[longest - 1] != ' ')
        longest--;
    return longest;
}

static void keep_title(struct chart_data *d, const char *title)
{
    char *copy = strdup(title);
    int r = copy != NULL
                ? array_grow(&d->titles, d->titles_count, &d->titles_capacity, sizeof *d->titles)
                : -ENOMEM;

    if (r == 0)
        d->titles[d->titles_count++] = copy;
    else
        free(copy);
}

void chart_data_panel_title(struct chart_data *d, size_t index, const char *title)
{
    size_t same = wrap_length(title, SIZE_MAX) > PANEL_COLUMNS ? length_in_common(d, title) : 0;
    size_t head = same > HEAD_BYTES ? text_fit(title, HEAD_BYTES) : 0;
    char text[CHART_TEXT_MAX];

    snprintf(text, sizeof text, "%.*s%s%s", (int)head, title, head > 0 ? "… " : "",
             title + (head > 0 ? same : 0));
    wrap_text(text, sizeof text, PANEL_COLUMNS, 1);
    set_text(d, "panel_title", index, text);
    keep_title(d, title);
}

static void set_wrapped(struct chart_data *d, const char *variable, const char *text,
                        size_t columns, size_t lines)
{
    char copy[CHART_TEXT_MAX], count[32];

    snprintf(copy, sizeof copy, "%s", text);
    snprintf(count, sizeof count, "%s_lines", variable);
    chart_data_number(d, count, (double)wrap_text(copy, sizeof copy, columns, lines));
    set_text(d, variable, CHART_NO_INDEX, copy);
}

void chart_data_headings(struct chart_data *d, const char *title, const char *subtitle,
                         const char *footer)
{
    set_wrapped(d, "title", title, wrap_text_width(title, TITLE_COLUMNS, 2), 2);
    set_wrapped(d, "subtitle", subtitle, SUBTITLE_COLUMNS, 3);
    set_wrapped(d, "footer", footer, FOOTER_COLUMNS, 1);
}

static void end_table(struct chart_data *d)
{
    struct err err = {""};

    if (d->table)
        keep_first(d, atomic_file_commit(d->table, &err), &err);
    d->table = NULL;
}

void chart_data_table(struct chart_data *d, const char *name, const char *columns)
{
    struct err err = {""};

    end_table(d);
    d->table = create_file(d, "-", name, ".dat", &err);
    if (!d->table)
        keep_first(d, -EIO, &err);
    d->columns = columns;
    d->header_due = true;
}

/* A quote would begin a quoted column, and a column may not be empty. */
static void put_column_text(FILE *out, const char *text)
{
    if (!*text)
        fputc(' ', out);
    for (size_t i = 0; text[i]; i++)
        fputc(text[i] == '"' ? '\'' : drawable(text, i), out);
}

void chart_data_row(struct chart_data *d, const struct chart_column *columns, size_t count)
{
    FILE *out = d->table ? atomic_file_stream(d->table) : NULL;

    if (!out)
        return;
    for (const char *c = d->columns; d->header_due && *c; c++)
        fputc(*c == ' ' ? '\t' : *c, out);
    if (d->header_due)
        fputc('\n', out);
    d->header_due = false;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            fputc('\t', out);
        if (columns[i].text)
            put_column_text(out, columns[i].text);
        else
            put_number(out, columns[i].number);
    }
    fputc('\n', out);
}

void chart_data_gap(struct chart_data *d)
{
    if (d->table)
        fputc('\n', atomic_file_stream(d->table));
}

void chart_data_end_block(struct chart_data *d)
{
    if (d->table)
        fputs("\n\n", atomic_file_stream(d->table));
    d->header_due = true;
}

int chart_data_finish(struct chart_data *d, struct err *err)
{
    struct err last = {""};

    end_table(d);
    keep_first(d, atomic_file_commit(d->variables, &last), &last);
    d->variables = NULL;
    if (d->first_code < 0)
        return err_set(err, d->first_code, "%s", d->first.text);
    return 0;
}

void chart_data_destroy(struct chart_data *d)
{
    if (!d)
        return;
    atomic_file_abort(d->table);
    atomic_file_abort(d->variables);
    for (size_t i = 0; i < d->titles_count; i++)
        free(d->titles[i]);
    free(d->titles);
    free(d->path);
    free(d);
}
