#include "chart_wrap.h"

#include "chart_data.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

size_t chart_wrap(char *text, size_t size, size_t columns, size_t lines)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t line = 1, column = 0;
    char *space = NULL, *last = text;

    for (char *c = text; *c; c++) {
        if (!begins_character(*c))
            continue;
        if (*c == ' ' && column > 0)
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

size_t chart_wrap_width(const char *text, size_t columns, size_t lines)
{
    char copy[CHART_TEXT_MAX];
    size_t narrow = columns / 2;

    if (strlen(text) <= columns)
        return columns;
    for (; narrow < columns; narrow++) {
        snprintf(copy, sizeof copy, "%s", text);
        chart_wrap(copy, sizeof copy, narrow, lines);
        if (strcmp(copy + strlen(copy) - 1, text + strlen(text) - 1) == 0)
            break; /* it ends as the text does: nothing was cut */
    }
    return narrow;
}
