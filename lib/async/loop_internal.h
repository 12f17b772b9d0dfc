/* The inside of coroutines, futures, tasks and the loop. For this folder. */
#ifndef TVA_ASYNC_LOOP_INTERNAL_H
#define TVA_ASYNC_LOOP_INTERNAL_H

#include "async/fiber.h"
#include "async/home.h"
#include "async/loop.h"
#include "async/slab.h"
#include "async/stack.h"
#include "async/timer.h"
#include "async/watchdog.h"

#include <errno.h>
#include <pthread.h>

struct coro {
    struct awaitable awaitable;
    const char *name;
    bool awaited; /* fn was called, or a task will call it; stays true */
    bool owned;   /* its memory is a task now; then `awaited`, too */
    bool in_slab; /* else malloc() made it: no loop was running */
};

enum task_state {
    TASK_READY,       /* 0: in the ready queue, or running */
    TASK_SUSPENDED,   /* waits; a wake, its timer or a cancellation makes it ready */
    TASK_UNCANCELABLE /* waits; only a wake makes it ready */
};

/* What is the same for every new task, but for two of them. */
struct task_flags {
    unsigned holds;      /* users of the struct: its creator, callbacks that are due */
    unsigned char state; /* enum task_state */
    bool parkable;
    bool away;             /* parked: its bytes are not on its home */
    bool shares;           /* while it is not away: its home has other tasks, too */
    bool cancel_requested; /* not yet delivered */
    bool wait_canceled;    /* its last wait ended by a cancellation */
    bool ending;           /* the loop's end has canceled it */
};

/* A coroutine object has the memory of a task: one allocation for both, and none that could fail
 * when it becomes one. Until then all but `coro` and the fiber's entry is undefined. */
struct task {
    struct future future; /* first: a task is a future */
    struct ready ready;
    struct task_flags flags;
    int wake_value;
    struct list all;        /* in loop->tasks while unfinished */
    struct parking parking; /* meaningful once it has started, as `fiber` */
    struct task *awaited;   /* the task that this one waits for: gets its cancellations */
    struct coro coro;
    struct fiber fiber;
    struct future_watcher watcher; /* of the wait in progress; its link is in a list then */
    struct timer timer;            /* of the wait in progress, if that has a deadline */
};

/* What `ready.run` of a task is at first, and while it has suspended with other rounding modes than
 * its loop's. */
void task_start(struct ready *ready);
void task_resume_modes(struct ready *ready);

/* Where a task's stack begins. */
fiber_begin task_begin;

/* The coroutine behind an awaitable; NULL when it is something else or NULL. */
struct coro *coro_from_awaitable(struct awaitable *a);

/* The await() of futures and tasks. */
int future_await_op(struct awaitable *a);

static inline bool future_is(const struct awaitable *a)
{
    return a->await == future_await_op;
}

/* future_init() also for the future that a task is. */
static inline void future_set_up(struct future *f, bool is_task)
{
    f->awaitable.await = future_await_op;
    list_init(&f->watchers);
    f->result = 0;
    f->done = f->retrieved = false;
    f->is_task = is_task;
}

/* It is done: tell those that watch it. */
void future_tell(struct future *f);

/* future_set_result() or future_set_error(). */
static inline int future_finish(struct future *f, int result)
{
    if (f->done)
        return -EALREADY;
    f->done = true;
    f->result = result;
    if (!list_empty(&f->watchers))
        future_tell(f);
    return 0;
}

/* future_await_until() that does not pass a cancellation of the waiting task on to `f`. */
int future_await_shielded(struct future *f, uint64_t deadline_ns);

/* The loop goes, and will not call this callback of a done future: give up its hold. */
void done_callback_drop(struct ready *ready);

/* Give the memory of a task or coroutine back. */
void task_free_memory(struct task *t);

/* Free a finished task without holds. A warning names one whose error was never asked for. */
void task_free(struct task *t);

/* Hold it once more; task_release() gives the hold up. */
static inline void task_hold(struct task *t)
{
    t->flags.holds++;
}

/* task_cancel() by `caller`, the current task, which then waits for the end of `t`. If `t` waits
 * for the caller, `t` keeps the cancellation: passed on to the caller, it would end neither. */
void task_cancel_from(struct task *caller, struct task *t);

/* First in, first out. */
struct ready_queue {
    struct ready *head, **tail; /* where the next one goes */
};

struct loop {
    /* What each switch needs. */
    struct ready_queue ready;
    struct ready pass_end;        /* in `ready` during a pass, behind what belongs to it */
    struct task *current;         /* NULL while the loop itself runs */
    void *context;                /* of the loop, while a task runs */
    uint64_t steps;               /* made: of tasks, and callbacks called */
    uint64_t direct_until;        /* of them, one task may hand on to the next: task_next() */
    struct fiber_control control; /* its thread's rounding modes */
    struct list tasks;            /* unfinished, in order of creation */
    struct slab_pool *slabs;
    struct task *main; /* that loop_run() waits for; NULL when it has ended */
    bool pass_is_last; /* something is to be done when this pass ends */
    bool ending;       /* tasks made from now on are canceled before they start */

