#include "base/table.h"

#include "base/array.h"
#include "base/html.h"
#include "base/markdown.h"
#include "base/wrap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX   64
#define WORDS_EASY    30 /* a column of words wants so much beside wide gaps, */
#define WORDS_LEAST   16 /* and needs so much beside others */
#define BELOW         4  /* what stands below its row is indented by so much */
#define NOTHING       "-"
#define COLUMNS_WHOLE (1 << 20) /* wider than any table */

struct column {
    char *title;
    unsigned look;
};

struct cell {
    char *text;
    size_t strong; /* so many bytes of it */
};

struct group {
    char *text;
    size_t row; /* its first */
};

struct table {
    struct column columns[COLUMNS_MAX];
    size_t columns_count;
    struct cell *cells;
    size_t cells_count, cells_capacity;
    struct group *groups;
    size_t groups_count, groups_capacity;
    char *group_title;
    int error;
};

struct table *table_create(void)
{
    return calloc(1, sizeof(struct table));
}

void table_destroy(struct table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->columns_count; i++)
        free(t->columns[i].title);
    for (size_t i = 0; i < t->cells_count; i++)
        free(t->cells[i].text);
    for (size_t i = 0; i < t->groups_count; i++)
        free(t->groups[i].text);
    free(t->cells);
    free(t->groups);
    free(t->group_title);
    free(t);
}

void table_column(struct table *t, const char *title, unsigned look)
{
    struct column *c = t != NULL ? &t->columns[t->columns_count] : NULL;

    if (c == NULL || t->error != 0)
        return;
    if (t->columns_count == COLUMNS_MAX)
        t->error = -E2BIG;
    else if ((c->title = strdup(title)) == NULL)
        t->error = -ENOMEM;
    else
        c->look = look, t->columns_count++;
}

struct table *table_list(void)
{
    struct table *t = table_create();

    table_column(t, "", TABLE_HEAD);
    table_column(t, "", TABLE_WORDS);
    return t;
}

void table_cell(struct table *t, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    if (t == NULL)
        return;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    if (text != NULL &&
        array_grow(&t->cells, t->cells_count, &t->cells_capacity, sizeof *t->cells) == 0) {
        t->cells[t->cells_count++] = (struct cell){text, 0};
    } else {
        t->error = -ENOMEM;
        free(text);
    }
}

void table_entry(struct table *t, const char *name, const char *meaning)
{
    table_cell(t, "%s", name);
    table_cell(t, "%s", meaning);
}

void table_strong(struct table *t, const char *strong, const char *rest)
{
    table_cell(t, "%s%s", strong, rest);
    if (t != NULL && t->error == 0)
        t->cells[t->cells_count - 1].strong = strlen(strong);
}

static size_t rows_of(const struct table *t)
{
    return t->columns_count > 0 ? t->cells_count / t->columns_count : 0;
}

void table_group(struct table *t, const char *title, const char *text)
{
    char *copy;

    if (t == NULL || t->error != 0)
        return;
    copy = strdup(text);
    if (t->group_title == NULL)
        t->group_title = strdup(title);
    if (copy == NULL || t->group_title == NULL ||
        array_grow(&t->groups, t->groups_count, &t->groups_capacity, sizeof *t->groups) < 0) {
        free(copy);
        t->error = -ENOMEM;
        return;
    }
    t->groups[t->groups_count++] = (struct group){copy, rows_of(t)};
}

bool table_is_empty(const struct table *t)
{
    return t != NULL && t->error == 0 && rows_of(t) == 0;
}

static const char *text_at(const struct table *t, size_t row, size_t column)
{
    return t->cells[row * t->columns_count + column].text;
}

/* ---- Where everything goes ---- */

/* What is tried, in turn. */
struct attempt {
    size_t gap;
    bool drops_empty, breaks_titles;
    size_t words; /* what a column of words must have */
};

struct layout {
    size_t columns, indent, gap;
    size_t widths[COLUMNS_MAX]; /* 0: the column is left out */
    size_t words;               /* the column that may be broken; COLUMNS_MAX: none */
    bool below;                 /* its words stand below the row */
    bool colours;               /* strong rows stand out */
};

