#include "base/wrap.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* Is this space one at which a line may end? A number stays with its unit. */
static bool may_break(const char *text, const char *space)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "B", "KiB", "MiB", "GiB"};
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
