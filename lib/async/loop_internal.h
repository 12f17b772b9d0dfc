/* The inside of loop and task, shared by loop.c, task.c, wait.c and future.c. */
#ifndef TVA_ASYNC_LOOP_INTERNAL_H
#define TVA_ASYNC_LOOP_INTERNAL_H

#include "async/fiber.h"
#include "async/loop.h"
#include "async/stack.h"
#include "async/timer.h"
#include "base/list.h"

#include <pthread.h>

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

enum task_state {
    TASK_READY,       /* in the ready queue, or running */
    TASK_SUSPENDED,   /* waits; a wake, its timer or a cancellation makes it ready */
    TASK_UNCANCELABLE /* waits; only a wake makes it ready */
};

struct task {
    struct future future; /* first: a task is a future */
    struct ready ready;
    struct list all;       /* in loop->tasks while unfinished */
    struct list wait_link; /* in the waiters of the future it waits on */
    struct timer timer;    /* of the wait in progress */
    struct fiber fiber;    /* meaningful once started */
    struct coro *coro;     /* NULL once started */
    struct loop *loop;
    const char *name;
    int wake_value;
    unsigned char state; /* enum task_state */
    bool started;
    bool cancel_requested; /* not yet delivered */
    bool wait_canceled;    /* its last wait ended by a cancellation */
    bool held;             /* the creator has not released it */
};

struct loop {
    uv_loop_t uv;
    struct ready_queue ready;
    struct timer_heap timers;
    struct list tasks; /* unfinished, in order of creation */
    struct stack_pool stacks;
    struct task *main;    /* what loop_run was called for; NULL when it has ended */
    struct task *current; /* NULL while the loop itself runs */
    uint64_t switches;

    int timer_fd; /* fires at armed_ns, the earliest deadline when the loop last went to sleep */
    uint64_t armed_ns;
    uv_poll_t timer_poll;
    uv_prepare_t before_sleep;

    uv_async_t remote; /* other threads' call_soon */
    pthread_mutex_t remote_lock;
    struct ready_queue remote_ready; /* under remote_lock */
};

/* Schedule `t`, which must not be in the queue. */
static inline void loop_make_ready(struct task *t)
{
    t->state = TASK_READY;
    ready_push(&t->loop->ready, &t->ready);
}

#endif
