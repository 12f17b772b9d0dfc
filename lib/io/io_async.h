/* io that suspends the calling task and leaves the wait to epoll and libuv.
 *
 * Sleeps are timers of lib/async; sockets and pipes wait for readiness and then use plain
 * non-blocking system calls in the task. The loop sleeps in an epoll of this io, which has the
 * descriptors that tasks have waited for, a timer and libuv's own descriptor. Close what tasks have
 * waited for by io_close(). What the page cache has of a file is read at once; all else of files
 * goes through libuv's thread pool (uv_fs), whose size is UV_THREADPOOL_SIZE, 4 by default. HTTP
 * requests are handles of one libcurl multi handle, whose sockets the loop watches for it; libcurl
 * runs on the loop's stack, never on a task's. */
#ifndef TVA_IO_IO_ASYNC_H
#define TVA_IO_IO_ASYNC_H

#include "async/loop.h"
#include "io/io.h"

/* Make one for `loop`. All its calls are on the loop's thread; destroy it before the loop. A loop
 * may have several: it sleeps in the first, or in its ring if that was first (io_ring.h), and libuv
 * watches the epolls of the others, whose waits cost some more calls. NULL when out of memory or
 * file descriptors. */
struct io *io_async_create(struct loop *loop);

#endif