static size_t longest_word(const char *text)
{
    size_t longest = 0;

    while (*text != '\0') {
        size_t bytes = strcspn(text, " "), length = wrap_length(text, bytes);

        longest = length > longest ? length : longest;
        text += bytes + (text[bytes] != '\0');
    }
    return longest;
}

/* Does it say nothing in every row? */
static bool is_empty(const struct table *t, size_t column)
{
    for (size_t row = 0; row < rows_of(t); row++) {
        const char *text = text_at(t, row, column);

        if (strcmp(text, NOTHING) != 0 && *text != '\0')
            return false;
    }
    return true;
}

/* What a column takes if nothing gives way but what the attempt allows. */
static size_t natural_width(const struct table *t, size_t column, const struct attempt *a)
{
    const char *title = t->columns[column].title;
    size_t widest = a->breaks_titles ? longest_word(title) : wrap_length(title, SIZE_MAX);

    for (size_t row = 0; row < rows_of(t); row++) {
        size_t length = wrap_length(text_at(t, row, column), SIZE_MAX);

        widest = length > widest ? length : widest;
    }
    return a->drops_empty && is_empty(t, column) ? 0 : widest;
}

/* Of the columns that are shown, but for `but`. */
static size_t width_without(const struct table *t, const struct layout *l, size_t but)
{
    size_t sum = l->indent;

    for (size_t i = 0; i < t->columns_count; i++)
        if (i != but && l->widths[i] > 0)
            sum += l->widths[i] + (sum > l->indent ? l->gap : 0);
    return sum;
}

static size_t lines_of(const char *text, size_t columns)
{
    size_t lines = 0;

    while (*text != '\0') {
        text += wrap_line(text, columns);
        text += strspn(text, " ");
        lines++;
    }
    return lines;
}

/* Do the words take more lines in so narrow a column than they would below their rows? */
static bool too_narrow(const struct table *t, const struct layout *l, size_t room)
{
    size_t beside = 0, below = 0;

    for (size_t row = 0; row < rows_of(t); row++) {
        const char *text = text_at(t, row, l->words);

        if (*text != '\0') {
            beside += lines_of(text, room);
            below += 1 + lines_of(text, l->columns - l->indent - BELOW);
        }
    }
    return beside > below;
}

static bool fits(const struct table *t, struct layout *l, const struct attempt *a)
{
    size_t others, room;

    l->gap = a->gap;
    for (size_t i = 0; i < t->columns_count; i++)
        l->widths[i] = natural_width(t, i, a);
    if (width_without(t, l, COLUMNS_MAX) <= l->columns)
        return true;
    if (l->words == COLUMNS_MAX)
        return false;
    others = width_without(t, l, l->words) + l->gap;
    room = l->columns > others ? l->columns - others : 0;
    l->below = a->words == 0 && others <= l->columns;
    if (room < a->words || (a->words == 0 && !l->below))
        return false;
    if (a->words == WORDS_LEAST && too_narrow(t, l, room))
        return false;
    l->widths[l->words] = room;
    return true;
}

static const struct attempt attempts[] = {
    {2, false, false, WORDS_EASY},
    {1, false, false, WORDS_EASY},
    {1, true, false, WORDS_LEAST},
    {1, true, true, WORDS_LEAST},
    {1, true, true, 0},
};

#define ATTEMPTS (sizeof attempts / sizeof *attempts)

/* False when it has to be folded. */
static bool lay_out(const struct table *t, struct layout *l)
{
    l->words = COLUMNS_MAX;
    for (size_t i = 0; i < t->columns_count; i++)
        if (t->columns[i].look & TABLE_WORDS)
            l->words = i;
    for (size_t i = 0; i < ATTEMPTS; i++)
        if (fits(t, l, &attempts[i]))
            return true;
    return false;
}

/* ---- Parts of a table that is folded ---- */

/* The columns of a part that begins with column `from`, which is no head: those that fit into
 * `columns`, at least one. Returns where the next part begins. */
