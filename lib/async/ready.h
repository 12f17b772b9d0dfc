/* What the loop is to run next: a queue of things that know how to run. Filled by this folder's
 * modules; outside of it only to be embedded. On the loop's thread. */
#ifndef TVA_ASYNC_READY_H
#define TVA_ASYNC_READY_H

#include <stddef.h>

/* Something to run in the loop's next turn. Invariant: in the queue at most once. */
struct ready {
    struct ready *next;
    void (*run)(struct ready *ready); /* NULL: it is a task's, which loop.c resumes itself */
};

struct ready_queue {
    struct ready *head, *tail; /* first in, first out; tail is meaningful while head != NULL */
};

static inline void ready_push(struct ready_queue *q, struct ready *r)
{
    r->next = NULL;
    if (q->head == NULL)
        q->head = r;
    else
        q->tail->next = r;
    q->tail = r;
}

static inline struct ready *ready_pop(struct ready_queue *q)
{
    struct ready *r = q->head;

    q->head = r->next;
    return r;
}

#endif
