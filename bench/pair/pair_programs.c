#include "pair/pair_programs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
