/* Text in a buffer: what grows there, and what small files hold. Any thread. */
#ifndef TVA_BASE_TEXT_H
#define TVA_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Append to the text in buf[size], printf style, cut between characters where buf ends. */
void text_add(char *buf, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* How many bytes of the text, at most `most`, end with a whole character of UTF-8. A text of fewer
 * bytes is whole. */
size_t text_fit(const char *text, size_t most);

/* The arguments for "%.*s" that show so many bytes of a text at most, cut between characters. */
#define TEXT_FIT(text, most) (int)text_fit(text, most), text

/* The ending of a noun behind a number of any type: "" where it is 1. */
#define TEXT_S(number) ((number) == 1 ? "" : "s")

/* Append a word as a shell takes it: in single quotes where the shell would change it or take it
 * apart. Where the text is still empty, the word is that of the command. */
void text_add_word(char *buf, size_t size, const char *word);

/* Put "?" for each byte that is not printable ASCII. */
void text_make_printable(char *text);

/* Read the beginning of a small file into buf[size]; "" when it cannot be read. Returns buf. It
 * does not allocate, so that measured memory does not grow by it. */
char *text_read(const char *path, char *buf, size_t size);

/* Is the word in a list, whose words are separated by any of these characters? */
bool text_has_word(const char *list, const char *separators, const char *word);

/* The number that a small file of /proc or /sys begins with; `none` where it has none. */
int64_t text_read_number(const char *path, int64_t none);

/* The number that follows the key in a text such as "VmRSS:      1234 kB"; 0 where there is none.
 */
uint64_t text_number(const char *text, const char *key);

#endif
