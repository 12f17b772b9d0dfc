#include "io/io_async_fd.h"

#include "async/wait.h"
#include "io/write_quietly.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is known of a descriptor that has been waited on.
 *
 * The uv_poll stays started between waits, so that a wait costs no epoll_ctl; an event that nobody
 * waits for stops its direction, until somebody does. `dry` remembers that the last read emptied
 * the socket, so that the next one waits at once instead of asking the kernel first. */
struct watch {
    uv_poll_t poll;
    struct task *reader, *writer; /* who waits, NULL when nobody does */
    int events;                   /* UV_READABLE | UV_WRITABLE, as started */
    bool dry;
};

static void on_ready(uv_poll_t *poll, int status, int events);

static int watch_events(struct watch *w, int events)
{
    if (events == w->events)
        return 0;
    w->events = events;
    return events ? uv_poll_start(&w->poll, events, on_ready) : uv_poll_stop(&w->poll);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct watch *w = container_of(poll, struct watch, poll);
    int unwanted = 0;

    if (status < 0) { /* libuv has stopped it: let the operation find out what is wrong */
        w->events = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    if (events & UV_READABLE) {
        w->dry = false;
        if (w->reader != NULL)
            wait_wake(w->reader, 0);
        else
            unwanted |= UV_READABLE;
    }
    if (events & UV_WRITABLE) {
        if (w->writer != NULL)
            wait_wake(w->writer, 0);
        unwanted |= UV_WRITABLE; /* sockets are nearly always writable: watch only while waiting */
    }
    watch_events(w, w->events & ~unwanted);
}

static int grow(struct io_async *a, size_t fd)
{
    size_t size = a->watches_size ? a->watches_size : 64;
    struct watch **watches;

    while (size <= fd)
        size *= 2;
    watches = realloc(a->watches, size * sizeof(struct watch *));
    if (watches == NULL)
        return -ENOMEM;
    memset(watches + a->watches_size, 0, (size - a->watches_size) * sizeof(struct watch *));
    a->watches = watches;
    a->watches_size = size;
    return 0;
}

/* The watch of fd, made now if there is none: that also makes fd non-blocking. */
static int watch_of(struct io_async *a, int fd, struct watch **out)
{
    struct watch *w;
    int err;

    if (fd >= 0 && (size_t)fd < a->watches_size && a->watches[fd] != NULL) {
        *out = a->watches[fd];
        return 0;
    }
    if (fd < 0)
        return -EBADF;
    err = (size_t)fd < a->watches_size ? 0 : grow(a, (size_t)fd);
    if (err < 0)
        return err;
    w = calloc(1, sizeof *w);
    if (w == NULL)
        return -ENOMEM;
    err = uv_poll_init(a->uv, &w->poll, fd);
    if (err < 0) {
        free(w);
        return err;
    }
    a->watches[fd] = *out = w;
    return 0;
}

static void free_watch(uv_handle_t *handle)
{
    free(container_of((uv_poll_t *)handle, struct watch, poll));
}

static void forget(struct io_async *a, int fd)
{
    if (fd < 0 || (size_t)fd >= a->watches_size || a->watches[fd] == NULL)
        return;
    uv_close((uv_handle_t *)&a->watches[fd]->poll, free_watch);
    a->watches[fd] = NULL;
}

void io_async_fd_forget_all(struct io_async *a)
{
    for (size_t fd = 0; fd < a->watches_size; fd++)
        forget(a, (int)fd);
    free(a->watches);
    a->watches = NULL;
    a->watches_size = 0;
}

/* Suspend the current task until fd is ready for `event`. */
static int wait_ready(struct watch *w, int event, uint64_t deadline_ns)
{
    struct task **waiter = event == UV_READABLE ? &w->reader : &w->writer;
    int err = *waiter != NULL ? -EBUSY : watch_events(w, w->events | event);

    if (err < 0)
        return err;
    *waiter = task_current();
    err = wait_suspend(deadline_ns);
    *waiter = NULL;
    return err;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

int io_async_socket(struct io *io, int domain, int type, int protocol)
{
    int fd = socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

    (void)io;
    return fd < 0 ? -errno : fd;
}

int io_async_connect(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                     uint64_t deadline_ns)
{
    struct watch *w;
    int err = watch_of((struct io_async *)io, fd, &w), pending;
    socklen_t pending_size = sizeof pending;

    if (err < 0)
        return err;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    if (connect(fd, addr, len) == 0)
        return 0;
    if (errno != EINPROGRESS && errno != EINTR)
        return -errno;
    err = wait_ready(w, UV_WRITABLE, deadline_ns);
    if (err < 0)
        return err;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &pending_size) < 0)
        return -errno;
    return -pending;
}

int io_async_accept(struct io *io, int fd, uint64_t deadline_ns)
{
    struct watch *w;
    int err = watch_of((struct io_async *)io, fd, &w);

    if (err < 0)
        return err;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    for (;;) {
        int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (conn >= 0)
            return conn;
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (!would_block())
            return -errno;
        err = wait_ready(w, UV_READABLE, deadline_ns);
        if (err < 0)
            return err;
    }
}

ssize_t io_async_read(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    struct watch *w;
    int err = watch_of((struct io_async *)io, fd, &w);

    if (err < 0)
        return err;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    for (;;) {
        ssize_t n = -1;

        if (!w->dry) {
            n = read(fd, buf, len);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0 && !would_block())
                return -errno;
        }
        if (n >= 0) {
            w->dry = n > 0 && (size_t)n < len;
            return n;
        }
        err = wait_ready(w, UV_READABLE, deadline_ns);
        if (err < 0)
            return err;
    }
}

static ssize_t write_now(int fd, const void *buf, size_t len)
{
    ssize_t n = send(fd, buf, len, MSG_NOSIGNAL);

    return n < 0 && errno == ENOTSOCK ? write_quietly(fd, buf, len) : n;
}

ssize_t io_async_write(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns)
{
    struct watch *w;
    int err = watch_of((struct io_async *)io, fd, &w);

    if (err < 0)
        return err;
    if (clock_is_late(deadline_ns))
        return -ETIMEDOUT;
    for (;;) {
        ssize_t n = write_now(fd, buf, len);

        if (n >= 0)
            return n;
        if (errno == EINTR)
            continue;
        if (!would_block())
            return -errno;
        err = wait_ready(w, UV_WRITABLE, deadline_ns);
        if (err < 0)
            return err;
    }
}

int io_async_close(struct io *io, int fd)
{
    forget((struct io_async *)io, fd);
    return close(fd) < 0 ? -errno : 0;
}
