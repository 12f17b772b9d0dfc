/* Files of io_async: entries of its io_ops. Contracts: io/io.h. */
#ifndef TVA_IO_IO_ASYNC_FILE_H
#define TVA_IO_IO_ASYNC_FILE_H

#include "io/io_async_internal.h"

int io_async_open(struct io *io, const char *path, int flags, mode_t mode, uint64_t deadline_ns);
ssize_t io_async_pread(struct io *io, int fd, void *buf, size_t len, off_t offset,
                       uint64_t deadline_ns);
ssize_t io_async_pwrite(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                        uint64_t deadline_ns);
int io_async_fsync(struct io *io, int fd, uint64_t deadline_ns);

#endif
