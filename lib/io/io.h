/* Where a job waits: the interface between a job and the world.
 *
 * A job is written once against `struct io` and runs under every model; only the meaning of waiting
 * changes with the backend:
 *   io_blocking  every call is a plain system call that blocks the calling OS thread
 *   io_async     every wait suspends the calling task; the libuv loop ends it
 *   io_ring      the same, but the kernel does the whole operation through io_uring
 * The contract suite, tests/test_io_contract*.c, holds all to this interface, and a fake in
 * tests/support that injects faults.
 *
 * Rules for all. Results are >= 0, errors negative errno. deadline_ns is absolute (base/clock.h);
 * NO_DEADLINE waits for ever. An operation that would wait past its deadline returns -ETIMEDOUT;
 * one that starts after it returns -ETIMEDOUT and does nothing. The kernel cannot cut file
 * operations short, so for these the deadline only keeps late ones from starting. read and write
 * are for sockets and pipes, pread and pwrite for files. Descriptors come from open, socket or
 * accept of the same io, or from elsewhere (then a backend may set O_NONBLOCK), and are closed
 * through the io that used them, but for those of io_wait_fd(). One that io_open() made and
 * close(2) closed may read and write the old file when its number is in use again: io_ring keeps
 * that file. HTTP goes through libcurl in all backends; io/http_direct.h is HTTP by hand over this
 * interface. Threads: all may share one io_blocking; an io_async or io_ring is for the tasks of its
 * loop, with one reader and one writer for a descriptor at a time.
 */
#ifndef TVA_IO_IO_H
#define TVA_IO_IO_H

#include "base/clock.h"
#include "base/err.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct io;

/* A GET. */
struct io_http_request {
    const char *url;    /* http[s]://HOST[:PORT]/PATH?QUERY; what io/http_url.h allows */
    const char *header; /* the response header to return; NULL: none */
    bool close;         /* use a connection for this request alone; else use an idle one, keep it */
    bool remote;        /* the host may be another machine */
    const char *ca;     /* https: the file of certificates by which the server's is checked, the
                         * same for all requests of a URL; NULL: those of the system */
};

struct io_http_response {
    int status; /* 200, 404, ...: with any of them the operation has succeeded */
    uint64_t body_bytes;
    uint64_t checksum; /* of the body (hash_stream, seed 0), whatever pieces it came in */
    char header[32];   /* value of the requested header, cut at this size; "" without it */
    bool reused;       /* an earlier request had opened the connection */
};

struct io_ops {
    const char *name;
    bool suspends; /* a wait suspends the calling task; else it blocks the thread */
    bool lends;    /* the kernel uses the caller's stack and buffer while it waits, sockets' too */
    uint64_t (*now)(struct io *io);
    int (*sleep_until)(struct io *io, uint64_t deadline_ns);
    int (*open)(struct io *io, const char *path, int flags, mode_t mode, uint64_t deadline_ns);
    int (*socket)(struct io *io, int domain, int type, int protocol);
    int (*connect)(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                   uint64_t deadline_ns);
    int (*accept)(struct io *io, int fd, uint64_t deadline_ns);
    ssize_t (*read)(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns);
    ssize_t (*write)(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns);
    ssize_t (*pread)(struct io *io, int fd, void *buf, size_t len, off_t offset,
                     uint64_t deadline_ns);
    ssize_t (*pwrite)(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                      uint64_t deadline_ns);
    int (*fsync)(struct io *io, int fd, uint64_t deadline_ns);
    int (*wait_fd)(struct io *io, int fd, short events, uint64_t deadline_ns);
    int (*close)(struct io *io, int fd);
    int (*http_open)(struct io *io, struct err *err);
    int (*http_get)(struct io *io, const struct io_http_request *request,
                    struct io_http_response *response, uint64_t deadline_ns);
    void (*destroy)(struct io *io);
};

/* The head of every backend's own struct. */
struct io {
    const struct io_ops *ops;
    uint64_t *resent; /* io_count_resent() adds to it, atomically; its owner may set it while no
                       * connection is open. NULL: nothing is counted */
};

/* The time on this io's clock, in ns. */
static inline uint64_t io_now(struct io *io)
{
    return io->ops->now(io);
}

/* Wait until deadline_ns or later. 0, or earlier -ECANCELED, or -ENOMEM in a parkable task. */
static inline int io_sleep_until(struct io *io, uint64_t deadline_ns)
{
    return io->ops->sleep_until(io, deadline_ns);
}

/* Wait for at least span_ns; as above. */
static inline int io_sleep(struct io *io, uint64_t span_ns)
{
    return io->ops->sleep_until(io, clock_add_ns(io->ops->now(io), span_ns));
}

/* open(2) with O_CLOEXEC: a descriptor. */
static inline int io_open(struct io *io, const char *path, int flags, mode_t mode,
                          uint64_t deadline_ns)
{
    return io->ops->open(io, path, flags, mode, deadline_ns);
}

/* socket(2) with SOCK_CLOEXEC, in the blocking mode that the backend needs: a descriptor. */
static inline int io_socket(struct io *io, int domain, int type, int protocol)
{
    return io->ops->socket(io, domain, type, protocol);
}

/* connect(2): 0 once connected. After an error the socket can only be closed. */
static inline int io_connect(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                             uint64_t deadline_ns)
{
    return io->ops->connect(io, fd, addr, len, deadline_ns);
}

/* accept4(2) with SOCK_CLOEXEC on a listening socket: the connection's descriptor. */
static inline int io_accept(struct io *io, int fd, uint64_t deadline_ns)
{
    return io->ops->accept(io, fd, deadline_ns);
}

