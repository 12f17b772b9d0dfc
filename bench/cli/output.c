#include "cli/output.h"

#include "base/atomic_file.h"
#include "cli/options.h"
#include "export/export.h"
#include "result/result.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int make_latest(struct err *err)
{
    static const char *const dirs[] = {"results", "results/latest"};

    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        if (mkdir(dirs[i], 0777) < 0 && errno != EEXIST)
            return err_set(err, -errno, "cannot make the folder %s: %s; name a file with -o",
                           dirs[i], strerror(errno));
    return 0;
}

int output_settle(const char **path, const char *latest, struct err *err)
{
    int r = *path == NULL && latest != NULL ? make_latest(err) : 0;
    struct atomic_file *probe;

    if (*path == NULL)
        *path = latest;
    if (r < 0 || *path == NULL)
        return r;
    probe = atomic_file_create(*path, err);
    atomic_file_abort(probe);
    return probe != NULL ? 0 : -EIO;
}

int output_write(const char *name, const json_t *document, const char *path, struct err *err)
{
    int r = path != NULL ? result_write(document, path, err) : 0;

    if (r == 0 && path != NULL)
        r = export_all(document, path, err);
    if (r == 0 && path != NULL)
        fprintf(stderr, "%s: the result is in %s\n", name, path);
    return r;
}

int output_conclude(const char *name, int written, int shown, const json_t *document,
                    size_t invalid)
{
    if (shown == 0 && fflush(stdout) != 0)
        shown = -errno;
    if (shown < 0)
        fprintf(stderr, "%s: cannot show the report: %s\n", name, strerror(-shown));
    if (invalid > 0)
        fprintf(stderr, "%s: %zu of %zu cells are invalid; the tables give the reasons\n", name,
                invalid, json_array_size(json_object_get(document, "cells")));
    return written < 0 || shown < 0 || invalid > 0 ? EXIT_FAILED : EXIT_GOOD;
}
