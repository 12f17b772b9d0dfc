#include "base/wrap.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* Is this space one at which a line may end? A number stays with its unit. */
static bool may_break(const char *text, const char *space)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "B", "KiB", "MiB", "GiB", "%"};
    size_t word = strcspn(space + 1, " ,;.:)");

    if (space == text || !isdigit((unsigned char)space[-1]))
        return true;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i]) == word && strncmp(units[i], space + 1, word) == 0)
            return false;
    return true;
}

size_t wrap_text(char *text, size_t size, size_t columns, size_t lines)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t line = 1, column = 0;
    char *space = NULL, *last = text;

    for (char *c = text; *c; c++) {
        if (!begins_character(*c))
            continue;
        if (*c == ' ' && column > 0 && may_break(text, c))
            space = c;
        if (column++ < columns) {
            last = c; /* so the ellipsis, put over it, still fits */
            continue;
        }
        if (line == lines || !space) {
            if (last + sizeof ellipsis <= text + size)
                memcpy(last, ellipsis, sizeof ellipsis);
            break;
        }
        *space = '\n';
        c = space;
        space = NULL;
        column = 0;
        line++;
    }
    return line;
}

size_t wrap_text_width(const char *text, size_t columns, size_t lines)
{
    char copy[WRAP_TEXT_MAX];
    size_t narrow = columns / 2;

    if (strlen(text) <= columns)
        return columns;
    for (; narrow < columns; narrow++) {
        snprintf(copy, sizeof copy, "%s", text);
        wrap_text(copy, sizeof copy, narrow, lines);
        if (strcmp(copy + strlen(copy) - 1, text + strlen(text) - 1) == 0)
            break; /* it ends as the text does: nothing was cut */
    }
    return narrow;
}

size_t wrap_length(const char *text, size_t bytes)
{
    size_t length = 0;

    for (size_t i = 0; i < bytes && text[i] != '\0'; i++)
        length += begins_character(text[i]);
    return length;
}

size_t wrap_line(const char *text, size_t columns)
{
    const char *space = NULL, *mark = NULL, *c = text;

    for (size_t column = 0; *c != '\0'; c++) {
        if (!begins_character(*c))
            continue;
        if (*c == '\n')
            return (size_t)(c - text);
        if (*c == ' ' && column > 0 && may_break(text, c))
            space = c;
        if (column++ == columns)
            break;
        if (strchr(",|/", *c) != NULL)
            mark = c + 1;
    }
    if (*c == '\0' || space != NULL)
        return (size_t)((*c == '\0' ? c : space) - text);
    return (size_t)((mark != NULL ? mark : c) - text);
}

void wrap_put(FILE *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i], next = (unsigned char)text[i + (i + 1 < bytes)];
        bool is_c1 = c == 0xc2 && next >= 0x80 && next < 0xa0; /* U+0080 to U+009F */

        fputc(iscntrl(c) || is_c1 ? '?' : c, out);
        i += is_c1;
    }
}

void wrap_write(FILE *out, size_t columns, const char *lead, const char *text)
{
    size_t indent = wrap_length(lead, SIZE_MAX);
    size_t room = columns > indent + 1 ? columns - indent : 1;

    fputs(lead, out);
    do {
        size_t bytes = wrap_line(text, room);

        wrap_put(out, text, bytes);
        fputc('\n', out);
        text += bytes;
        text += strspn(text, " \n");
        if (*text != '\0')
            fprintf(out, "%*s", (int)indent, "");
    } while (*text != '\0');
}

bool wrap_colours(FILE *out)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fileno(out)) && (no_color == NULL || *no_color == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

/* 0: nobody says. */
static size_t columns_given(FILE *out)
{
    const char *wanted = getenv("COLUMNS");
    int fd = fileno(out);
    struct winsize size;

    if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return wanted != NULL && atoi(wanted) > 0 ? (size_t)atoi(wanted) : 0;
}

size_t wrap_columns(FILE *out)
{
    size_t given = columns_given(out), columns = given > 0 ? given : COLUMNS_DEFAULT;

    return columns > WRAP_COLUMNS_MIN ? columns : WRAP_COLUMNS_MIN;
}

bool wrap_is_bounded(FILE *out)
{
    return columns_given(out) > 0 || isatty(fileno(out));
}

void wrap_print(FILE *out, const char *lead, const char *format, ...)
{
    char *text = NULL, beginning[1024]; /* of the text, where memory is out */
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    va_start(args, format);
    if (text == NULL)
        vsnprintf(beginning, sizeof beginning, format, args);
    va_end(args);
    wrap_write(out, wrap_columns(out), lead, text != NULL ? text : beginning);
    free(text);
}
