/* lib/base/atomic_file.c as the charts' targets have it: nothing gets to a disk. A linker that
 * finds these functions first does not take the library's. */
#include "base/atomic_file.h"

#include "fuzz_target.h"

#include <stdlib.h>

/* Allocated one by one, so that one that is lost is a leak. */
struct atomic_file {
    FILE *out;
};

struct atomic_file *atomic_file_create(const char *path, struct err *err)
{
    struct atomic_file *f = malloc(sizeof *f);

    if (f == NULL)
        err_set(err, -1, "no memory for %s", path);
    else
        f->out = fuzz_out();
    return f;
}

FILE *atomic_file_stream(struct atomic_file *f)
{
    return f->out;
}

int atomic_file_commit(struct atomic_file *f, struct err *err)
{
    (void)err;
    free(f);
    return 0;
}

void atomic_file_abort(struct atomic_file *f)
{
    free(f);
}
