/* io by plain blocking system calls: each call blocks the OS thread that makes it.
 *
 * Cost: without a deadline, one system call for each operation on files and sockets (sleep, open,
 * socket, connect, accept, read, write, pread, pwrite, fsync, close). A deadline on a socket or
 * pipe puts a ppoll in front, and two fcntl around a connect. A write to a pipe needs a few more,
 * to avoid SIGPIPE; on sockets a flag does that. Signals never cut an operation short. On a
 * non-blocking descriptor an operation waits with ppoll. A close asks TCP first how much it sent
 * again, where that is counted. HTTP requests use libcurl's easy
 * interface, each on a handle of its own; handles, with their connection, wait in a pool for the
 * next request. A request takes up to 100 KiB of the caller's stack, and a handle two descriptors
 * beside its connection. */
#ifndef TVA_IO_IO_BLOCKING_H
#define TVA_IO_IO_BLOCKING_H

#include "io/io.h"

/* Make one; any number of threads may share it. NULL when out of memory. Operations with deadlines:
 * at most one thread at a time may accept on, read from and write to a descriptor, because of
 * several threads that ppoll lets through one could take what another then waits for. */
struct io *io_blocking_create(void);

#endif
