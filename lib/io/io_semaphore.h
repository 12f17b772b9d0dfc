/* A resource that jobs share, such as the K connections of a pool: at most so many hold it at once.
 *
 * One semaphore is for all jobs of a process. A job that has to wait blocks its thread or suspends
 * its task, as its io does, so tasks of several loops and threads may wait for the same permits.
 * They get them in the order in which they came. The struct and all calls are for any thread. */
#ifndef TVA_IO_IO_SEMAPHORE_H
#define TVA_IO_IO_SEMAPHORE_H

#include "io/io.h"

struct io_semaphore;

/* Make one with `permits` permits. NULL when out of memory. */
struct io_semaphore *io_semaphore_create(unsigned permits);

/* Take a permit, waiting in line while none is left; `io` is that of the job. 0, or -ETIMEDOUT,
 * -ECANCELED or -ENOMEM: then none was taken. */
int io_semaphore_acquire(struct io_semaphore *s, struct io *io, uint64_t deadline_ns);

/* Give a permit back: to the first in line, if there is one. It need not be the one who took it. */
void io_semaphore_release(struct io_semaphore *s);

/* Free it. Nobody may wait. NULL is allowed. */
void io_semaphore_destroy(struct io_semaphore *s);

#endif
