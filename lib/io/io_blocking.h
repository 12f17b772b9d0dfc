/* io by plain blocking system calls: each call blocks the OS thread that makes it.
 *
 * What a call costs: without a deadline, exactly one system call for everything on files and
 * sockets (sleep, open, socket, connect, accept, read, write, pread, pwrite, fsync, close). A
 * deadline on a socket or pipe puts a ppoll in front, and two fcntl on both sides of a connect. A
 * write to a pipe needs a few more, to keep SIGPIPE away: only sockets can be told not to raise it.
 * Signals never cut an operation short. A descriptor that somebody made non-blocking is waited for
 * with ppoll. HTTP requests are libcurl's easy interface, each on a handle of its own that no other
 * request uses meanwhile; handles, with their connection, wait in a pool for the next one. A
 * request takes up to 100 KiB of the caller's stack, and a handle two descriptors beside its
 * connection. */
#ifndef TVA_IO_IO_BLOCKING_H
#define TVA_IO_IO_BLOCKING_H

#include "io/io.h"

/* Make one; any number of threads may share it. NULL when out of memory.
 * Where deadlines are used, at most one thread at a time may accept on, read from and write to a
 * descriptor: of several that ppoll let through, one could take what another then waits for. */
struct io *io_blocking_create(void);

#endif
