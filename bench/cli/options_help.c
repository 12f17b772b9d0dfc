#include "options_help.h"

#include "base/wrap.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS   78 /* argp goes on with what is longer at the left margin */
#define LINES_MAX 8

char *options_help(int key, const char *text, void (*write)(FILE *out))
{
    char *help = NULL;
    size_t size;
    FILE *out;

    if (key != ARGP_KEY_HELP_POST_DOC || (out = open_memstream(&help, &size)) == NULL)
        return (char *)text;
    write(out);
    if (fclose(out) == 0)
        return help;
    free(help);
    return (char *)text;
}

void options_help_entry(FILE *out, int width, const char *name, const char *summary)
{
    char text[256], *rest = text, *line;

    snprintf(text, sizeof text, "%s", summary);
    wrap_text(text, sizeof text, (size_t)(COLUMNS - width - 3), LINES_MAX);
    while ((line = strsep(&rest, "\n")) != NULL) {
        fprintf(out, "  %-*s %s\n", width, name, line);
        name = "";
    }
}
