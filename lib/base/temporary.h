/* Folders for a while. Any thread. */
#ifndef TVA_BASE_TEMPORARY_H
#define TVA_BASE_TEMPORARY_H

#include "base/err.h"

#include <stddef.h>

/* Make an empty folder, whose name begins with `name`, in the folder of the environment's TMPDIR,
 * or without that in `root`; its path goes to path[size]. 0, or a negative errno with *err set and
 * "" in path. */
int temporary_folder(const char *root, const char *name, char *path, size_t size, struct err *err);

/* Remove it with all that is in it. 0, or -1 when something stays. */
int temporary_remove(const char *path);

#endif
