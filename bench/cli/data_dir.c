#include "cli/data_dir.h"

#include "base/program.h"

#include <stdlib.h>

const char *data_dir_find(const char *relative, char *buf, size_t size)
{
    const char *own = getenv("TVA_SHARE");
    char *absolute = own != NULL && own[0] != '\0' ? realpath(own, NULL) : NULL;
    const char *found = absolute != NULL ? program_find(absolute, relative, R_OK, buf, size) : NULL;

    free(absolute);
    return found != NULL ? found : program_find(TVA_SHARE_DIRS, relative, R_OK, buf, size);
}
