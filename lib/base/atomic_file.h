/* Files that are written completely or not at all: under a temporary name beside the target, then
 * sync and rename.
 *
 * A reader sees the old file or the complete new one, even when the disk fills up or the process is
 * killed. SIGINT, SIGTERM and SIGHUP wait in the thread from create to commit or abort (of several
 * at once, of the first begun), so that they leave no temporary file. One thread at a time per
 * object. */
#ifndef TVA_BASE_ATOMIC_FILE_H
#define TVA_BASE_ATOMIC_FILE_H

#include "base/err.h"

#include <stdio.h>

struct atomic_file;

/* Begin to write `path`; if it is a symbolic link, the file behind it. The new file has mode 0644
 * less the umask. NULL with *err set when the directory is missing or not writable, or when path
 * exists and is not a plain file (a rename would replace the device). */
struct atomic_file *atomic_file_create(const char *path, struct err *err);

/* The stream to write to, owned by the object; valid until commit or abort. */
FILE *atomic_file_stream(struct atomic_file *f);

/* Flush, sync and rename into place; frees f in every case. 0, or a negative errno with *err set:
 * then the previous file is unchanged and the temporary one is gone. */
int atomic_file_commit(struct atomic_file *f, struct err *err);

/* The same for a file that nobody else has made meanwhile: -EEXIST, with *err set, if it is there.
 */
int atomic_file_commit_new(struct atomic_file *f, struct err *err);

/* Drop what was written; frees f. f may be NULL. */
void atomic_file_abort(struct atomic_file *f);

#endif