static size_t choose(const struct table *t, const struct layout *l, size_t from, size_t columns,
                     bool *shown)
{
    size_t sum = l->indent, i;
    bool any = false;

    for (i = 0; i < t->columns_count; i++) {
        shown[i] = l->widths[i] > 0 && t->columns[i].look & TABLE_HEAD;
        sum += shown[i] ? l->widths[i] + l->gap : 0;
    }
    for (i = from; i < t->columns_count; i++) {
        if (l->widths[i] == 0 || shown[i])
            continue;
        if (any && sum + l->widths[i] > columns)
            break;
        sum += l->widths[i] + l->gap;
        shown[i] = any = true;
    }
    return i;
}

/* SIZE_MAX when a part is wider than that. */
static size_t parts_within(const struct table *t, const struct layout *l, size_t columns)
{
    bool shown[COLUMNS_MAX];
    size_t parts = 0;

    for (size_t from = 0; from < t->columns_count; parts++) {
        size_t sum = l->indent;

        from = choose(t, l, from, columns, shown);
        for (size_t i = 0; i < t->columns_count; i++)
            sum += shown[i] ? l->widths[i] + (sum > l->indent ? l->gap : 0) : 0;
        if (sum > columns)
            return SIZE_MAX;
    }
    return parts;
}

/* No head takes more than half of a line, no other column more than the heads leave. */
static void clamp(const struct table *t, struct layout *l)
{
    size_t room = l->columns - l->indent, heads = 0;

    for (size_t i = 0; i < t->columns_count; i++)
        if (t->columns[i].look & TABLE_HEAD && l->widths[i] > 0) {
            l->widths[i] = l->widths[i] < room / 2 ? l->widths[i] : room / 2;
            heads += l->widths[i] + l->gap;
        }
    room = room > heads ? room - heads : 1;
    for (size_t i = 0; i < t->columns_count; i++) {
        size_t most = t->columns[i].look & TABLE_WORDS && room > WORDS_EASY ? WORDS_EASY : room;

        if (!(t->columns[i].look & TABLE_HEAD) && l->widths[i] > most)
            l->widths[i] = most;
    }
}

/* Lay it out for as few parts as it takes, with as much air as these leave. Returns how many. */
static size_t fold(const struct table *t, struct layout *l)
{
    size_t least = SIZE_MAX, parts;

    for (size_t i = ATTEMPTS; i-- > 0;) {
        struct layout tried = {.columns = l->columns, .indent = l->indent, .gap = attempts[i].gap};

        for (size_t k = 0; k < t->columns_count; k++)
            tried.widths[k] = natural_width(t, k, &attempts[i]);
        if (i == ATTEMPTS - 1 || tried.gap > 1)
            clamp(t, &tried);
        parts = parts_within(t, &tried, l->columns);
        if (i < ATTEMPTS - 1 && parts > least)
            continue;
        least = parts;
        *l = tried;
    }
    return least;
}

/* ---- Text ---- */

/* A line under construction: blanks are written when something follows them. */
struct line {
    FILE *out;
    size_t blanks;
};

static void put(struct line *line, const char *text, size_t bytes, size_t width, bool right)
{
    size_t length = wrap_length(text, bytes), rest = width > length ? width - length : 0;
    size_t end = 0; /* blanks that the text ends in, to align others */

    while (end < bytes && text[bytes - end - 1] == ' ')
        end++;
    bytes -= end;
    line->blanks += right ? rest : 0;
    if (bytes > 0) {
        fprintf(line->out, "%*s", (int)line->blanks, "");
        wrap_put(line->out, text, bytes);
        line->blanks = 0;
    }
    line->blanks += end + (right ? 0 : rest);
}

/* Write columns[from..to) and the heads: one text each, in as many lines as the longest takes;
 * those that take fewer begin `low`, at the last line, or at the first. */
static void put_texts(const struct table *t, const struct layout *l, const bool *shown,
                      const char **texts, bool low, FILE *out)
{
    size_t lines[COLUMNS_MAX] = {0}, most = 0;

    for (size_t i = 0; i < t->columns_count; i++) {
        lines[i] = shown[i] ? lines_of(texts[i], l->widths[i]) : 0;
        most = lines[i] > most ? lines[i] : most;
    }
    for (size_t k = 0; k < most; k++) {
        struct line line = {out, l->indent};
        bool first = true;

        for (size_t i = 0; i < t->columns_count; i++) {
            bool empty = low && k + lines[i] < most;
            size_t bytes;

            if (!shown[i])
                continue;
            line.blanks += first ? 0 : l->gap;
            first = false;
            bytes = empty ? 0 : wrap_line(texts[i], l->widths[i]);
            put(&line, texts[i], bytes, l->widths[i], t->columns[i].look & TABLE_RIGHT);
            texts[i] += bytes;
            texts[i] += empty ? 0 : strspn(texts[i], " ");
        }
        fputc('\n', out);
    }
}

