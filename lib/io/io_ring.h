/* io that suspends the calling task and leaves the wait to io_uring: one ring a loop.
 *
 * Sockets, pipes and files are requests to the kernel, which does the transfer as well as the wait.
 * A task's request goes into the submission queue, which is memory shared with the kernel. The loop
 * submits all requests of a pass by one system call, the same in which it sleeps, so that a wait
 * costs a share of one call. libuv's descriptor is polled through the ring; the sleep ends at the
 * loop's next timer. HTTP goes through libcurl and libuv as in io_async.
 *
 * The kernel uses a request's buffer until the request is complete. A canceled or late task
 * therefore cancels its request and outwaits it; a request that was complete by then returns its
 * result, and a cancellation is kept for the task's next wait. The buffer, and the request itself,
 * may be on the stack of a task only if that stack stays where it is: use task_create().
 *
 * Needs Linux 6.1, and a kernel that does not refuse io_uring to this process. */
#ifndef TVA_IO_IO_RING_H
#define TVA_IO_IO_RING_H

#include "async/loop.h"
#include "io/io.h"

/* Make one for `loop`, which sleeps in the ring from then on. All its calls are on the loop's
 * thread; destroy it before the loop. 0, or a negative errno with *err set, in one sentence that
 * says what to do: -EPERM, the kernel or a container forbids io_uring; -ENOSYS, there is none, or
 * tva was built without; -EINVAL, the kernel is too old; -ENOMEM; -EMFILE; -EBUSY, the loop has a
 * ring, or an io_async, of which it may have several after the ring. err may be NULL. */
int io_ring_create(struct loop *loop, struct io **out, struct err *err);

/* Would the kernel give this process a ring? 0, or an error as above; -ENOMEM after a tenth of a
 * second. Any thread. */
int io_ring_check(struct err *err);

#endif
