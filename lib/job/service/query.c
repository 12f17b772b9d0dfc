#include "job/service/query.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

int query_decode(const char *text, char *out, size_t size)
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        char byte = *text == '+' ? ' ' : *text;

        if (*text == '%') {
            char hex[3] = {text[1], text[1] != '\0' ? text[2] : '\0', '\0'};

            if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]))
                return -EINVAL;
            byte = (char)strtoul(hex, NULL, 16);
            text += 2;
        }
        if (byte == '\0' || n + 1 >= size)
            return -EINVAL;
        out[n++] = byte;
    }
    out[n] = '\0';
    return (int)n;
}
