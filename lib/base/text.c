#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a shell leaves as it is. */
#define SHELL_PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+./:,@%="

size_t text_fit(const char *text, size_t most)
{
    size_t len = strnlen(text, most), last = len, size;
    unsigned char first;

    if (len < most || len == 0)
        return len;
    while (--last > 0 && (text[last] & 0xc0) == 0x80)
        ;
    first = (unsigned char)text[last];
    size = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return last + size <= len ? len : last;
}

void text_add(char *buf, size_t size, const char *format, ...)
{
    size_t len = strlen(buf);
    va_list args;
    int more;

    va_start(args, format);
    more = vsnprintf(buf + len, size - len, format, args);
    va_end(args);
    if (more > 0 && len + (size_t)more >= size)
        buf[text_fit(buf, size - 1)] = '\0';
}

void text_add_word(char *buf, size_t size, const char *word)
{
    bool plain = word[0] != '\0' && word[strspn(word, SHELL_PLAIN)] == '\0' &&
                 (buf[0] != '\0' || strchr(word, '=') == NULL); /* which would be an assignment */

    if (plain) {
        text_add(buf, size, "%s", word);
        return;
    }
    text_add(buf, size, "'");
    for (; *word != '\0'; word++)
        text_add(buf, size, "%.*s", *word == '\'' ? 4 : 1, *word == '\'' ? "'\\''" : word);
    text_add(buf, size, "'");
}

void text_make_printable(char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

char *text_read(const char *path, char *buf, size_t size)
{
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    while (fd >= 0 && len < size - 1) {
        ssize_t n = read(fd, buf + len, size - 1 - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    if (fd >= 0)
        close(fd);
    buf[len] = '\0';
    return buf;
}

bool text_has_word(const char *list, const char *separators, const char *word)
{
    size_t len = strlen(word);

    for (; *list != '\0'; list += strspn(list, separators)) {
        size_t item = strcspn(list, separators);

        if (item == len && strncmp(list, word, len) == 0)
            return true;
        list += item;
    }
    return false;
}

int64_t text_read_number(const char *path, int64_t none)
{
    char text[64], *end;
    int64_t number = strtoll(text_read(path, text, sizeof text), &end, 10);

    return end != text ? number : none;
}

uint64_t text_number(const char *text, const char *key)
{
    const char *at = strstr(text, key);

    return at != NULL ? strtoull(at + strlen(key), NULL, 10) : 0;
}
