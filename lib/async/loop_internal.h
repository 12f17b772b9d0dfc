/* The inside of the loop. For this folder. */
#ifndef TVA_ASYNC_LOOP_INTERNAL_H
#define TVA_ASYNC_LOOP_INTERNAL_H

#include "async/loop.h"
#include "async/stack.h"
#include "async/task_internal.h"

#include <pthread.h>

/* First in, first out. */
struct ready_queue {
    struct ready *head, *tail; /* tail is meaningful while head != NULL */
};

struct loop {
    uv_loop_t uv;
    struct ready_queue ready;
    struct timer_heap timers;
    struct list tasks; /* unfinished, in order of creation */
    struct stack_pool stacks;
    struct task *main;    /* that loop_run() waits for; NULL when it has ended */
    struct task *current; /* NULL while the loop itself runs */
    bool ending;          /* tasks made from now on are canceled before they start */
    uint64_t switches;
    bool poll_soon;               /* loop_poll_soon() was called in this turn */
    uint64_t slow_ns;             /* debug: report what holds the loop for longer; 0: off */
    struct thread_pool *executor; /* of loop_run_in_executor(); NULL until needed */

    int timer_fd; /* a timerfd: ends the sleep at the earliest deadline */
    uint64_t armed_ns;
    uv_poll_t timer_poll;
    uv_prepare_t before_sleep;

    uv_async_t remote; /* wakes the loop for other threads' calls */
    pthread_mutex_t remote_lock;
    struct ready_queue remote_ready; /* under remote_lock */
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

/* Schedule `t`, which must not be in the queue. */
static inline void loop_make_ready(struct task *t)
{
    t->state = TASK_READY;
    ready_push(&t->loop->ready, &t->ready);
}

#endif
