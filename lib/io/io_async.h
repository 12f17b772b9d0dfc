/* io that suspends the calling task and leaves the wait to the libuv loop.
 *
 * Sleeps are timers of lib/async; sockets and pipes wait for readiness (uv_poll) and then use plain
 * non-blocking system calls in the task. What the page cache has of a file is read at once; all
 * else of files goes through libuv's thread pool (uv_fs), whose size is UV_THREADPOOL_SIZE, 4 by
 * default. HTTP requests are handles of one libcurl multi handle, whose
 * sockets the loop watches for it; libcurl runs on the loop's stack, never on a task's. */
#ifndef TVA_IO_IO_ASYNC_H
#define TVA_IO_IO_ASYNC_H

#include "async/loop.h"
#include "io/io.h"

/* Make one for `loop`. All its calls are on the loop's thread; destroy it before the loop. NULL
 * when out of memory. */
struct io *io_async_create(struct loop *loop);

#endif
