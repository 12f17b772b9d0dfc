/* Queues between tasks (asyncio.Queue): first in, first out, of pointers that the queue does not
 * own. On the loop's thread. */
#ifndef TVA_ASYNC_QUEUE_H
#define TVA_ASYNC_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct queue;

/* Make one that holds at most max_size items; 0: as many as memory holds. NULL when out of memory.
 */
struct queue *queue_create(size_t max_size);

/* Free it; items in it are dropped, not freed. No task may wait on it. NULL is allowed. */
void queue_destroy(struct queue *q);

/* Append an item, waiting in line while the queue is full; does not yield otherwise. From a task.
 * 0, or -ETIMEDOUT, -ECANCELED or -ENOMEM: then the item was not taken. With a deadline in the past
 * the call does not wait for room (asyncio: put_nowait), but lets others run when there is none. */
int queue_put(struct queue *q, void *item, uint64_t deadline_ns);

/* Take the oldest item into *item, waiting in line while there is none for the caller; does not
 * yield otherwise. First come, first served: an item on its way to a task that is canceled goes to
 * the next in line. From a task. 0, -ETIMEDOUT or -ECANCELED, or -ENOMEM; deadlines as for
 * queue_put() (asyncio: get_nowait). */
int queue_get(struct queue *q, void **item, uint64_t deadline_ns);

/* How many items are in it (asyncio: qsize), those on their way to a woken task included. */
size_t queue_size(const struct queue *q);

#endif
