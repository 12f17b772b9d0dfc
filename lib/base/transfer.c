#include "base/transfer.h"

#include <errno.h>
#include <unistd.h>

int transfer_read(int fd, off_t at, void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        char *to = (char *)data + done;
        ssize_t n = at == TRANSFER_ON ? read(fd, to, len - done)
                                      : pread(fd, to, len - done, at + (off_t)done);

        if (n == 0)
            return -ENODATA;
        if (n < 0 && errno != EINTR)
            return -errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int transfer_write(int fd, off_t at, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        const char *from = (const char *)data + done;
        ssize_t n = at == TRANSFER_ON ? write(fd, from, len - done)
                                      : pwrite(fd, from, len - done, at + (off_t)done);

        if (n < 0 && errno != EINTR)
            return -errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}