static void put_titles(const struct table *t, const struct layout *l, const bool *shown, FILE *out)
{
    const char *titles[COLUMNS_MAX];

    for (size_t i = 0; i < t->columns_count; i++)
        titles[i] = t->columns[i].title;
    put_texts(t, l, shown, titles, true, out);
}

/* The rows of some columns; a column of words may stand below. */
static void put_rows(const struct table *t, const struct layout *l, const bool *shown, FILE *out)
{
    const char *texts[COLUMNS_MAX];
    size_t group = 0;
    char lead[64];
    bool strong;

    snprintf(lead, sizeof lead, "%*s", (int)(l->indent + BELOW), "");
    for (size_t row = 0; row < rows_of(t); row++) {
        for (; group < t->groups_count && t->groups[group].row == row; group++)
            wrap_write(out, l->columns, "", t->groups[group].text);
        for (size_t i = 0; i < t->columns_count; i++)
            texts[i] = text_at(t, row, i);
        strong = l->colours && t->cells[row * t->columns_count].strong > 0;
        fputs(strong ? "\033[1;32m" : "", out);
        put_texts(t, l, shown, texts, false, out);
        fputs(strong ? "\033[0m" : "", out);
        if (l->below && *text_at(t, row, l->words) != '\0')
            wrap_write(out, l->columns, lead, text_at(t, row, l->words));
    }
}

/* In parts of about the same width. */
static void put_folded(const struct table *t, struct layout *l, FILE *out)
{
    size_t parts = fold(t, l), columns = l->columns;
    bool shown[COLUMNS_MAX];

    while (columns > 0 && parts < SIZE_MAX && parts_within(t, l, columns - 1) == parts)
        columns--;
    for (size_t from = 0; from < t->columns_count;) {
        if (from > 0)
            fputc('\n', out);
        from = choose(t, l, from, columns, shown);
        put_titles(t, l, shown, out);
        put_rows(t, l, shown, out);
    }
}

int table_write(const struct table *t, size_t columns, size_t indent, FILE *out)
{
    struct layout l = {.columns = columns, .indent = indent, .colours = wrap_colours(out)};
    bool shown[COLUMNS_MAX];

    if (t == NULL || t->error != 0)
        return t == NULL ? -ENOMEM : t->error;
    if (!lay_out(t, &l)) {
        put_folded(t, &l, out);
        return 0;
    }
    for (size_t i = 0; i < t->columns_count; i++)
        shown[i] = l.widths[i] > 0 && !(l.below && i == l.words);
    put_titles(t, &l, shown, out);
    put_rows(t, &l, shown, out);
    return 0;
}

/* ---- Markdown ---- */

static void put_markdown(const struct table *t, size_t row, size_t column, FILE *out)
{
    const struct cell *cell = &t->cells[row * t->columns_count + column];
    char strong[512];

    fputs(" ", out);
    if (cell->strong > 0) {
        snprintf(strong, sizeof strong, "%.*s", (int)cell->strong, cell->text);
        fputs("**", out);
        markdown_text(strong, out);
        fputs("**", out);
    }
    if (t->columns[column].look & TABLE_CODE && *cell->text != '\0' && cell->strong == 0)
        markdown_code(cell->text + cell->strong, out);
    else
        markdown_text(cell->text + cell->strong, out);
    fputs(cell->text[cell->strong] != '\0' || cell->strong > 0 ? " |" : "|", out);
}

