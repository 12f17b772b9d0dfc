/* Text that grows in a buffer. Any thread. */
#ifndef TVA_BASE_TEXT_H
#define TVA_BASE_TEXT_H

#include <stddef.h>

/* Append to the text in buf[size], printf style, cut where buf ends. */
void text_add(char *buf, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
