#include "base/param.h"

#include "base/param_word.h"
#include "base/suggest.h"
#include "base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define KEY_MAX   32
#define VALUE_MAX PARAM_TEXTS_MAX
#define TEXT_MAX  48 /* a value with its unit, or a limit */
#define LIST_MAX  256

/* One "key=value" being read. */
struct item {
    const char *owner;
    char key[KEY_MAX], value[VALUE_MAX];
    const char *unit; /* of a duration, when the key carries it; else "" */
};

static int refuse_key(const struct param *table, size_t n, const struct item *item, size_t stem_len,
                      struct err *err)
{
    const char *names[PARAM_MAX];
    char stem[KEY_MAX], list[LIST_MAX];
    const char *nearest;

    for (size_t i = 0; i < n; i++)
        names[i] = table[i].name;
    if (n == 0)
        return err_set(err, -EINVAL, "%s: unknown parameter \"%s\"; it takes none", item->owner,
                       item->key);
    snprintf(stem, sizeof stem, "%.*s", (int)stem_len, item->key);
    nearest = suggest_nearest(item->key, names, n);
    if (nearest == NULL)
        nearest = suggest_nearest(stem, names, n);
    return err_set(err, -EINVAL, "%s: unknown parameter \"%s\"; %s%s%svalid: %s", item->owner,
                   item->key, nearest != NULL ? "did you mean \"" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "\"? " : "",
                   param_word_join(names, n, ", ", list, sizeof list));
}

/* How many bytes of the key are the name of a duration before its unit, which is left in
 * item->unit: 5 of "delay_ms", 0 of "ms", all of a key without unit. */
static size_t split_unit(struct item *item)
{
    static const char *const units[] = {"ns", "us", "ms", "s", NULL};
    const char *underscore = strrchr(item->key, '_');
    const char *end = underscore != NULL ? underscore + 1 : item->key;

    item->unit = "";
    for (size_t u = 0; units[u] != NULL; u++)
        if (strcmp(end, units[u]) == 0) {
            item->unit = units[u];
            return underscore != NULL ? (size_t)(underscore - item->key) : 0;
        }
    return strlen(item->key);
}

/* The one duration of the table; NULL when there are several, or none. */
static const struct param *only_duration(const struct param *table, size_t n)
{
    const struct param *found = NULL;

    for (size_t i = 0; i < n; i++)
        if (table[i].kind == PARAM_DURATION) {
            if (found != NULL)
                return NULL;
            found = &table[i];
        }
    return found;
}

/* The entry that the key names; a unit at the end of the key of a duration is left in item->unit.
 * NULL with *err set when there is none. */
static const struct param *find_param(const struct param *table, size_t n, struct item *item,
                                      struct err *err)
{
    const struct param *found = NULL;
    size_t stem_len;

    item->unit = "";
    for (size_t i = 0; i < n; i++)
        if (strcmp(table[i].name, item->key) == 0)
            return &table[i];
    stem_len = split_unit(item);
    for (size_t i = 0; i < n && *item->unit != '\0' && stem_len > 0; i++)
        if (table[i].kind == PARAM_DURATION && strlen(table[i].name) == stem_len &&
            strncmp(table[i].name, item->key, stem_len) == 0)
            found = &table[i];
    if (stem_len == 0 && item->key[0] != '_')
        found = only_duration(table, n);
    if (found == NULL)
        refuse_key(table, n, item, stem_len, err);
    return found;
}

static int read_share(const char *text, uint64_t *out)
{
    double share = 0;
    int r = units_parse_share(text, &share);

    if (r == 0)
        *out = (uint64_t)(share * PARAM_SHARE_ONE + 0.5);
    return r;
}

static int read_value(const struct param *p, const struct item *item, uint64_t *out)
{
    char text[VALUE_MAX + 4];

    switch (p->kind) {
    case PARAM_COUNT:
        return units_parse_count(item->value, out);
    case PARAM_SIZE:
        return units_parse_size(item->value, out);
    case PARAM_DURATION:
        snprintf(text, sizeof text, "%s%s", item->value, item->unit);
        return units_parse_duration(text, out);
    case PARAM_SHARE:
        return read_share(item->value, out);
    case PARAM_SWITCH:
        return param_word_find(param_word_switch, item->value, out);
    case PARAM_CHOICE:
        return param_word_find(p->choices, item->value, out);
    case PARAM_TEXT: /* is not read, but kept: see param_set_text() */
        break;
    }
    return -EINVAL;
}

static const char *format_range(const struct param *p, char *buf, size_t size)
{
    char low[TEXT_MAX], high[TEXT_MAX];

    param_format(p, p->min, low, sizeof low);
    if (p->max == UINT64_MAX)
        snprintf(buf, size, "at least %s", low);
    else
        snprintf(buf, size, "%s to %s", low, param_format(p, p->max, high, sizeof high));
    return buf;
}

