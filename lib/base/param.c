#include "base/param.h"

#include "base/suggest.h"
#include "base/text.h"
#include "base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define KEY_MAX      32
#define VALUE_MAX    PARAM_TEXTS_MAX
#define TEXT_MAX     48 /* a value with its unit, or a limit */
#define SENTENCE_MAX (VALUE_MAX + 128)
#define WORDS_MAX    16 /* of a choice; their first spellings together: 256 bytes */

/* What a value is, for help; and of numbers what another text is not, with an example. */
static const struct {
    const char *unit, *wrong;
} kinds[] = {
    [PARAM_COUNT] = {"count", "not a whole number; write for example 10"},
    [PARAM_SIZE] = {"bytes", "not a size; write for example 64 or 4k"},
    [PARAM_DURATION] = {"duration", "not a duration; write for example 10ms"},
    [PARAM_SHARE] = {"share", "not a share; write for example 38%"},
    [PARAM_SWITCH] = {"on|off", NULL},
    [PARAM_TEXT] = {"text", NULL},
};

/* ---- The words of a choice. Each may have other spellings, "exp|exponential" ---- */

static const char *const switch_words[] = {"off|0|no|false", "on|1|yes|true", NULL};

/* The first spelling of a word; returns buf. */
static char *word_format(const char *word, char *buf, size_t size)
{
    snprintf(buf, size, "%.*s", (int)strcspn(word, "|"), word);
    return buf;
}

/* The first spellings of all words. */
struct words {
    const char *names[WORDS_MAX]; /* into buf */
    size_t n;
    char buf[256];
};

/* names[] are valid as long as *out stays where it is. */
static void word_names(const char *const *words, struct words *out)
{
    size_t used = 0;

    for (out->n = 0; out->n < WORDS_MAX && words[out->n] != NULL; out->n++) {
        size_t len = strcspn(words[out->n], "|");

        if (used + len + 1 > sizeof out->buf)
            break;
        out->names[out->n] = word_format(words[out->n], out->buf + used, len + 1);
        used += len + 1;
    }
}

/* The index of the word with that spelling into *index: 0, or -EINVAL. */
static int word_find(const char *const *words, const char *text, uint64_t *index)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (text_has_word(words[i], "|", text)) {
            *index = i;
            return 0;
        }
    return -EINVAL;
}

/* ---- Texts ---- */

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == ',' || *text == '\'')
            return false;
    return true;
}

int param_set_text(const struct param *p, const char *owner, const char *text, uint64_t *value,
                   struct param_texts *texts, struct err *err)
{
    size_t len = strlen(text);

    if (len == 0)
        return err_set(err, -EINVAL, "%s: %s is empty", owner, p->name);
    if (!is_plain(text))
        return err_set(err, -EINVAL,
                       "%s: %s=%s: has a blank, a comma, a quote or a control character in it",
                       owner, p->name, text);
    if (len > p->max || texts == NULL || texts->used + len + 1 > sizeof texts->buf)
        return err_set(err, -EINVAL, "%s: %s=%.*s... is too long; valid: at most %" PRIu64 " bytes",
                       owner, p->name, TEXT_FIT(text, 32), p->max);
    memcpy(texts->buf + texts->used, text, len + 1);
    *value = 1 + texts->used;
    texts->used += len + 1;
    return 0;
}

const char *param_text(const struct param *p, uint64_t value, const struct param_texts *texts)
{
    return value == 0 || texts == NULL ? p->choices[0] : texts->buf + value - 1;
}

/* ---- Reading ---- */

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
    char stem[KEY_MAX], sentence[SENTENCE_MAX];
    bool near;

    for (size_t i = 0; i < n; i++)
        names[i] = table[i].name;
    snprintf(sentence, sizeof sentence, "%s: unknown parameter \"%s\"", item->owner, item->key);
    if (n == 0)
        return err_set(err, -EINVAL, "%s; it takes none", sentence);
    snprintf(stem, sizeof stem, "%.*s", (int)stem_len, item->key);
    near = suggest_nearest(item->key, names, n) != NULL;
    return suggest_valid(sentence, near ? item->key : stem, names, n, err);
}

