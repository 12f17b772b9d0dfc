#include "options_file.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

static error_t take(const char *path, struct options_file *file)
{
    if (file->path == NULL) {
        file->path = path;
        return 0;
    }
    err_set(file->err, -EINVAL, "one result at a time: \"%.200s\" is too many", path);
    return EINVAL;
}

static error_t fall_back(struct options_file *file)
{
    file->path = file->fallback;
    if (file->fallback == NULL)
        err_set(file->err, -EINVAL, "say which result; %s", file->remedy);
    else if (access(file->fallback, F_OK) != 0 && errno == ENOENT)
        err_set(file->err, -EINVAL, "say which result, as there is no %s here; %s", file->fallback,
                file->remedy);
    else
        return 0;
    return EINVAL;
}

error_t options_file(int key, const char *arg, struct options_file *file)
{
    switch (key) {
    case ARGP_KEY_ARG:
        return take(arg, file);
    case ARGP_KEY_NO_ARGS:
        return fall_back(file);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}
