/* Lines of text that fit a page. Pure functions; characters are UTF-8. */
#ifndef TVA_BASE_WRAP_H
#define TVA_BASE_WRAP_H

#include <stddef.h>

#define WRAP_TEXT_MAX 1024 /* what wrap_text_width() looks at */

/* Break a text at spaces, but not between a number and its unit, into at most `lines` lines of at
 * most `columns` characters, by putting newlines for spaces; what does not fit is cut off behind an
 * ellipsis. A word longer than a line is cut too. In place, in a buffer of `size` bytes. Returns
 * the number of lines. */
size_t wrap_text(char *text, size_t size, size_t columns, size_t lines);

/* The narrowest width, at most `columns`, in which the text needs no more than `lines` lines: two
 * lines of about the same length read better than a full one and a rest. */
size_t wrap_text_width(const char *text, size_t columns, size_t lines);

#endif
