#include "io/io.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

void io_destroy(struct io *io)
{
    if (io != NULL)
        io->ops->destroy(io);
}

static uint64_t resent_on(int fd)
{
    struct tcp_info info = {.tcpi_total_retrans = 0};
    socklen_t len = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_total_retrans : 0;
}

static void add_resent(struct io *io, uint64_t segments)
{
    if (segments > 0)
        __atomic_fetch_add(io->resent, segments, __ATOMIC_RELAXED);
}

void io_count_resent(struct io *io, int fd)
{
    if (io->resent != NULL)
        add_resent(io, resent_on(fd));
}

int io_close(struct io *io, int fd)
{
    uint64_t segments = io->resent != NULL ? resent_on(fd) : 0;
    int r = io->ops->close(io, fd);

    if (r == 0)
        add_resent(io, segments);
    return r;
}

ssize_t io_read_full(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = io_read(io, fd, (char *)buf + done, len - done, deadline_ns);

        if (n < 0)
            return n;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

ssize_t io_write_full(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = io_write(io, fd, (const char *)buf + done, len - done, deadline_ns);

        if (n < 0)
            return n;
        if (n == 0) /* no error and no byte taken: this loop would never end */
            return -EIO;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

ssize_t io_pread_full(struct io *io, int fd, void *buf, size_t len, off_t offset,
                      uint64_t deadline_ns)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n =
            io_pread(io, fd, (char *)buf + done, len - done, offset + (off_t)done, deadline_ns);

        if (n < 0)
            return n;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

ssize_t io_pwrite_full(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                       uint64_t deadline_ns)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = io_pwrite(io, fd, (const char *)buf + done, len - done, offset + (off_t)done,
                              deadline_ns);

        if (n < 0)
            return n;
        if (n == 0)
            return -EIO;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

ssize_t io_write_quietly(int fd, const void *buf, size_t len)
{
    const struct timespec at_once = {0, 0};
    sigset_t sigpipe, before, pending;
    ssize_t n;
    int error;

    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    sigpending(&pending);
    n = write(fd, buf, len);
    error = errno;
    if (n < 0 && error == EPIPE && !sigismember(&pending, SIGPIPE))
        while (sigtimedwait(&sigpipe, NULL, &at_once) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return n;
}
