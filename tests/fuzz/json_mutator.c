#include "json_mutator.h"

#include "base/hash.h"
#include "json_scan.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASTE_MAX 4096 /* longer pieces are not copied */

#define DIGITS_20 "01234567890123456789"
#define LONG_TEXT "\"" DIGITS_20 DIGITS_20 DIGITS_20 DIGITS_20 DIGITS_20 DIGITS_20 DIGITS_20 "\""

struct draw {
    uint64_t state;
};

/* 0 to count - 1. */
static size_t draw_below(struct draw *d, size_t count)
{
    d->state = hash_mix(d->state);
    return (size_t)(d->state % count);
}

struct document {
    char *text;
    size_t size, max_size;
};

/* Replace bytes from..to; without effect where there is no room. `with` may be of the document. */
static void splice(struct document *doc, size_t from, size_t to, const char *with, size_t len)
{
    char copy[PASTE_MAX];

    if (len > sizeof copy || doc->size - (to - from) + len > doc->max_size)
        return;
    memcpy(copy, with, len);
    memmove(doc->text + from + len, doc->text + to, doc->size - to);
    memcpy(doc->text + from, copy, len);
    doc->size = doc->size - (to - from) + len;
}

/* Values that are odd somewhere, by kind, each followed by a blank. */
static const char *const odd_values[] = {
    "0 1 2 3 7 100 -1 0.5 0.0 -0.0 1e9 1e15 1e19 1e308 -1e308 5e-324 1e-9 4294967296 2147483647 "
    "9223372036854775807 -9223372036854775808 ",
    "\"\" \"x\" \"%s%n\" \"a\\nb\" \"\\u001b[31m\" \"../../x\" \"\xc3\xa9\" "
    "\"\\u20ac\\ud83d\\ude00\" "
    "\"<a|b>&\\\"'\" \"tasks\" \"pool\" \"exact\" \"scheduled\" \"instructions\" \"open\" "
    "\"closed\" "
    "\"batch\" \"makespan_s\" " LONG_TEXT " ",
    "[] [[]] [{}] [null] [0,0] [1,2,3] [1,2,3,4,5,6,7] [\"\"] [[0,1,2]] ",
    "null true false {} {\"\":0} {\"value\":1,\"kind\":\"exact\"} ",
};

/* Three in four of the kind that is there, which gets behind a check of kinds. */
static const char *odd_value(char first, struct draw *d, size_t *len)
{
    size_t kind = draw_below(d, 4), count = 0;
    const char *value;

    if (draw_below(d, 4) != 0)
        kind = strchr("-0123456789", first) != NULL ? 0 : first == '"' ? 1 : first == '[' ? 2 : 3;
    value = odd_values[kind];
    for (const char *blank = value; (blank = strchr(blank, ' ')) != NULL; blank++)
        count++;
    for (count = draw_below(d, count); count > 0; count--)
        value = strchr(value, ' ') + 1;
    *len = strcspn(value, " ");
    return value;
}

static void remove_member(struct document *doc, const struct json_member *m)
{
    size_t from = m->from, to = m->to;

    if (doc->text[to] == ',') {
        to++;
    } else {
        while (strchr(" \t\r\n", doc->text[from - 1]) != NULL)
            from--;
        from -= doc->text[from - 1] == ',';
    }
    splice(doc, from, to, "", 0);
}

/* A copy of `what`, key and all, in front of `at`. */
static void insert_member(struct document *doc, const struct json_member *at,
                          const struct json_member *what)
{
    size_t len = what->to - what->from;
    char piece[PASTE_MAX];

    if (len + 1 > sizeof piece || (at->key_len == 0) != (what->key_len == 0))
        return;
    memcpy(piece, doc->text + what->from, len);
    piece[len] = ',';
    splice(doc, at->from, at->from, piece, len + 1);
}

static void change_number(struct document *doc, const struct json_member *m, struct draw *d)
{
    static const double factors[] = {-1, 0.5, 0.9, 1.1, 1.5, 2, 10, 1000, 1e-3, 1e9};
    char number[64] = "";
    size_t len = m->end - m->start;
    double changed;

    if (len >= sizeof number || strchr("-0123456789", doc->text[m->start]) == NULL)
        return;
    memcpy(number, doc->text + m->start, len);
    changed = strtod(number, NULL) * factors[draw_below(d, sizeof factors / sizeof *factors)];
    if (strpbrk(number, ".eE") == NULL && draw_below(d, 4) != 0)
        len = (size_t)snprintf(
            number, sizeof number, "%lld",
            (long long)((unsigned long long)strtoll(number, NULL, 10) + draw_below(d, 5) - 2));
    else if (isfinite(changed))
        len = (size_t)snprintf(number, sizeof number, "%.17g", changed);
    splice(doc, m->start, m->end, number, len);
}

static bool mutate(struct document *doc, struct draw *d)
{
    struct json_member members[JSON_SCAN_MAX];
    size_t count = json_scan(doc->text, doc->size, members);
    const struct json_member *m, *other;
    const char *odd;
    size_t len;

    if (count == 0)
        return false;
    m = &members[draw_below(d, count)];
    other = &members[draw_below(d, count)];
    switch (draw_below(d, 8)) {
    case 0:
        remove_member(doc, m);
        break;
    case 1:
        splice(doc, m->start, m->end, doc->text + other->start, other->end - other->start);
        break;
    case 2:
        insert_member(doc, m, m->key_len == 0 ? m : other);
        break;
    case 3:
    case 4:
        change_number(doc, m, d);
        break;
    default:
        odd = odd_value(doc->text[m->start], d, &len);
        splice(doc, m->start, m->end, odd, len);
    }
    return true;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct draw d = {seed};
    struct document doc = {(char *)data, size, max_size};
    bool bytes = draw_below(&d, 16) == 0;

    for (size_t n = draw_below(&d, 4) == 0 ? 3 : 1; n > 0 && !bytes; n--)
        bytes = !mutate(&doc, &d);
    return bytes ? LLVMFuzzerMutate(data, doc.size, max_size) : doc.size;
}

/* The member of that key, or an item of a list where there is no key; else any. */
static const struct json_member *place_for(const char *text, const struct json_member *members,
                                           size_t count, const char *key, size_t key_len,
                                           struct draw *d)
{
    for (size_t first = draw_below(d, count), i = 0; i < count; i++) {
        const struct json_member *m = &members[(first + i) % count];

        if (m->key_len == key_len && memcmp(text + m->from, key, key_len) == 0)
            return m;
    }
    return &members[draw_below(d, count)];
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t max_size, unsigned seed)
{
    struct json_member members[JSON_SCAN_MAX], taken;
    struct document doc = {(char *)out, one_size, max_size};
    const char *from = (const char *)other;
    struct draw d = {seed};
    size_t count = json_scan(from, other_size, members);
    const struct json_member *at;

    if (count == 0 || one_size > max_size)
        return 0;
    taken = members[draw_below(&d, count)];
    memcpy(out, one, one_size);
    count = json_scan(doc.text, doc.size, members);
    if (count == 0)
        return 0;
    at = place_for(doc.text, members, count, from + taken.from, taken.key_len, &d);
    if (at->key_len == taken.key_len &&
        memcmp(doc.text + at->from, from + taken.from, taken.key_len) == 0) {
        splice(&doc, at->start, at->end, from + taken.start, taken.end - taken.start);
    } else if (at->key_len > 0 && taken.key_len > 0) { /* a member that this document lacks */
        splice(&doc, at->from, at->from, ",", 1);
        splice(&doc, at->from, at->from, from + taken.from, taken.to - taken.from);
    }
    return doc.size;
}