static int refuse_word(const struct param *p, const struct item *item, struct err *err)
{
    struct param_words words;
    const char *nearest;
    char list[LIST_MAX];

    param_word_names(p->kind == PARAM_CHOICE ? p->choices : param_word_switch, &words);
    nearest = suggest_nearest(item->value, words.names, words.n);
    return err_set(err, -EINVAL, "%s: %s=%s: unknown word; %s%s%svalid: %s", item->owner, item->key,
                   item->value, nearest != NULL ? "did you mean \"" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "\"? " : "",
                   param_word_join(words.names, words.n, ", ", list, sizeof list));
}

static int refuse_value(const struct param *p, const struct item *item, struct err *err)
{
    char range[2 * TEXT_MAX + 8];
    const char *what = "not a whole number; write for example 10";

    if (p->kind == PARAM_CHOICE || p->kind == PARAM_SWITCH)
        return refuse_word(p, item, err);
    if (p->kind == PARAM_SIZE)
        what = "not a size; write for example 64 or 4k";
    else if (p->kind == PARAM_SHARE)
        what = "not a share; write for example 38%";
    else if (p->kind == PARAM_DURATION && *item->unit != '\0')
        what = "not a number; the key has the unit already, write for example 10";
    else if (p->kind == PARAM_DURATION)
        what = "not a duration; write for example 10ms";
    return err_set(err, -EINVAL, "%s: %s=%s: %s (%s)", item->owner, item->key, item->value, what,
                   format_range(p, range, sizeof range));
}

/* Read the value of one item, whose key is known, into *out. */
static int take_value(const struct param *p, const struct item *item, uint64_t *out,
                      struct param_texts *texts, struct err *err)
{
    char range[2 * TEXT_MAX + 8];
    int r;

    if (p->kind == PARAM_TEXT)
        return param_set_text(p, item->owner, item->value, out, texts, err);
    r = read_value(p, item, out);

    if (r == -EINVAL)
        return refuse_value(p, item, err);
    if (r == -ERANGE || ((p->kind == PARAM_COUNT || p->kind == PARAM_SIZE ||
                          p->kind == PARAM_DURATION || p->kind == PARAM_SHARE) &&
                         (*out < p->min || *out > p->max)))
        return err_set(err, -EINVAL, "%s: %s=%s: out of range; valid: %s", item->owner, item->key,
                       item->value, format_range(p, range, sizeof range));
    return 0;
}

/* Split text[len] at its first '='. */
static int split(const char *text, size_t len, struct item *item, struct err *err)
{
    const char *equals = memchr(text, '=', len);
    size_t key_len = equals != NULL ? (size_t)(equals - text) : len;
    size_t value_len = equals != NULL ? len - key_len - 1 : 0;

    if (key_len == 0)
        return err_set(err, -EINVAL, "%s: a parameter has no name; write key=value,key=value",
                       item->owner);
    if (value_len == 0)
        return err_set(err, -EINVAL, "%s: \"%.*s\" has no value; write %.*s=VALUE", item->owner,
                       (int)(key_len < KEY_MAX ? key_len : KEY_MAX), text,
                       (int)(key_len < KEY_MAX ? key_len : KEY_MAX), text);
    if (key_len >= sizeof item->key || value_len >= sizeof item->value)
        return err_set(err, -EINVAL, "%s: \"%.*s...\" is too long; write key=value,key=value",
                       item->owner, KEY_MAX, text);
    snprintf(item->key, sizeof item->key, "%.*s", (int)key_len, text);
    snprintf(item->value, sizeof item->value, "%.*s", (int)value_len, equals + 1);
    return 0;
}

int param_parse(const struct param *table, size_t n, const char *owner, const char *text,
                uint64_t *values, struct err *err)
{
    struct param_texts none = {.used = sizeof none.buf}; /* no room */

    return param_parse_texts(table, n, owner, text, values, &none, err);
}

int param_parse_texts(const struct param *table, size_t n, const char *owner, const char *text,
                      uint64_t *values, struct param_texts *texts, struct err *err)
{
    struct item item = {.owner = owner};
    bool given[PARAM_MAX] = {false};
    size_t len, index;
    const struct param *p;
    int r;

    for (size_t i = 0; i < n; i++)
        values[i] = table[i].def;
    if (text == NULL || *text == '\0')
        return 0;
    for (;; text += len + 1) {
        len = strcspn(text, ",");
        r = split(text, len, &item, err);
        if (r < 0)
            return r;
        p = find_param(table, n, &item, err);
        if (p == NULL)
            return -EINVAL;
        index = (size_t)(p - table);
        if (given[index])
            return err_set(err, -EINVAL, "%s: %s is given twice; give it once", owner, p->name);
        given[index] = true;
        r = take_value(p, &item, &values[index], texts, err);
        if (r < 0)
            return r;
        if (text[len] == '\0')
            return 0;
    }
}