    uv_loop_t uv;
    struct timer_wheel timers;
    struct stack_pool stacks;
    struct homes homes;
    bool park_all;                /* tests */
    uint64_t not_switches;        /* so many of `steps` were callbacks or ran no task */
    unsigned clock_steps;         /* so many steps between two looks at the clock */
    uint64_t look_at;             /* the clock, after so many in all */
    unsigned single_steps;        /* short ones in a row that the loop looks at one by one yet */
    bool seemed_long;             /* steps, when several were looked at last, or one since then */
    uint64_t clock_ns;            /* what the last one said */
    bool poll_soon;               /* loop_poll_soon() was called in this turn */
    uint64_t slow_ns;             /* debug: report what holds the loop for longer; 0: off */
    struct watchdog *watchdog;    /* debug: of the thread that runs the loop; or NULL */
    struct thread_pool *executor; /* of loop_run_in_executor(); NULL until needed */
    struct {
        struct thread_pool *pool;
        struct work *first, *last;
        size_t n;
    } handover; /* work of this pass, for one pool */

    struct loop_poller *poller; /* that sleeps instead of libuv; NULL: none */

    int timer_fd; /* a timerfd: ends the sleep at the earliest deadline */
    uint64_t armed_ns;
    uv_poll_t timer_poll;
    uv_prepare_t before_sleep;

    uv_async_t remote; /* wakes the loop for other threads' calls */
    pthread_mutex_t remote_lock;
    struct ready_queue remote_ready; /* under remote_lock */
};

/* The loop that runs on this thread: the one piece of state that no argument leads to, as in
 * asyncio, so that direct-style code need not pass the loop along. */
extern _Thread_local struct loop *loop_of_thread;

/* task_current() without a call. */
static inline struct task *task_running(void)
{
    return loop_of_thread != NULL ? loop_of_thread->current : NULL;
}

/* Memory of the loop that runs on this thread; NULL when none does. */
static inline struct slab_pool *loop_slabs(void)
{
    return loop_of_thread != NULL ? loop_of_thread->slabs : NULL;
}

/* Put it into the loop's queue and wake the loop if need be. From any thread. */
void loop_push_remote(struct loop *loop, struct ready *ready);

/* The running task is about to suspend: 0, or -ENOMEM when it is parkable and there is no memory to
 * park it. */
static inline int task_secure(struct task *t)
{
    return t->flags.shares ? home_secure(&loop_of_thread->homes, t, 0) : 0;
}

/* The running task is going to wait for others in any case: see now that it can. */
static inline int task_secure_waits(struct task *t)
{
    return t->parking.home != NULL ? home_secure(&loop_of_thread->homes, t, HOME_SPARE_BYTES) : 0;
}

static inline void ready_init(struct ready_queue *q)
{
    q->head = NULL;
    q->tail = &q->head;
}

static inline void ready_push(struct ready_queue *q, struct ready *r)
{
    r->next = NULL;
    *q->tail = r;
    q->tail = &r->next;
}

/* Take the first of more than one out. */
static inline void ready_drop(struct ready_queue *q)
{
    q->head = q->head->next;
}

static inline struct ready *ready_pop(struct ready_queue *q)
{
    struct ready *r = q->head;

    ready_drop(q);
    if (q->head == NULL)
        q->tail = &q->head;
    return r;
}

/* Schedule `t`, which must not be in the queue. */
static inline void loop_make_ready(struct task *t)
{
    t->flags.state = TASK_READY;
    ready_push(&loop_of_thread->ready, &t->ready);
}

/* The running task `t` stops here: what the loop would run next, if the task may go on with that
 * straight away; else the end of the pass. A task leaves to the loop each look at the clock, what
 * is due between two passes, and, in debug mode and under sanitizers, everything. */
static inline struct ready *task_next(struct loop *loop, const struct task *t)
{
    struct ready *r = loop->ready.head;

    if (r == &loop->pass_end) {
        if (loop->pass_is_last || r->next == NULL || r->next == &t->ready)
            return r;
        ready_drop(&loop->ready);
        ready_push(&loop->ready, r);
        r = loop->ready.head;
    }
    return loop->steps + 1 < loop->direct_until ? r : &loop->pass_end;
}

/* The running task hands the thread to `next`, which task_next() has found. */
static inline void task_step_to(struct loop *loop, struct task *next)
{
    loop->ready.head = next->ready.next;
    loop->steps++;
    loop->current = next;
}

/* The running task, whose rounding modes were read, stops until it is run again from the loop's
 * queue. */
static inline __attribute__((always_inline)) void task_suspend(struct loop *loop, struct task *t)
{
    struct ready *r = task_next(loop, t);
    void *to = loop->context;

    if (!fiber_control_same(&t->fiber.control, &loop->control)) {
        t->ready.run = task_resume_modes;
    } else if (r->run == NULL) {
        struct task *next = container_of(r, struct task, ready);

        if (!next->flags.away) {
            task_step_to(loop, next);
            to = next->fiber.context;
        }
    }
    fiber_suspend(&t->fiber, to);
}

#endif
