#include "base/mapped.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool mapped_open(const char *path, struct mapped *m)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = MAP_FAILED;
    struct stat s;

    if (fd < 0)
        return false;
    if (fstat(fd, &s) == 0 && s.st_size > 0)
        bytes = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return false;
    *m = (struct mapped){bytes, (size_t)s.st_size};
    return true;
}

void mapped_close(const struct mapped *m)
{
    munmap((void *)m->bytes, m->size);
}

const void *mapped_part(const struct mapped *m, size_t at, size_t size)
{
    return at <= m->size && size <= m->size - at ? m->bytes + at : NULL;
}
