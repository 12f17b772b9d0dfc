/* Sockets and pipes of io_async: entries of its io_ops. Contracts: io/io.h. */
#ifndef TVA_IO_IO_ASYNC_FD_H
#define TVA_IO_IO_ASYNC_FD_H

#include "io/io_async_internal.h"

int io_async_socket(struct io *io, int domain, int type, int protocol);
int io_async_connect(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                     uint64_t deadline_ns);
int io_async_accept(struct io *io, int fd, uint64_t deadline_ns);
ssize_t io_async_read(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns);
ssize_t io_async_write(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns);
int io_async_close(struct io *io, int fd);

/* Stop watching every descriptor; the descriptors stay open. */
void io_async_fd_forget_all(struct io_async *a);

#endif
