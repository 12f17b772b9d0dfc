#include "async/queue.h"

#include "async/wait_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct queue {
    void **ring; /* `count` items from `first` on, modulo capacity */
    size_t first, count, capacity, max_size;
    struct list getters; /* each was promised nothing: it looks again when woken */
    struct list putters;
};

struct queue *queue_create(size_t max_size)
{
    struct queue *q = calloc(1, sizeof *q);

    if (q == NULL)
        return NULL;
    q->max_size = max_size ? max_size : SIZE_MAX;
    list_init(&q->getters);
    list_init(&q->putters);
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
    /* what had wrapped around moves behind what had not */
    tail = q->capacity - q->first;
    if (q->count > tail)
        memcpy(ring + q->capacity, ring, (q->count - tail) * sizeof *ring);
    q->ring = ring;
    q->capacity = capacity;
    return 0;
}

/* Wait in line until woken. One that was woken and cannot go on lets the next in line go instead.
 */
static int wait_in(struct list *line, uint64_t deadline_ns)
{
    bool woken;
    int err = wait_list_suspend(line, deadline_ns, &woken);

    if (err < 0 && woken)
        wait_list_wake_first(line);
    return err;
}

int queue_put(struct queue *q, void *item, uint64_t deadline_ns)
{
    int err = 0;

    while (q->count == q->max_size && err == 0)
        err = wait_in(&q->putters, deadline_ns);
    if (err == 0 && q->count == q->capacity)
        err = grow(q);
    if (err < 0)
        return err;
    q->ring[(q->first + q->count++) % q->capacity] = item;
    wait_list_wake_first(&q->getters);
    return 0;
}

int queue_get(struct queue *q, void **item, uint64_t deadline_ns)
{
    int err = 0;

    while (q->count == 0 && err == 0)
        err = wait_in(&q->getters, deadline_ns);
    if (err < 0)
        return err;
    *item = q->ring[q->first];
    q->first = (q->first + 1) % q->capacity;
    q->count--;
    wait_list_wake_first(&q->putters);
    return 0;
}

size_t queue_size(const struct queue *q)
{
    return q->count;
}
