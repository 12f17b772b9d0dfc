#include "pair/pair_schedule.h"

#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const pair_arm_names[] = {
    [PAIR_BASE] = "base",
    [PAIR_RELINKED] = "relinked",
    [PAIR_CONTENDER] = "contender",
};

static uint64_t state_of(uint64_t seed, size_t cell, uint64_t number, uint64_t use)
{
    return hash_mix(seed ^ hash_mix(cell ^ hash_mix(number ^ hash_mix(use))));
}

static void there_and_back(uint64_t state, enum pair_arm turns[PAIR_TURNS])
{
    for (size_t i = 0; i < PAIR_ARMS; i++)
        turns[i] = (enum pair_arm)i;
    for (size_t i = PAIR_ARMS; i > 1; i--) {
        enum pair_arm last = turns[i - 1];

        state = hash_mix(state);
        turns[i - 1] = turns[state % i];
        turns[state % i] = last;
    }
    for (size_t i = 0; i < PAIR_ARMS; i++)
        turns[PAIR_TURNS - 1 - i] = turns[i];
}

void pair_schedule_turns(uint64_t seed, size_t cell, unsigned block, size_t repeats,
                         enum pair_arm turns[PAIR_TURNS_MAX])
{
    for (size_t i = 0; i < repeats; i++)
        there_and_back(state_of(seed, cell, block, PAIR_ARMS + i), &turns[i * PAIR_TURNS]);
}

/* Which layout ends in place `block % layouts` of a Fisher-Yates shuffle? Following the shuffle
 * backwards needs no array. */
static size_t drawn_of(uint64_t seed, size_t cell, unsigned block, enum pair_arm arm,
                       size_t layouts)
{
    uint64_t state = state_of(seed, cell, block / layouts, arm);
    size_t at = block % layouts;

    for (size_t i = 2; i <= layouts; i++) {
        size_t j;

        state = hash_mix(state);
        j = (size_t)(state % i);
        at = at == i - 1 ? j : at == j ? i - 1 : at;
    }
    return at;
}

size_t pair_schedule_layout(uint64_t seed, size_t cell, unsigned block, enum pair_arm arm,
                            bool fresh, size_t layouts)
{
    size_t screens = layouts / 3;

    if (screens == 0)
        return drawn_of(seed, cell, block, arm, layouts);
    return fresh ? screens + drawn_of(seed, cell, block, arm, layouts - screens)
                 : drawn_of(seed, cell, block, arm, screens);
}

static int add_path(struct pair_layouts *l, char *path, struct err *err)
{
    if (path == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    if (l->count == PAIR_LAYOUTS_MAX) {
        free(path);
        return err_set(err, -EINVAL, "more than %d programs an arm", PAIR_LAYOUTS_MAX);
    }
    l->paths[l->count++] = path;
    return 0;
}

static int is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static int add_folder(struct pair_layouts *l, const char *folder, struct err *err)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, alphasort), r = 0;
    size_t before = l->count;

    if (n < 0)
        return err_set(err, -EINVAL, "cannot read the folder %s: %s", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        char *path = NULL;

        if (r == 0 && asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
            r = err_set(err, -ENOMEM, "out of memory");
        else if (r == 0 && is_program(path))
            r = add_path(l, path, err);
        else
            free(path);
        free(entries[i]);
    }
    free(entries);
    if (r == 0 && l->count == before)
        r = err_set(err, -EINVAL, "there is no program in the folder %s", folder);
    return r;
}

int pair_layouts_add(struct pair_layouts *l, const char *list, struct err *err)
{
    char *copy = strdup(list), *rest = NULL;
    int r = copy != NULL ? 0 : err_set(err, -ENOMEM, "out of memory");

    for (char *word = copy ? strtok_r(copy, ",", &rest) : NULL; word != NULL && r == 0;
         word = strtok_r(NULL, ",", &rest)) {
        struct stat st;

        if (stat(word, &st) < 0)
            r = err_set(err, -EINVAL, "%s: %s", word, strerror(errno));
        else if (S_ISDIR(st.st_mode))
            r = add_folder(l, word, err);
        else if (!is_program(word))
            r = err_set(err, -EINVAL, "%s is not a program", word);
        else
            r = add_path(l, strdup(word), err);
    }
    free(copy);
    return r;
}

void pair_programs_deinit(struct pair_programs *p)
{
    for (size_t arm = 0; arm < PAIR_ARMS; arm++)
        for (size_t i = 0; i < p->arms[arm].count; i++)
            free(p->arms[arm].paths[i]);
}
