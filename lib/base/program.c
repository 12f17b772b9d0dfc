#include "base/program.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

char *program_path(char *buf, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", buf, size - 1);

    buf[n > 0 ? n : 0] = '\0';
    return buf;
}

const char *program_find(const char *dirs, const char *relative, int mode, char *buf, size_t size)
{
    char program[PATH_MAX], *slash = strrchr(program_path(program, sizeof program), '/');
    size_t len;

    if (slash != NULL)
        slash[1] = '\0';
    for (const char *dir = dirs; *dir != '\0'; dir += len + (dir[len] == ':')) {
        int n;

        len = strcspn(dir, ":");
        n = snprintf(buf, size, "%s%.*s/%s", dir[0] == '/' ? "" : program, (int)len, dir, relative);
        if (len > 0 && n > 0 && (size_t)n < size && access(buf, mode) == 0)
            return buf;
    }
    return NULL;
}
