#include "cli/data_dir.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The directory of the running program, without a trailing "/"; "" when it cannot be known. */
static void program_dir(char *buf, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", buf, size - 1);
    char *slash;

    buf[n > 0 ? n : 0] = '\0';
    slash = strrchr(buf, '/');
    if (slash)
        *slash = '\0';
}

static bool exists_in(const char *dir, size_t dir_length, const char *relative, char *buf,
                      size_t size)
{
    char program[PATH_MAX] = "";
    int n;

    if (dir_length == 0)
        return false;
    if (dir[0] != '/')
        program_dir(program, sizeof program);
    n = snprintf(buf, size, "%s%s%.*s/%s", program, program[0] ? "/" : "", (int)dir_length, dir,
                 relative);
    return n > 0 && (size_t)n < size && access(buf, R_OK) == 0;
}

const char *data_dir_find(const char *relative, char *buf, size_t size)
{
    const char *own = getenv("TVA_SHARE");
    const char *dir = TVA_SHARE_DIRS;

    if (own && own[0]) {
        char *absolute = realpath(own, NULL);
        bool found = absolute && exists_in(absolute, strlen(absolute), relative, buf, size);

        free(absolute);
        if (found)
            return buf;
    }
    while (*dir) {
        size_t length = strcspn(dir, ":");

        if (exists_in(dir, length, relative, buf, size))
            return buf;
        dir += length + (dir[length] == ':');
    }
    return NULL;
}