/* read(2): waits for at least one byte, and takes at most len of those that are there. How many; 0
 * at the end of the stream. */
static inline ssize_t io_read(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    return io->ops->read(io, fd, buf, len, deadline_ns);
}

/* write(2) without SIGPIPE: waits until the kernel has taken at least one byte. How many it took.
 */
static inline ssize_t io_write(struct io *io, int fd, const void *buf, size_t len,
                               uint64_t deadline_ns)
{
    return io->ops->write(io, fd, buf, len, deadline_ns);
}

/* pread(2): may be short; 0 at the end of the file. */
static inline ssize_t io_pread(struct io *io, int fd, void *buf, size_t len, off_t offset,
                               uint64_t deadline_ns)
{
    return io->ops->pread(io, fd, buf, len, offset, deadline_ns);
}

/* pwrite(2): may be short. */
static inline ssize_t io_pwrite(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                                uint64_t deadline_ns)
{
    return io->ops->pwrite(io, fd, buf, len, offset, deadline_ns);
}

/* fsync(2). */
static inline int io_fsync(struct io *io, int fd, uint64_t deadline_ns)
{
    return io->ops->fsync(io, fd, deadline_ns);
}

/* Wait until fd is ready for one of `events`, POLLIN, POLLOUT or both, or has an error or a
 * hang-up, which end every wait. For libraries with a descriptor of their own: the job waits, the
 * library reads and writes. fd may be any that poll(2) takes, so a regular file is ready at once;
 * it may come from elsewhere, with O_NONBLOCK or without, and be closed elsewhere when no wait is
 * in progress. Returns what holds: of POLLIN and POLLOUT those that were asked for, POLLERR,
 * POLLHUP, as poll(2) says. Or -EINVAL, other events or none; -EBADF; -EBUSY, another task of
 * io_async or io_ring waits in the same direction (threads may all wait, and all go on);
 * -ETIMEDOUT; -ECANCELED; -ENOMEM. */
static inline int io_wait_fd(struct io *io, int fd, short events, uint64_t deadline_ns)
{
    if (events == 0 || events & ~(POLLIN | POLLOUT))
        return -EINVAL;
    return io->ops->wait_fd(io, fd, events, deadline_ns);
}

/* close(2), after io_count_resent(). No wait may be in progress on fd, which would not be woken:
 * io_async and io_ring return -EBUSY then, and fd stays open. 0, or -EBADF. */
int io_close(struct io *io, int fd);

/* Add the segments that TCP has sent again on the connection fd to *io->resent; SYNs count. For a
 * library that closes its connections itself: call it once for each, just before. Nothing happens
 * where fd is no TCP socket, and where nothing is counted. Any thread. */
void io_count_resent(struct io *io, int fd);

/* Make this io ready for io_http_get(): loads libcurl into the process where it is not loaded yet,
 * some 20 ms. 0 also when it is ready already; or a negative errno with *err set: -ENOENT, -ELIBACC
 * or -ELIBBAD, where the module that has libcurl is missing or does not fit (base/module.h);
 * -ENOMEM. From one thread, before any request. */
static inline int io_http_open(struct io *io, struct err *err)
{
    return io->ops->http_open(io, err);
}

/* GET a URL over HTTP/1.1, without following redirects, and read the whole body. A request uses an
 * idle connection and opens one when there is none; connections are kept until io_destroy(). 0 with
 * *response filled in, or:
 *   -ENOTCONN        io_http_open() was not called
 *   -EINVAL          the URL is malformed
 *   -EPROTONOSUPPORT it is not an http:// or https:// one
 *   -EHOSTUNREACH    its host is another machine and not allowed, is not known, or has no route
 *   -ECONNREFUSED    no server listens there
 *   -ECONNRESET      the connection broke, before the answer or within it
 *   -EBADMSG         the server closed the connection before the end of the body
 *   -EPROTO          the answer is not HTTP
 *   -EMSGSIZE        its head is larger than the client holds
 *   -EKEYREJECTED    the server's certificate is not trusted, or is for another name
 *   -ENODATA         there are no certificates by which it could be checked
 *   -ENOKEY          client and server did not agree on how to encrypt
 *   -ETIMEDOUT       the answer was not complete by the deadline
 *   -ECANCELED, and what socket(2) and connect(2) say: -EMFILE, -EADDRNOTAVAIL, ... */
static inline int io_http_get(struct io *io, const struct io_http_request *request,
                              struct io_http_response *response, uint64_t deadline_ns)
{
    return io->ops->http_get(io, request, response, deadline_ns);
}

/* Free the backend; descriptors opened through it and not closed stay open. NULL is allowed. */
void io_destroy(struct io *io);

/* Read len bytes; fewer only at the end of the stream. Bytes read, or an error. */
ssize_t io_read_full(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns);

/* Write all of it. len, or an error. */
ssize_t io_write_full(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns);

/* Read len bytes at offset; fewer only at the end of the file. */
ssize_t io_pread_full(struct io *io, int fd, void *buf, size_t len, off_t offset,
                      uint64_t deadline_ns);

/* Write all of it at offset. len, or an error. */
ssize_t io_pwrite_full(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                       uint64_t deadline_ns);

/* For the backends. write(2), errno included, without SIGPIPE, for pipes, where MSG_NOSIGNAL does
 * not exist. It blocks the signal for this thread meanwhile, and removes the one that this write
 * caused. Any thread. */
ssize_t io_write_quietly(int fd, const void *buf, size_t len);

#endif
