#include "base/form.h"

#include "base/html.h"
#include "base/markdown.h"
#include "base/wrap.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

void form_title(enum form form, const char *title, FILE *out)
{
    fputs(form == FORM_HTML ? "<h3>" : form == FORM_MARKDOWN ? "\n### " : "\n", out);
    if (form == FORM_HTML)
        html_text(title, out);
    else
        fputs(title, out);
    fputs(form == FORM_HTML ? "</h3>\n" : form == FORM_MARKDOWN ? "\n\n" : "\n", out);
}

void form_item(enum form form, const char *lead, const char *text, FILE *out)
{
    const char *word = lead + strspn(lead, " ");

    if (form == FORM_TEXT) {
        wrap_print(out, lead, "%s", text);
    } else if (form == FORM_MARKDOWN) {
        fprintf(out, "* %s", word);
        markdown_text(text, out);
        fputc('\n', out);
    } else {
        fprintf(out, "<p class=\"item %.*s\">", (int)strspn(word, LETTERS), word);
        if (*word != '\0')
            fprintf(out, "<b>%s</b>", word);
        html_text(text, out);
        fputs("</p>\n", out);
    }
}
