/* The inside of loop and task, shared by loop.c, task.c, wait.c and future.c. */
#ifndef TVA_ASYNC_LOOP_INTERNAL_H
#define TVA_ASYNC_LOOP_INTERNAL_H

#include "async/fiber.h"
#include "async/loop.h"
#include "async/ready.h"
#include "async/stack.h"
#include "async/timer.h"
#include "base/list.h"

#include <pthread.h>

enum task_state {
    TASK_READY,       /* in the ready queue, or running */
    TASK_SUSPENDED,   /* waits; a wake, its timer or a cancellation makes it ready */
    TASK_UNCANCELABLE /* waits; only a wake makes it ready */
};

struct task {
    struct future future; /* first: a task is a future */
    struct ready ready;
    struct list all;               /* in loop->tasks while unfinished */
    struct future_watcher watcher; /* its link is in the list that the task waits in */
    struct task *awaited;          /* the task it waits for, to which a cancellation goes on */
    struct timer timer;            /* of the wait in progress */
    struct fiber fiber;            /* meaningful once started */
    struct coro *coro;             /* NULL once started */
    struct loop *loop;
    const char *name;
    int wake_value;
    unsigned char state; /* enum task_state */
    bool started;
    bool cancel_requested; /* not yet delivered */
    bool wait_canceled;    /* its last wait ended by a cancellation */
    unsigned holds;        /* who still looks at it: its creator, callbacks that are due */
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
    bool poll_soon;               /* asked for by loop_poll_soon() in this turn */
    uint64_t slow_ns;             /* debug: report whoever holds the loop longer; 0: do not look */
    struct thread_pool *executor; /* of run_in_executor; NULL until it is needed */

    int timer_fd; /* fires at armed_ns, the earliest deadline when the loop last went to sleep */
    uint64_t armed_ns;
    uv_poll_t timer_poll;
    uv_prepare_t before_sleep;

    uv_async_t remote; /* other threads' call_soon */
    pthread_mutex_t remote_lock;
    struct ready_queue remote_ready; /* under remote_lock */
};

/* Free a finished task that nobody holds; says so when its error was never looked at. */
void task_free(struct task *t);

/* Hold it once more; task_release() gives the hold up. */
static inline void task_hold(struct task *t)
{
    t->holds++;
}

/* task_cancel(), said by `caller`, the current task, which will wait for t's end: where t waits for
 * the caller, the cancellation is not passed on to it, since then neither would end. */
void task_cancel_from(struct task *caller, struct task *t);

/* A callback of a done future that will not be called any more: its loop goes. */
void done_callback_drop(struct ready *ready);

/* Debug mode's variants of a step and of uv_run(): they report who held the loop too long. */
void loop_debug_step(struct loop *loop, struct ready *r);
void loop_debug_poll(struct loop *loop, uv_run_mode mode);

/* Schedule `t`, which must not be in the queue. */
static inline void loop_make_ready(struct task *t)
{
    t->state = TASK_READY;
    ready_push(&t->loop->ready, &t->ready);
}

#endif
