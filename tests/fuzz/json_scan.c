#include "json_scan.h"

#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX 64

struct scan {
    const char *text;
    size_t size, at;
    struct json_member *members;
    size_t count;
};

static char peek(struct scan *s)
{
    while (s->at < s->size && s->text[s->at] != '\0' && strchr(" \t\r\n", s->text[s->at]) != NULL)
        s->at++;
    return s->at < s->size ? s->text[s->at] : '\0';
}

static bool skip_text(struct scan *s)
{
    if (peek(s) != '"')
        return false;
    for (s->at++; s->at < s->size && s->text[s->at] != '"'; s->at++)
        s->at += s->text[s->at] == '\\';
    return s->at < s->size && ++s->at <= s->size;
}

/* A number or a word. */
static bool skip_plain(struct scan *s)
{
    size_t begin = s->at;

    while (s->at < s->size && s->text[s->at] > ' ' && strchr(",:\"[]{}", s->text[s->at]) == NULL)
        s->at++;
    return s->at > begin;
}

static bool skip_value(struct scan *s, unsigned depth);

static bool skip_member(struct scan *s, bool has_key, unsigned depth)
{
    struct json_member m = {0};

    peek(s);
    m.from = (uint32_t)s->at;
    if (has_key) {
        if (!skip_text(s))
            return false;
        m.key_len = (uint32_t)s->at - m.from;
        if (peek(s) != ':')
            return false;
        s->at++;
        peek(s);
    }
    m.start = (uint32_t)s->at;
    if (!skip_value(s, depth))
        return false;
    m.end = (uint32_t)s->at;
    peek(s);
    m.to = (uint32_t)s->at;
    if (s->count < JSON_SCAN_MAX)
        s->members[s->count++] = m;
    return true;
}

static bool skip_value(struct scan *s, unsigned depth)
{
    char open = peek(s), close = open == '{' ? '}' : ']';

    if (open == '"')
        return skip_text(s);
    if (open != '{' && open != '[')
        return skip_plain(s);
    s->at++;
    if (depth == DEPTH_MAX)
        return false;
    if (peek(s) == close)
        return ++s->at <= s->size;
    for (;;) {
        if (!skip_member(s, open == '{', depth + 1))
            return false;
        if (peek(s) == close)
            return ++s->at <= s->size;
        if (peek(s) != ',')
            return false;
        s->at++;
    }
}

size_t json_scan(const char *text, size_t size, struct json_member *members)
{
    struct scan s = {.text = text, .size = size, .members = members};

    return skip_value(&s, 0) && peek(&s) == '\0' && s.at == size ? s.count : 0;
}
