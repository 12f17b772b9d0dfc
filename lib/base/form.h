/* The forms in which the same report is written: for a terminal, as Markdown, as a part of a page.
 * One thread at a time a stream. */
#ifndef TVA_BASE_FORM_H
#define TVA_BASE_FORM_H

#include <stdbool.h>
#include <stdio.h>

enum form { FORM_TEXT, FORM_MARKDOWN, FORM_HTML };

static inline enum form form_markdown(bool markdown)
{
    return markdown ? FORM_MARKDOWN : FORM_TEXT;
}

/* Write a title below that of the whole. */
void form_title(enum form form, const char *title, FILE *out);

/* Write a sentence that belongs to a list: for a terminal in lines as wide as the stream's may be,
 * in Markdown an item, in a page a paragraph whose class is the first word of `lead`, which stands
 * in front, as "  note: ". */
void form_item(enum form form, const char *lead, const char *text, FILE *out);

#endif
