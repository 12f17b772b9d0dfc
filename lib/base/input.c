#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* While reads do not wait, a pipe without a writer is at its end, and one whose writer has written
 * nothing yet has nothing to read. */
static bool has_writer(FILE *pipe)
{
    int c = getc(pipe);

    if (c != EOF)
        return ungetc(c, pipe) == c;
    if (!ferror(pipe) || errno != EAGAIN)
        return false;
    clearerr(pipe);
    return true;
}

/* What a stream is not good for, beside the errnos. */
enum { GOOD = 0, DEVICE = -1, NO_WRITER = -2 };

static int fault_of(FILE *in)
{
    int fd = fileno(in);
    struct stat st;

    if (fstat(fd, &st) < 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (S_ISBLK(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd)))
        return DEVICE;
    if (S_ISFIFO(st.st_mode) && !has_writer(in))
        return NO_WRITER;
    return fcntl(fd, F_SETFL, 0) < 0 ? errno : GOOD; /* reads wait from here on */
}

FILE *input_open(const char *path, struct err *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;
    int fault = in != NULL ? fault_of(in) : errno;

    if (fault == GOOD)
        return in;
    err_set(why, -EINVAL, "%s",
            fault == DEVICE      ? "it is a device"
            : fault == NO_WRITER ? "it is a pipe that nothing writes to"
                                 : strerror(fault));
    if (in != NULL)
        fclose(in);
    else if (fd >= 0)
        close(fd);
    errno = fault > 0 ? fault : EINVAL;
    return NULL;
}
