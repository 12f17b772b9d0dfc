#include "base/html.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* How many bytes of UTF-8 at this place are a control character, or one that turns the direction of
 * text: U+0080 to U+009F, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069; 0 for others. */
static size_t unwanted(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;

    if (iscntrl(c[0]))
        return 1;
    if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
        return 2;
    if (c[0] != 0xe2 || c[1] == '\0')
        return 0;
    if (c[1] == 0x80)
        return c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xaa && c[2] <= 0xae) ? 3 : 0;
    return c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9 ? 3 : 0;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
    case '\t':
        return " ";
    default:
        return NULL;
    }
}

void html_text(const char *text, FILE *out)
{
    while (*text != '\0') {
        const char *instead = entity(*text);
        size_t bytes = instead != NULL ? 1 : unwanted(text);

        if (bytes > 0)
            fputs(instead != NULL ? instead : REPLACEMENT, out);
        else
            fputc(*text, out);
        text += bytes > 0 ? bytes : 1;
    }
}

void html_print(FILE *out, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    html_text(text != NULL ? text : "", out);
    free(text);
}
