#include "options_known.h"

#include "base/suggest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 96
#define WORD_SIZE 64

/* All options of a table and its children. */
struct known {
    const char *names[NAMES_MAX]; /* long ones */
    bool takes_value[NAMES_MAX];
    int keys[NAMES_MAX];
    size_t n;
};

static void add(struct known *k, const char *name, int key, bool takes_value)
{
    if (k->n == NAMES_MAX)
        return;
    k->names[k->n] = name;
    k->keys[k->n] = key;
    k->takes_value[k->n++] = takes_value;
}

static void collect(struct known *k, const struct argp *argp)
{
    const struct argp_option *o = argp->options;
    const struct argp_child *child = argp->children;

    for (; o != NULL && (o->name != NULL || o->key != 0 || o->doc != NULL || o->group != 0); o++)
        if (o->name != NULL && !(o->flags & OPTION_DOC))
            add(k, o->name, o->key, o->arg != NULL && !(o->flags & OPTION_ARG_OPTIONAL));
    for (; child != NULL && child->argp != NULL; child++)
        collect(k, child->argp);
}

/* The option of that name, or one that the name is a short form of; n when there is none. */
static size_t find(const struct known *k, const char *name, size_t len)
{
    size_t found = k->n;

    for (size_t i = 0; i < k->n; i++) {
        if (strncmp(k->names[i], name, len) != 0)
            continue;
        found = i;
        if (k->names[i][len] == '\0')
            break;
    }
    return found;
}

/* Does the word, an option, take the next one as its value? */
static bool takes_next(const struct known *k, const char *word)
{
    if (word[1] == '-') {
        size_t i = find(k, word + 2, strlen(word + 2));

        return i < k->n && k->takes_value[i];
    }
    for (size_t i = 0; i < k->n; i++)
        if (k->keys[i] == word[1])
            return k->takes_value[i] && word[2] == '\0';
    return false;
}

static int unknown(const struct known *k, const char *command, const char *name, size_t len,
                   struct err *err)
{
    char word[WORD_SIZE];
    const char *nearest;

    snprintf(word, sizeof word, "%.*s", (int)len, name);
    nearest = suggest_nearest(word, k->names, k->n);
    if (nearest == NULL)
        return err_set(err, -EINVAL, "unknown option \"--%s\"; '%s --help' lists them", word,
                       command);
    return err_set(err, -EINVAL,
                   "unknown option \"--%s\"; did you mean \"--%s\"? '%s --help' lists them", word,
                   nearest, command);
}

int options_known(const struct argp *argp, const char *command, int argc, char *const *argv,
                  struct err *err)
{
    struct known known = {.n = 0};

    collect(&known, argp);
    add(&known, "help", '?', false);
    add(&known, "usage", 0, false);
    add(&known, "version", 'V', false);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        size_t len = strcspn(word, "=");

        if (word[0] != '-' || word[1] == '\0')
            continue;
        if (word[1] == '-' && find(&known, word + 2, len - 2) == known.n)
            return unknown(&known, command, word + 2, len - 2, err);
        if (word[len] == '\0' && takes_next(&known, word))
            i++;
    }
    return 0;
}
