#include "base/temporary.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int temporary_folder(const char *root, const char *name, char *path, size_t size, struct err *err)
{
    const char *given = getenv("TMPDIR");
    int error = ENAMETOOLONG;

    if (given != NULL && *given != '\0')
        root = given;
    if (snprintf(path, size, "%s/%s-XXXXXX", root, name) < (int)size) {
        if (mkdtemp(path) != NULL)
            return 0;
        error = errno;
    }
    path[0] = '\0';
    return err_set(err, -error, "cannot make a folder in %s: %s", root, strerror(error));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)type;
    (void)place;
    return remove(path);
}

int temporary_remove(const char *path)
{
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : -1;
}
