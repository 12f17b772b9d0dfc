/* The one result that a command reads: the word on its command line that is no option. */
#ifndef TVA_BENCH_OPTIONS_FILE_H
#define TVA_BENCH_OPTIONS_FILE_H

#include "base/err.h"

#include <argp.h>

struct options_file {
    const char *path;     /* NULL before it is parsed; afterwards what is to be read */
    const char *fallback; /* what is read when none is named; NULL: one has to be */
    const char *remedy; /* where one comes from: what the sentence about a missing one ends with */
    struct err *err;
};

/* What a command's parser returns for keys that are not its own. Takes the word; refuses a second
 * one, and none where the fallback is not there either: EINVAL with one sentence in *file->err. For
 * all other keys ARGP_ERR_UNKNOWN. Words stay the caller's. */
error_t options_file(int key, const char *arg, struct options_file *file);

#endif
