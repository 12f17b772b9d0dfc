/* Text of others in a page: it stays text, whatever it holds. Functions of the text; any thread. */
#ifndef TVA_BASE_HTML_H
#define TVA_BASE_HTML_H

#include <stdio.h>

/* Write it as text of an element, or as the value of an attribute in quotes: characters that begin
 * markup or end a quote are escaped; control characters, and those that turn the direction of the
 * text around them, become U+FFFD, line breaks and tabs blanks. */
void html_text(const char *text, FILE *out);

/* The same of a text as of printf(). Where memory is out: nothing. */
void html_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
