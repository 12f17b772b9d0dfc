/* A pool of OS threads that take work items from one queue (Python: ThreadPoolExecutor).
 *
 * thread_pool_submit() may be called from any thread; create and destroy from one. */
#ifndef TVA_ASYNC_THREAD_POOL_H
#define TVA_ASYNC_THREAD_POOL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct thread_pool;

/* One piece of work. The storage is the caller's, and must stay until fn begins. */
struct work {
    struct work *next;                              /* the pool's, while queued */
    void (*fn)(struct work *work, unsigned thread); /* thread: 0 .. size - 1, which runs it */
};

/* How many cores this process may use; 1 where that is not known. */
unsigned thread_pool_cores(void);

/* Python's default number of threads: min(32, cores + 4), of the cores that this process may use.
 * Source: CPython, concurrent.futures.ThreadPoolExecutor since 3.8. */
unsigned thread_pool_default_size(void);

/* Start `threads` threads (1..), each with a stack of stack_size bytes (0: the system's default).
 * 0, or a negative errno with *err (may be NULL) set to the limit that was met. */
int thread_pool_create(unsigned threads, size_t stack_size, struct thread_pool **out,
                       struct err *err);

/* Append the work to the queue: first in, first out. Never fails. */
void thread_pool_submit(struct thread_pool *pool, struct work *work);

/* The same for `n` pieces, which are linked by `next` from first to last: one lock, and no more
 * threads are woken than are idle. */
void thread_pool_submit_all(struct thread_pool *pool, struct work *first, struct work *last,
                            size_t n);

/* Take queued work back: true when it was still in the queue, and will not run. Any thread; takes
 * time in proportion to the queue. */
bool thread_pool_cancel(struct thread_pool *pool, struct work *work);

/* Let the queue run empty, end the threads and free the pool. NULL is allowed. */
void thread_pool_destroy(struct thread_pool *pool);

#endif
