/* A file that is read where it lies, mapped into memory. Any thread. */
#ifndef TVA_BASE_MAPPED_H
#define TVA_BASE_MAPPED_H

#include <stdbool.h>
#include <stddef.h>

struct mapped {
    const char *bytes;
    size_t size;
};

/* Map the whole file. False when it cannot be read, or is empty. */
bool mapped_open(const char *path, struct mapped *m);

void mapped_close(const struct mapped *m);

/* `size` bytes of the file from `at` on; NULL where it is shorter. */
const void *mapped_part(const struct mapped *m, size_t at, size_t size);

#endif
