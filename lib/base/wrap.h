/* Lines of text that fit a page or a terminal. Characters are UTF-8, each one column wide. */
#ifndef TVA_BASE_WRAP_H
#define TVA_BASE_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define WRAP_TEXT_MAX 1024 /* what wrap_text_width() looks at */

/* Break a text at spaces, but not between a number and its unit, into at most `lines` lines of at
 * most `columns` characters, by putting newlines for spaces; what does not fit is cut off behind an
 * ellipsis. A word longer than a line is cut too. In place, in a buffer of `size` bytes. Returns
 * the number of lines. Any thread. */
size_t wrap_text(char *text, size_t size, size_t columns, size_t lines);

/* The narrowest width, at most `columns`, in which the text needs no more than `lines` lines: two
 * lines of about the same length read better than a full one and a rest. Any thread. */
size_t wrap_text_width(const char *text, size_t columns, size_t lines);

/* How many characters begin in the first `bytes` of a text (SIZE_MAX: all of it). Any thread. */
size_t wrap_length(const char *text, size_t bytes);

/* How many bytes of the text its first line has, when lines are at most `columns` >= 1 characters:
 * it is broken as above, but a word longer than a line is broken, behind ",", "|" or "/" where it
 * has one, and nothing is cut off. The caller skips the spaces that follow. Any thread. */
size_t wrap_line(const char *text, size_t columns);

/* Write so many bytes of a text; control characters, which a terminal would obey, as "?". */
void wrap_put(FILE *out, const char *text, size_t bytes);

/* Write the text in such lines of at most `columns` characters, the first behind `lead` and the
 * others below it, indented by as much. One thread at a time a stream. */
void wrap_write(FILE *out, size_t columns, const char *lead, const char *text);

/* The same of a text as of printf(), as wide as lines on the stream may be. Where memory is out: of
 * its beginning. */
void wrap_print(FILE *out, const char *lead, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* May text on this stream have colours, and lines be drawn again? It is a terminal that can, and
 * NO_COLOR (no-color.org) is not set. */
bool wrap_colours(FILE *out);

/* How wide lines on this stream may be: the terminal's width; of a file or a pipe what COLUMNS in
 * the environment says, 80 without it. At least WRAP_COLUMNS_MIN. */
#define WRAP_COLUMNS_MIN 40
size_t wrap_columns(FILE *out);

/* Does anything bound the lines on the stream? Not of a file or a pipe, unless COLUMNS is set: then
 * the 80 above are for reading alone, and what is worth keeping whole may be wider. */
bool wrap_is_bounded(FILE *out);

#endif