int table_markdown(const struct table *t, FILE *out)
{
    size_t group = 0;

    if (t == NULL || t->error != 0)
        return t == NULL ? -ENOMEM : t->error;
    fprintf(out, t->group_title != NULL ? "| %s |" : "|", t->group_title);
    for (size_t i = 0; i < t->columns_count; i++)
        fprintf(out, t->columns[i].title[0] != '\0' ? " %s |" : "%s |", t->columns[i].title);
    fprintf(out, "\n%s|", t->group_title != NULL ? "|:---" : "");
    for (size_t i = 0; i < t->columns_count; i++)
        fputs(t->columns[i].look & TABLE_RIGHT ? "---:|" : ":---|", out);
    fputc('\n', out);
    for (size_t row = 0; row < rows_of(t); row++) {
        while (group + 1 < t->groups_count && t->groups[group + 1].row <= row)
            group++;
        fputs("|", out);
        if (t->group_title != NULL) {
            fputc(' ', out);
            markdown_code(t->groups[group].text, out);
            fputs(" |", out);
        }
        for (size_t i = 0; i < t->columns_count; i++)
            put_markdown(t, row, i, out);
        fputc('\n', out);
    }
    return 0;
}

/* ---- HTML ---- */

static bool has_titles(const struct table *t)
{
    for (size_t i = 0; i < t->columns_count; i++)
        if (t->columns[i].title[0] != '\0')
            return true;
    return false;
}

static const char *html_class(unsigned look)
{
    return look & TABLE_RIGHT ? " class=\"number\"" : look & TABLE_WORDS ? " class=\"words\"" : "";
}

static void put_html_titles(const struct table *t, const bool *shown, FILE *out)
{
    fputs("<thead><tr>", out);
    if (t->group_title != NULL) {
        fputs("<th scope=\"col\">", out);
        html_text(t->group_title, out);
        fputs("</th>", out);
    }
    for (size_t i = 0; i < t->columns_count; i++) {
        if (!shown[i])
            continue;
        fprintf(out, "<th scope=\"col\"%s>", html_class(t->columns[i].look));
        html_text(t->columns[i].title, out);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n", out);
}

static void put_html_cell(const struct table *t, size_t row, size_t column, FILE *out)
{
    const struct cell *cell = &t->cells[row * t->columns_count + column];
    unsigned look = t->columns[column].look;
    const char *element = look & TABLE_HEAD ? "th" : "td";

    fprintf(out, "<%s%s%s>", element, look & TABLE_HEAD ? " scope=\"row\"" : "", html_class(look));
    fputs(cell->strong > 0 ? "<strong>" : look & TABLE_CODE ? "<code>" : "", out);
    html_print(out, "%.*s", (int)cell->strong, cell->text);
    fputs(cell->strong > 0 ? "</strong>" : "", out);
    html_text(cell->text + cell->strong, out);
    fputs(cell->strong == 0 && look & TABLE_CODE ? "</code>" : "", out);
    fprintf(out, "</%s>", element);
}

int table_html(const struct table *t, FILE *out)
{
    bool shown[COLUMNS_MAX];
    size_t group = 0;

    if (t == NULL || t->error != 0)
        return t == NULL ? -ENOMEM : t->error;
    for (size_t i = 0; i < t->columns_count; i++)
        shown[i] = t->columns[i].look & TABLE_HEAD || !is_empty(t, i);
    fputs("<div class=\"scroll\" role=\"region\" aria-label=\"table\" tabindex=\"0\"><table>\n",
          out);
    if (has_titles(t))
        put_html_titles(t, shown, out);
    fputs("<tbody>\n", out);
    for (size_t row = 0; row < rows_of(t); row++) {
        while (group + 1 < t->groups_count && t->groups[group + 1].row <= row)
            group++;
        fputs("<tr>", out);
        if (t->group_title != NULL) {
            fputs("<td class=\"words\"><code>", out);
            html_text(t->groups[group].text, out);
            fputs("</code></td>", out);
        }
        for (size_t i = 0; i < t->columns_count; i++)
            if (shown[i])
                put_html_cell(t, row, i, out);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
    return 0;
}

int table_show(struct table *t, enum form form, size_t indent, FILE *out)
{
    bool whole = t != NULL && has_titles(t) && !wrap_is_bounded(out);
    size_t columns = whole ? COLUMNS_WHOLE : wrap_columns(out);
    int r = form == FORM_TEXT       ? table_write(t, columns, indent, out)
            : form == FORM_MARKDOWN ? table_markdown(t, out)
                                    : table_html(t, out);

    table_destroy(t);
    return r;
}
