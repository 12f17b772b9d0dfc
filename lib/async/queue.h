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

/* Append an item, waiting while the queue is full; does not yield otherwise. From a task. 0,
 * -ETIMEDOUT, -ECANCELED or -ENOMEM: then the item was not taken. */
int queue_put(struct queue *q, void *item, uint64_t deadline_ns);

/* Take the oldest item into *item, waiting while the queue is empty; does not yield otherwise. From
 * a task. 0, -ETIMEDOUT or -ECANCELED. */
int queue_get(struct queue *q, void **item, uint64_t deadline_ns);

/* How many items are in it (asyncio: qsize). */
size_t queue_size(const struct queue *q);

#endif
