/* Files that a user names, for reading: plain files, pipes, terminals. */
#ifndef TVA_BASE_INPUT_H
#define TVA_BASE_INPUT_H

#include "base/err.h"

#include <stdio.h>

/* Open a file, and wait for nobody: a FIFO must have a writer already. A pipe or a terminal may
 * then be slow. A device that is no terminal, such as /dev/zero, could have no end. Returns the
 * stream, which the caller closes; or NULL with errno set, and *why saying what is wrong with the
 * file. Any thread. */
FILE *input_open(const char *path, struct err *why);

#endif
