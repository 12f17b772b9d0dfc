#include "cli/output.h"

#include "base/atomic_file.h"
#include "base/text.h"
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

bool output_is_stdout(const struct output *o)
{
    return o->path != NULL && strcmp(o->path, "-") == 0;
}

FILE *output_report(const struct output *o)
{
    return output_is_stdout(o) ? stderr : stdout;
}

int output_settle(struct output *o, const char *latest, struct err *err)
{
    int r = o->path == NULL && latest != NULL ? make_latest(err) : 0;
    struct atomic_file *probe;

    if (o->exports && (output_is_stdout(o) || (o->path == NULL && latest == NULL)))
        return err_set(err, -EINVAL, "--exports go beside a file: name one with -o FILE");
    o->exports = o->exports || o->path == NULL;
    if (o->path == NULL)
        o->path = latest;
    if (r < 0 || o->path == NULL || output_is_stdout(o))
        return r;
    probe = atomic_file_create(o->path, err);
    atomic_file_abort(probe);
    return probe != NULL ? 0 : -EIO;
}

int output_write(const char *name, const json_t *document, const struct output *o, struct err *err)
{
    int r = 0;

    if (o->path == NULL)
        return 0;
    if (output_is_stdout(o)) {
        r = result_dump(document, stdout);
        return r < 0 || fflush(stdout) != 0
                   ? err_set(err, r < 0 ? r : -errno, "cannot write to standard output: %s",
                             strerror(r < 0 ? -r : errno))
                   : 0;
    }
    r = result_write(document, o->path, err);
    if (r == 0 && o->exports)
        r = export_all(document, o->path, err);
    if (r == 0)
        fprintf(stderr, "%s: the result is in %s\n", name, o->path);
    return r;
}

int output_conclude(const char *name, int written, int shown, const json_t *document,
                    size_t invalid)
{
    size_t cells = json_array_size(json_object_get(document, "cells"));

    if (shown == 0 && fflush(stdout) != 0)
        shown = -errno;
    if (shown < 0)
        fprintf(stderr, "%s: cannot show the report: %s\n", name, strerror(-shown));
    if (invalid > 0)
        fprintf(stderr, "%s: %zu of %zu cell%s %s invalid; the tables give the reasons\n", name,
                invalid, cells, TEXT_S(cells), invalid == 1 ? "is" : "are");
    return written < 0 || shown < 0 || invalid > 0 ? EXIT_FAILED : EXIT_GOOD;
}
