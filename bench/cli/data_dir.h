/* Files that come with the program (plots/, the suite, the schema): where they are on this machine.
 */
#ifndef TVA_BENCH_DATA_DIR_H
#define TVA_BENCH_DATA_DIR_H

#include <stddef.h>

/* Find a file or folder by its path below the share directory, e.g. "plots/style.gp". Looks in
 * $TVA_SHARE, then in the directories the build was told of (TVA_SHARE_DIRS, separated by colons;
 * those without a leading "/" are relative to the directory of the running program). Writes the
 * path to buf and returns it; NULL when it is nowhere, or does not fit. Any thread, as long as none
 * changes the environment. */
const char *data_dir_find(const char *relative, char *buf, size_t size);

#endif
