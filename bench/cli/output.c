#include "cli/output.h"

#include "base/atomic_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int output_make_latest(struct err *err)
{
    static const char *const dirs[] = {"results", "results/latest"};

    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        if (mkdir(dirs[i], 0777) < 0 && errno != EEXIST)
            return err_set(err, -errno, "cannot make the folder %s: %s; name a file with -o",
                           dirs[i], strerror(errno));
    return 0;
}

int output_check(const char *path, struct err *err)
{
    struct atomic_file *probe = atomic_file_create(path, err);

    if (probe == NULL)
        return -EIO;
    atomic_file_abort(probe);
    return 0;
}
