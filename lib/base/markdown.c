#include "base/markdown.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* An ampersand that may begin an entity, as "&lt;" does. */
static bool begins_entity(const char *text)
{
    return text[0] == '&' && (isalpha((unsigned char)text[1]) || text[1] == '#');
}

void markdown_text(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (strchr("|*[\\", *text) != NULL)
            fprintf(out, "\\%c", *text);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (begins_entity(text))
            fputs("&amp;", out);
        else if (*text == '`')
            fputc('\'', out);
        else
            fputc(iscntrl((unsigned char)*text) ? ' ' : *text, out);
    }
}

void markdown_code(const char *text, FILE *out)
{
    fputc('`', out);
    for (; *text != '\0'; text++) {
        if (*text == '|') /* the only escape that holds in a code span, and only within a table */
            fputc('\\', out);
        fputc(*text == '`' || iscntrl((unsigned char)*text) ? ' ' : *text, out);
    }
    fputc('`', out);
}
