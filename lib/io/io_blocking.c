#include "io/io_blocking.h"

#include "io/http_client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct io_blocking {
    struct io io;             /* first */
    struct http_client *http; /* NULL until io_http_open() */
};

/* Wait until fd is ready for one of `events`, or broken; then the operation itself returns the
 * error. What holds, as poll(2) says. */
static int wait_ready(int fd, short events, uint64_t deadline_ns)
{
    struct pollfd p = {.fd = fd, .events = events};
    struct timespec left, *timeout = NULL;

    if (fd < 0) /* which ppoll would ignore */
        return -EBADF;
    for (;;) {
        int n;

        if (deadline_ns != NO_DEADLINE) {
            uint64_t now_ns = clock_now_ns();

            if (now_ns >= deadline_ns)
                return -ETIMEDOUT;
            left = clock_timespec(deadline_ns - now_ns);
            timeout = &left;
        }
        n = ppoll(&p, 1, timeout, NULL);
        if (n > 0)
            return p.revents & POLLNVAL ? -EBADF : p.revents;
        if (n < 0 && errno != EINTR)
            return -errno;
    }
}

/* After a call on fd has failed: its error, or >= 0 to repeat it. */
static int retry(int fd, short events, uint64_t deadline_ns)
{
    if (errno == EINTR)
        return 0;
    if (errno == EAGAIN) /* non-blocking, or another thread was quicker */
        return wait_ready(fd, events, deadline_ns);
    return -errno;
}

static uint64_t blocking_now(struct io *io)
{
    (void)io;
    return clock_now_ns();
}

static int blocking_sleep_until(struct io *io, uint64_t deadline_ns)
{
    struct timespec until = clock_timespec(deadline_ns);
    int error;

    (void)io;
    do
        error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    while (error == EINTR);
    return -error;
}

static int blocking_open(struct io *io, const char *path, int flags, mode_t mode,
                         uint64_t deadline_ns)
{
    int fd;

    (void)io;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    do
        fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

static int blocking_socket(struct io *io, int domain, int type, int protocol)
{
    int fd = socket(domain, (type & ~SOCK_NONBLOCK) | SOCK_CLOEXEC, protocol);

    (void)io;
    return fd < 0 ? -errno : fd;
}

/* The result of a connect in progress, which must not be called a second time. */
static int finish_connect(int fd, uint64_t deadline_ns)
{
    int error = 0, r = wait_ready(fd, POLLOUT, deadline_ns);
    socklen_t size = sizeof error;

    if (r < 0)
        return r;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
}

static int start_connect(int fd, const struct sockaddr *addr, socklen_t len, uint64_t deadline_ns)
{
    if (connect(fd, addr, len) == 0)
        return 0;
    if (errno == EINPROGRESS || errno == EINTR)
        return finish_connect(fd, deadline_ns);
    return -errno;
}

static int blocking_connect(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                            uint64_t deadline_ns)
{
    int flags, r;

    (void)io;
    if (deadline_ns == NO_DEADLINE)
        return start_connect(fd, addr, len, deadline_ns);
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    r = start_connect(fd, addr, len, deadline_ns);
    if (fcntl(fd, F_SETFL, flags) < 0 && r == 0)
        r = -errno;
    return r;
}

static int blocking_accept(struct io *io, int fd, uint64_t deadline_ns)
{
    int r = deadline_ns == NO_DEADLINE ? 0 : wait_ready(fd, POLLIN, deadline_ns);

    (void)io;
    while (r >= 0) {
        int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

        if (connection >= 0)
            return connection;
        if (errno == ECONNABORTED) /* that connection has gone: wait for the next */
            errno = EAGAIN;
        r = retry(fd, POLLIN, deadline_ns);
    }
    return r;
}

static ssize_t blocking_read(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    int r = deadline_ns == NO_DEADLINE ? 0 : wait_ready(fd, POLLIN, deadline_ns);

    (void)io;
    while (r >= 0) {
        ssize_t n = read(fd, buf, len);

        if (n >= 0)
            return n;
        r = retry(fd, POLLIN, deadline_ns);
    }
    return r;
}

/* There may be room for less than len, and a call with a deadline must write what fits and return.
 * MSG_DONTWAIT does so on a socket; a pipe that polls writable has room for PIPE_BUF. */
static ssize_t write_some(int fd, const void *buf, size_t len, uint64_t deadline_ns)
{
    bool bounded = deadline_ns != NO_DEADLINE;
    ssize_t n = send(fd, buf, len, MSG_NOSIGNAL | (bounded ? MSG_DONTWAIT : 0));

    if (n < 0 && errno == ENOTSOCK)
        n = io_write_quietly(fd, buf, bounded && len > PIPE_BUF ? PIPE_BUF : len);
    return n;
}

static ssize_t blocking_write(struct io *io, int fd, const void *buf, size_t len,
                              uint64_t deadline_ns)
{
    int r = deadline_ns == NO_DEADLINE ? 0 : wait_ready(fd, POLLOUT, deadline_ns);

    (void)io;
    while (r >= 0) {
        ssize_t n = write_some(fd, buf, len, deadline_ns);

        if (n >= 0)
            return n;
        r = retry(fd, POLLOUT, deadline_ns);
    }
    return r;
}

static ssize_t blocking_pread(struct io *io, int fd, void *buf, size_t len, off_t offset,
                              uint64_t deadline_ns)
{
    ssize_t n;

    (void)io;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    do
        n = pread(fd, buf, len, offset);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static ssize_t blocking_pwrite(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                               uint64_t deadline_ns)
{
    ssize_t n;

    (void)io;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    do
        n = pwrite(fd, buf, len, offset);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static int blocking_fsync(struct io *io, int fd, uint64_t deadline_ns)
{
    int r;

    (void)io;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    do
        r = fsync(fd);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : 0;
}

static int blocking_wait_fd(struct io *io, int fd, short events, uint64_t deadline_ns)
{
    (void)io;
    return wait_ready(fd, events, deadline_ns);
}

/* Not repeated after EINTR: Linux has closed the descriptor, and another thread may have its number
 * already. */
static int blocking_close(struct io *io, int fd)
{
    (void)io;
    return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

static int blocking_http_open(struct io *io, struct err *err)
{
    struct io_blocking *b = (struct io_blocking *)io;

    return b->http != NULL ? 0 : http_client_create(io, NULL, &b->http, err);
}

static int blocking_http_get(struct io *io, const struct io_http_request *request,
                             struct io_http_response *response, uint64_t deadline_ns)
{
    return http_client_get(((struct io_blocking *)io)->http, request, response, deadline_ns);
}

static void blocking_destroy(struct io *io)
{
    struct io_blocking *b = (struct io_blocking *)io;

    http_client_destroy(b->http);
    free(b);
}

static const struct io_ops ops = {
    .name = "blocking",
    .now = blocking_now,
    .sleep_until = blocking_sleep_until,
    .open = blocking_open,
    .socket = blocking_socket,
    .connect = blocking_connect,
    .accept = blocking_accept,
    .read = blocking_read,
    .write = blocking_write,
    .pread = blocking_pread,
    .pwrite = blocking_pwrite,
    .fsync = blocking_fsync,
    .wait_fd = blocking_wait_fd,
    .close = blocking_close,
    .http_open = blocking_http_open,
    .http_get = blocking_http_get,
    .destroy = blocking_destroy,
};

struct io *io_blocking_create(void)
{
    struct io_blocking *b = calloc(1, sizeof *b);

    if (b == NULL)
        return NULL;
    b->io.ops = &ops;
    return &b->io;
}