/* How many bytes of the key come before a unit, which item->unit gets: 5 of "delay_ms", 0 of "ms",
 * all of a key without unit. */
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

/* The entry that the key names; if the key of a duration ends with a unit, item->unit gets that.
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
        return word_find(switch_words, item->value, out);
    case PARAM_CHOICE:
        return word_find(p->choices, item->value, out);
    case PARAM_TEXT: /* kept as it is: see param_set_text() */
        break;
    }
    return -EINVAL;
}

static const char *format_range(const struct param *p, char *buf, size_t size)
{
    char low[TEXT_MAX], high[TEXT_MAX];

    param_format(p, p->min, NULL, low, sizeof low);
    if (p->max == UINT64_MAX)
        snprintf(buf, size, "at least %s", low);
    else
        snprintf(buf, size, "%s to %s", low, param_format(p, p->max, NULL, high, sizeof high));
    return buf;
}

static int refuse_word(const struct param *p, const struct item *item, struct err *err)
{
    char sentence[SENTENCE_MAX];
    struct words words;

    word_names(p->kind == PARAM_CHOICE ? p->choices : switch_words, &words);
    snprintf(sentence, sizeof sentence, "%s: %s=%s: unknown word", item->owner, item->key,
             item->value);
    return suggest_valid(sentence, item->value, words.names, words.n, err);
}

static int refuse_value(const struct param *p, const struct item *item, struct err *err)
{
    char range[2 * TEXT_MAX + 8];
    const char *what = kinds[p->kind].wrong;

    if (what == NULL)
        return refuse_word(p, item, err);
    if (*item->unit != '\0')
        what = "not a number; the key has the unit already, write for example 10";
    return err_set(err, -EINVAL, "%s: %s=%s: %s (%s)", item->owner, item->key, item->value, what,
                   format_range(p, range, sizeof range));
}

/* Read the value of an item into *out. */
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
    if (r == -ERANGE || (kinds[p->kind].wrong != NULL && (*out < p->min || *out > p->max)))
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

int param_refuse_both(const char *owner, const struct param *a, const struct param *b,
                      struct err *err)
{
    return err_set(err, -EINVAL, "%s: %s and %s exclude each other; give one", owner,
                   a < b ? a->name : b->name, a < b ? b->name : a->name);
}

int param_parse(const struct param *table, size_t n, const char *owner, const char *text,
                uint64_t *values, struct param_texts *texts, struct err *err)
{
    struct item item = {.owner = owner};
    bool given[PARAM_MAX] = {false};
    const struct param *p, *either = NULL;
    size_t len, index;
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
        if (p->either && either != NULL)
            return param_refuse_both(owner, p, either, err);
        if (p->either)
            either = p;
        given[index] = true;
        r = take_value(p, &item, &values[index], texts, err);
        if (r < 0)
            return r;
        if (text[len] == '\0')
            return 0;
    }
}

/* ---- Writing ---- */

char *param_format(const struct param *p, uint64_t value, const struct param_texts *texts,
                   char *buf, size_t size)
{
    switch (p->kind) {
    case PARAM_COUNT:
        return units_exact_count(value, buf, size);
    case PARAM_SIZE:
        return units_exact_size(value, buf, size);
    case PARAM_DURATION:
        return units_exact_duration(value, buf, size);
    case PARAM_SHARE:
        snprintf(buf, size, "%.7g%%", (double)value * 100 / PARAM_SHARE_ONE);
        break;
    case PARAM_SWITCH:
        return word_format(switch_words[value != 0], buf, size);
    case PARAM_CHOICE:
        return word_format(p->choices[value], buf, size);
    case PARAM_TEXT:
        snprintf(buf, size, "%s", param_text(p, value, texts));
        break;
    }
    return buf;
}

const char *param_unit(const struct param *p, char *buf, size_t size)
{
    struct words words;

    if (p->kind != PARAM_CHOICE)
        return kinds[p->kind].unit;
    word_names(p->choices, &words);
    buf[0] = '\0';
    for (size_t i = 0; i < words.n; i++)
        text_add(buf, size, "%s%s", i > 0 ? "|" : "", words.names[i]);
    return buf;
}
