/* Where the files that come with the program are: plots/, the suite, the schema. */
#ifndef TVA_BENCH_DATA_DIR_H
#define TVA_BENCH_DATA_DIR_H

#include <stddef.h>

/* Find a file or folder by its path below the share directory, as "plots/style.gp". Looks in
 * $TVA_SHARE, then in the directories of TVA_SHARE_DIRS, a list between colons that the build sets;
 * a directory without a leading "/" is relative to that of the running program. Writes the path to
 * buf and returns it; NULL when no directory has it, or it does not fit. Any thread, as long as
 * none changes the environment. */
const char *data_dir_find(const char *relative, char *buf, size_t size);

#endif
