/* Text of others in Markdown as GitHub reads it: it stays text, on one line, and in the table's
 * cell that it is in. Functions of the text; any thread. */
#ifndef TVA_BASE_MARKDOWN_H
#define TVA_BASE_MARKDOWN_H

#include <stdio.h>

/* Write it as a part of a sentence or of a table's cell: what Markdown would take for its own is
 * escaped (GFM, 2.4 and 6.11), line breaks and other control characters become blanks. */
void markdown_text(const char *text, FILE *out);

/* Write it as a code span, which shows everything as it stands; no character of it can end the span
 * or the table's cell. */
void markdown_code(const char *text, FILE *out);

#endif
