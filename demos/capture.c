#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int capture_begin(struct capture *c)
{
    int err;

    fflush(stderr);
    c->file_fd = memfd_create("stderr", MFD_CLOEXEC);
    if (c->file_fd < 0)
        return -errno;
    c->saved_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (c->saved_fd < 0 || dup2(c->file_fd, STDERR_FILENO) < 0)
        goto err;
    return 0;

err:
    err = -errno;
    if (c->saved_fd >= 0)
        close(c->saved_fd);
    close(c->file_fd);
    return err;
}

char *capture_end(struct capture *c, char *buf, size_t size)
{
    ssize_t n;

    fflush(stderr);
    dup2(c->saved_fd, STDERR_FILENO);
    n = pread(c->file_fd, buf, size - 1, 0);
    close(c->saved_fd);
    close(c->file_fd);
    buf[n > 0 ? n : 0] = '\0';
    if (n > 0 && buf[n - 1] == '\n')
        buf[n - 1] = '\0';
    return buf;
}
