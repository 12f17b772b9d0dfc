#include "base/param_word.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *const param_word_switch[] = {"off|0|no|false", "on|1|yes|true", NULL};

static bool has_spelling(const char *word, const char *text)
{
    size_t len = strlen(text);

    for (;;) {
        size_t n = strcspn(word, "|");

        if (n == len && memcmp(word, text, n) == 0)
            return true;
        if (word[n] == '\0')
            return false;
        word += n + 1;
    }
}

void param_word_names(const char *const *words, struct param_words *out)
{
    size_t used = 0;

    for (out->n = 0; out->n < PARAM_WORDS_MAX && words[out->n] != NULL; out->n++) {
        size_t len = strcspn(words[out->n], "|");

        if (used + len + 1 > sizeof out->buf)
            break;
        out->names[out->n] = param_word_format(words[out->n], out->buf + used, len + 1);
        used += len + 1;
    }
}

int param_word_find(const char *const *words, const char *text, uint64_t *index)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (has_spelling(words[i], text)) {
            *index = i;
            return 0;
        }
    return -EINVAL;
}

char *param_word_format(const char *word, char *buf, size_t size)
{
    snprintf(buf, size, "%.*s", (int)strcspn(word, "|"), word);
    return buf;
}

char *param_word_join(const char *const *words, size_t n, const char *separator, char *buf,
                      size_t size)
{
    size_t at = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < n && at < size; i++)
        at += (size_t)snprintf(buf + at, size - at, "%s%s", i > 0 ? separator : "", words[i]);
    return buf;
}
