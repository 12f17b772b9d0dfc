#include "async/queue.h"

#include "async/wait.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One side of the queue: the tasks that wait to take items out, or to put them in. */
struct side {
    struct list line;
    size_t promised; /* items, or places, of tasks that were woken and have not run yet */
};

/* Invariant: while an item or a place is not promised, no task waits for one. So none can overtake.
 */
struct queue {
    void **ring; /* `count` items from `first` on, modulo capacity */
    size_t first, count, capacity, max_size;
    struct side getters, putters;
};

struct queue *queue_create(size_t max_size)
{
    struct queue *q = calloc(1, sizeof *q);

    if (q == NULL)
        return NULL;
    q->max_size = max_size ? max_size : SIZE_MAX;
    list_init(&q->getters.line);
    list_init(&q->putters.line);
    return q;
}

void queue_destroy(struct queue *q)
{
    if (q != NULL)
        free(q->ring);
    free(q);
}

static int grow(struct queue *q)
{
    size_t capacity = q->capacity ? q->capacity * 2 : 16, tail;
    void **ring = realloc(q->ring, capacity * sizeof *ring);

    if (ring == NULL)
        return -ENOMEM;
    /* move what had wrapped around behind what had not */
    tail = q->capacity - q->first;
    if (q->count > tail)
        memcpy(ring + q->capacity, ring, (q->count - tail) * sizeof *ring);
    q->ring = ring;
    q->capacity = capacity;
    return 0;
}

/* One more item, or place, is free: promise it to the first in line, if there is one. */
static void offer(struct side *side)
{
    if (wait_list_wake_first(&side->line))
        side->promised++;
}

/* Get an item or a place, of which `available` exist, promised ones included; wait in line when all
 * are promised. */
static int obtain(struct side *side, size_t available, uint64_t deadline_ns)
{
    bool woken;
    int err;

    if (available > side->promised)
        return 0;
    err = wait_list_suspend(&side->line, deadline_ns, &woken);
    if (woken)
        side->promised--;
    if (woken && err < 0)
        offer(side); /* the next in line goes instead */
    return err;
}

int queue_put(struct queue *q, void *item, uint64_t deadline_ns)
{
    int err = obtain(&q->putters, q->max_size - q->count, deadline_ns);

    if (err < 0)
        return err;
    if (q->count == q->capacity && grow(q) < 0) {
        offer(&q->putters);
        return -ENOMEM;
    }
    q->ring[(q->first + q->count++) % q->capacity] = item;
    offer(&q->getters);
    return 0;
}

int queue_get(struct queue *q, void **item, uint64_t deadline_ns)
{
    int err = obtain(&q->getters, q->count, deadline_ns);

    if (err < 0)
        return err;
    *item = q->ring[q->first];
    q->first = (q->first + 1) % q->capacity;
    q->count--;
    offer(&q->putters);
    return 0;
}

size_t queue_size(const struct queue *q)
{
    return q->count;
}
