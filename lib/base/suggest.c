#include "base/suggest.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LETTERS_MAX 64 /* of a word that could be meant as a name */
#define ENTRIES_MAX 64 /* of a registry that are suggested */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int letter(const char *s, size_t i)
{
    return tolower((unsigned char)s[i]);
}

/* Edit distance by rows of the usual table; a swap looks back one row more. Both lengths are at
 * most LETTERS_MAX. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][LETTERS_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;

    for (size_t j = 0; j <= b_len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replaced = last[j - 1] + (letter(a, i - 1) != letter(b, j - 1));

            row[j] = smaller(replaced, smaller(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && letter(a, i - 1) == letter(b, j - 2) &&
                letter(a, i - 2) == letter(b, j - 1))
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[b_len];
}

const char *suggest_nearest(const char *word, const char *const *names, size_t n)
{
    size_t word_len = strlen(word);
    size_t nearest = LETTERS_MAX;
    const char *found = NULL;

    if (word_len > LETTERS_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]);
        size_t longer = len > word_len ? len : word_len;
        size_t allowed = longer / 3 > 1 ? longer / 3 : 1;
        size_t distance;

        if (len > LETTERS_MAX)
            continue;
        distance = edit_distance(word, word_len, names[i], len);
        if (distance <= allowed && distance < longer && distance < nearest) {
            nearest = distance;
            found = names[i];
        }
    }
    return found;
}

int suggest_valid(const char *sentence, const char *word, const char *const *names, size_t n,
                  struct err *err)
{
    const char *nearest = suggest_nearest(word, names, n);
    char all[256] = "";

    for (size_t i = 0; i < n; i++)
        text_add(all, sizeof all, "%s%s", i ? ", " : "", names[i]);
    return err_set(err, -EINVAL, "%s; %s%s%svalid: %s", sentence, nearest ? "did you mean \"" : "",
                   nearest ? nearest : "", nearest ? "\"? " : "", n ? all : "none");
}

int suggest_unknown(const char *what, const char *word, const char *const *names, size_t n,
                    struct err *err)
{
    char sentence[160];

    snprintf(sentence, sizeof sentence, "unknown %s \"%s\"", what, word);
    return suggest_valid(sentence, word, names, n, err);
}

const void *suggest_find(const char *what, const char *name, const void *entries, size_t n,
                         struct err *err)
{
    const char *names[ENTRIES_MAX];

    for (size_t i = 0; i < n; i++) {
        const char *one;
        const void *entry;

        memcpy(&entry, (const char *)entries + i * sizeof entry, sizeof entry);
        memcpy(&one, entry, sizeof one);
        if (strcmp(one, name) == 0)
            return entry;
        if (i < ENTRIES_MAX)
            names[i] = one;
    }
    suggest_unknown(what, name, names, n < ENTRIES_MAX ? n : ENTRIES_MAX, err);
    return NULL;
}
