/* The running program's own file, and the files that come with it. Any thread. */
#ifndef TVA_BASE_PROGRAM_H
#define TVA_BASE_PROGRAM_H

#include <stddef.h>
#include <unistd.h>

/* The path of the running program; "" when the system does not say. Returns buf. */
char *program_path(char *buf, size_t size);

/* Find a file or folder by its path below one of `dirs`, which colons separate. A directory without
 * a leading "/" is relative to the directory of the running program, so that an installed tree may
 * be moved. The first that access(2) allows for `mode` counts: R_OK for what is read, X_OK for a
 * program. Writes its path to buf and returns buf; NULL when there is none, or when it does not
 * fit.
 */
const char *program_find(const char *dirs, const char *relative, int mode, char *buf, size_t size);

#endif
