/* What tells two builds of a program or of a shared object apart. Any thread. */
#ifndef TVA_BASE_BUILD_ID_H
#define TVA_BASE_BUILD_ID_H

#include <stddef.h>

/* Write it for the file to buf: "build-id 5f0c...", as its linker gave it and `readelf -n` shows it
 * (ELF, note NT_GNU_BUILD_ID); or, where it has none, "hash 5f0c...", of all that is in the file;
 * "" when it cannot be read. BUILD_ID_SIZE bytes are enough. Returns buf. */
#define BUILD_ID_SIZE 80
char *build_id_of(const char *path, char *buf, size_t size);

#endif
