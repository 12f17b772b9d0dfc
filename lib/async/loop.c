#include "async/loop.h"

#include "async/loop_internal.h"
#include "async/timer_fd.h"
#include "async/wait.h"
#include "base/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Ready tasks run for at least this long (when there are any) between two looks at libuv, so that
 * many short steps share one poll, a system call. The loop reads the clock CLOCK_READS times
 * meanwhile, as far as the length of the last steps can tell: after CLOCK_STEPS of them at least,
 * and at most twice as many as the time before, so that steps that become long are noticed soon.
 * Where they were longer than this interval on average, it looks at the next one alone. If that is
 * long, or those after it are again, and at first, it looks at each until CLOCK_STEPS in a row were
 * short: a short step between two long ones says nothing of the next. A thread that lost its CPU
 * pays for one look more. */
#define POLL_INTERVAL_NS (50 * NS_PER_US)
#define CLOCK_READS      8
#define CLOCK_STEPS      8
#define CLOCK_STEPS_MAX  128
#define COUNTED_STEP_NS  200 /* under Valgrind: a short one */

/* What a task holds on its stack while it waits, for loop_reserve(): more than most. */
#define LIVE_BYTES 320

/* A callback that calls itself again and again must not keep a loop whose main task has ended. */
#define LAST_PASSES 100

_Thread_local struct loop *loop_of_thread;

struct loop *loop_running(void)
{
    return loop_of_thread;
}

/* ---- What ends the loop's sleep in libuv in time ---- */

/* Nothing to do: the event has ended the sleep, and turn() fires what is due. */
static void timer_readable(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    (void)status;
    (void)events;
}

static int open_timer(struct loop *loop)
{
    int err;

    loop->armed_ns = NO_DEADLINE;
    loop->timer_fd = timer_fd_open();
    if (loop->timer_fd < 0)
        return loop->timer_fd;
    err = uv_poll_init(&loop->uv, &loop->timer_poll, loop->timer_fd);
    if (err == 0)
        err = uv_poll_start(&loop->timer_poll, UV_READABLE, timer_readable);
    if (err < 0)
        close(loop->timer_fd);
    return err;
}

/* Let libuv's sleep end then. Setting the timer also clears an expiry, which nobody reads. */
static bool arm_timer(struct loop *loop, uint64_t next_ns)
{
    if (next_ns == loop->armed_ns)
        return true;
    if (!timer_fd_arm(loop->timer_fd, next_ns))
        return false;
    loop->armed_ns = next_ns;
    return true;
}

/* ---- Functions to call: loop_call_soon(), from this thread and from others ---- */

struct callback {
    struct ready ready;
    void (*fn)(void *arg);
    void *arg;
};

static void callback_run(struct ready *ready)
{
    struct callback *c = container_of(ready, struct callback, ready);
    struct callback call = *c;

    free(c);
    call.fn(call.arg);
}

static struct callback *callback_create(void (*fn)(void *arg), void *arg)
{
    struct callback *c = malloc(sizeof *c);

    if (c != NULL)
        *c = (struct callback){.ready.run = callback_run, .fn = fn, .arg = arg};
    return c;
}

int loop_call_soon(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct callback *c = callback_create(fn, arg);

    if (c == NULL)
        return -ENOMEM;
    ready_push(&loop->ready, &c->ready);
    return 0;
}

/* The loop is woken for the first that it has not taken yet. */
void loop_push_remote(struct loop *loop, struct ready *ready)
{
    bool first;

    pthread_mutex_lock(&loop->remote_lock);
    first = loop->remote_ready.head == NULL;
    ready_push(&loop->remote_ready, ready);
    /* Under the lock: else the loop could run it, end and be destroyed before this. */
    if (first)
        uv_async_send(&loop->remote);
    pthread_mutex_unlock(&loop->remote_lock);
}

int loop_call_soon_threadsafe(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct callback *c = callback_create(fn, arg);

    if (c == NULL)
        return -ENOMEM;
    loop_push_remote(loop, &c->ready);
    return 0;
}

/* Called by libuv on the loop's thread. */
static void take_remote_calls(uv_async_t *async)
{
    struct loop *loop = async->data;
    struct ready_queue taken;

    pthread_mutex_lock(&loop->remote_lock);
    taken = loop->remote_ready;
    ready_init(&loop->remote_ready);
    pthread_mutex_unlock(&loop->remote_lock);
    if (taken.head == NULL)
        return;
    *loop->ready.tail = taken.head;
    loop->ready.tail = taken.tail;
}

/* A loop that is destroyed has no tasks, so its queues hold callbacks: its own, and those of
 * futures, whose storage is not the loop's. */
static void drop_calls(struct ready_queue *q)
{
    while (q->head != NULL) {
        struct ready *r = ready_pop(q);

        if (r->run == callback_run)
            free(container_of(r, struct callback, ready));
        else
            done_callback_drop(r);
    }
}

/* ---- Making and freeing a loop ---- */

/* run_pass() does not call it: it takes the mark out. */
static void pass_ends(struct ready *ready)
{
    (void)ready;
}

/* libuv calls this before it sleeps. Its own callbacks, those of its timers for one, may have made
 * something ready. */
static void stay_awake_when_ready(uv_prepare_t *prepare)
{
    const struct loop *loop = container_of(prepare, struct loop, before_sleep);

    if (loop->ready.head != NULL)
        uv_stop(prepare->loop);
}

/* Sanitizers and Valgrind follow stacks by their addresses, and would not follow a copy. */
static void set_up_parking(struct loop *loop, const struct loop_options *options)
{
    unsigned homes = options && options->homes ? options->homes : HOMES_MAX;

    homes_init(&loop->homes, &loop->stacks, loop->slabs, fiber_tools_present() ? 0 : homes,
               options && options->poison);
    loop->park_all = options && options->park_all;
}

int loop_create(const struct loop_options *options, struct loop **out)
{
    size_t stack_size = options && options->stack_size ? options->stack_size : STACK_SIZE_DEFAULT;
    struct loop *loop = calloc(1, sizeof *loop);
    int err = -ENOMEM;

    if (loop == NULL)
        goto err0;
    err = slab_pool_create(&loop->slabs);
    if (err < 0)
        goto err1;
    err = stack_pool_init(&loop->stacks, stack_size, STACK_GUARD_MADVISE);
    if (err < 0)
        goto err2;
    set_up_parking(loop, options);
    err = uv_loop_init(&loop->uv);
    if (err < 0)
        goto err3;
    list_init(&loop->tasks);
    loop->pass_end.run = pass_ends;
    ready_init(&loop->ready);
    ready_init(&loop->remote_ready);
    timer_wheel_init(&loop->timers);
    loop->clock_steps = 1;
    loop->single_steps = CLOCK_STEPS;
    loop->seemed_long = true;
    err = -pthread_mutex_init(&loop->remote_lock, NULL);
    if (err < 0)
        goto err4;
    err = uv_async_init(&loop->uv, &loop->remote, take_remote_calls);
    if (err < 0)
        goto err5;
    loop->remote.data = loop;
    err = open_timer(loop);
    if (err < 0)
        goto err6;
    uv_prepare_init(&loop->uv, &loop->before_sleep);
    uv_prepare_start(&loop->before_sleep, stay_awake_when_ready);
    loop_set_debug(loop, options ? options->slow_ns : 0);
    *out = loop;
    return 0;

err6:
    uv_close((uv_handle_t *)&loop->remote, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
err5:
    pthread_mutex_destroy(&loop->remote_lock);
err4:
    uv_loop_close(&loop->uv);
err3:
    stack_pool_deinit(&loop->stacks);
err2:
    slab_pool_destroy(loop->slabs);
err1:
    free(loop);
err0:
    return err;
}

void loop_destroy(struct loop *loop)
{
    thread_pool_destroy(loop->executor);
    uv_close((uv_handle_t *)&loop->remote, NULL);
    uv_close((uv_handle_t *)&loop->timer_poll, NULL);
    uv_close((uv_handle_t *)&loop->before_sleep, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    close(loop->timer_fd);
    pthread_mutex_destroy(&loop->remote_lock);
    drop_calls(&loop->ready);
    drop_calls(&loop->remote_ready);
    homes_deinit(&loop->homes);
    stack_pool_deinit(&loop->stacks);
    slab_pool_destroy(loop->slabs);
    free(loop);
}

/* ---- One step of a task: from one wait to the next ----
 *
 * All inline in run_pass(), whatever the compiler thinks of its size: a CPU mispredicts the return
 * of a function that switched stacks. And where the loop is comes from the thread's own memory
 * after a switch: from the stack, whose pointer comes from memory, each step would wait for the one
 * before.
 *
 * Not every step begins here. A task that waits hands the thread to the next itself
 * (task_suspend()), and one that ends leaves its stack to one that begins (task_follow()): a step
 * then takes one switch, or none, instead of two. */

static inline void task_finish(struct task *t, int result)
{
    bool watched = !list_empty(&t->future.watchers);

    list_remove(&t->all);
    if (t == loop_of_thread->main)
        loop_of_thread->pass_is_last = true;
    if (watched)
        task_hold(t); /* what watches it may release it */
    future_finish(&t->future, result);
    if (watched)
        task_release(t);
    else if (t->flags.holds == 0)
        task_free(t);
}

/* Give it a stack, of its own or a home's. NULL and *err when it is not to run. */
static inline const struct stack *task_take_stack(struct loop *loop, struct task *t, int *err)
{
    if (t->flags.cancel_requested) {
        *err = -ECANCELED;
        return NULL;
    }
    if (t->flags.parkable) {
        *err = home_enter(&loop->homes, t, &t->parking);
        return *err < 0 ? NULL : &t->parking.home->stack;
    }
    t->parking.home = NULL;
    *err = stack_acquire(&loop->stacks, &t->fiber.stack);
    return *err < 0 ? NULL : &t->fiber.stack;
}

static inline void give_stack_back(struct loop *loop, struct task *t)
{
    fiber_deinit(&t->fiber);
    if (t->parking.home != NULL)
        home_leave(&loop->homes, &t->parking);
    else
        stack_release(&loop->stacks, &t->fiber.stack);
}

/* The task that was resumed, or one that got the thread from it, is back. */
static inline __attribute__((always_inline)) void task_back(void)
{
    struct loop *loop = loop_of_thread;
    struct task *t = loop->current;

    loop->current = NULL;
    if (fiber_finished(&t->fiber)) {
        give_stack_back(loop, t);
        if (!fiber_control_same(&t->fiber.control, &loop->control))
            fiber_control_load(&loop->control);
        task_finish(t, t->fiber.result);
        return;
    }
    if (t->parking.home != NULL && loop->homes.poison)
        home_poison(&loop->homes, t);
    if (t->ready.run != NULL)
        fiber_control_load(&loop->control);
}

static inline __attribute__((always_inline)) void task_resume(struct loop *loop, struct task *t)
{
    if (t->flags.away && !home_return(&loop->homes, t)) {
        ready_push(&loop->ready, &t->ready);
        loop->not_switches++;
        loop_poll_soon(loop); /* the occupant waits for something from outside */
        return;
    }
    loop->current = t;
    if (t->ready.run != NULL) {
        t->ready.run = NULL;
        fiber_control_load(&t->fiber.control);
    }
    fiber_resume(&t->fiber, &loop->context);
    task_back();
}

void task_resume_modes(struct ready *ready)
{
    task_resume(loop_of_thread, container_of(ready, struct task, ready));
}

/* The entry of a task that was canceled before it began. */
static int never_begun(void *arg)
{
    (void)arg;
    return -ECANCELED;
}

/* Where the end of a task takes calls: apart, so that what has no need of registers saves none. */
static __attribute__((noinline)) bool finish_with_calls(struct loop *loop, struct task *t,
                                                        int result)
{
    struct task *next = loop->current;

    loop->current = NULL;
    task_finish(t, result);
    loop->current = next;
    if (next->flags.cancel_requested) { /* by what watched the other */
        next->flags.cancel_requested = false;
        next->fiber.entry = never_begun;
        loop->not_switches++;
    }
    return true;
}

/* Where `t` ends soon, too, get the one behind it into the cache. */
static inline void prefetch_after(const struct task *t)
{
    const struct task *after = container_of(t->ready.next, struct task, ready);

    __builtin_prefetch(&after->future, 1);
    __builtin_prefetch(&after->all, 1);
    __builtin_prefetch(&after->fiber, 1);
}

/* The running task has ended. True when the loop's next task was to start, and takes over its stack
 * as the running one. */
static __attribute__((noinline)) bool task_follow(int result)
{
    struct loop *loop = loop_of_thread;
    struct task *t = loop->current, *next;
    struct ready *r;

    t->fiber.result = result;
    fiber_control_read(&t->fiber.control);
    if (t == loop->main)
        return false; /* this pass is the last */
    r = task_next(loop, t);
    if (r->run != task_start || result < 0 || !FIBER_SWITCH_INLINE)
        return false; /* with Boost.Context, only a switch gives the loop's modes back */
    next = container_of(r, struct task, ready);
    if (next->flags.cancel_requested || next->flags.parkable != t->flags.parkable ||
        !fiber_control_same(&t->fiber.control, &loop->control))
        return false;
    next->parking = t->parking; /* with the block */
    next->flags.shares = t->flags.shares;
    if (t->parking.home != NULL)
        t->parking.home->occupant = next;
    else
        next->fiber.stack = t->fiber.stack;
    next->ready.run = NULL;
    task_step_to(loop, next);
    prefetch_after(next);
    if (t->flags.holds == 0 || !list_empty(&t->future.watchers))
        return finish_with_calls(loop, t, result);
    task_finish(t, result);
    return true;
}

/* Holds nothing on the stack, where it would count as live bytes of each task that waits. */
__attribute__((no_sanitize_address)) void task_begin(struct fiber_transfer from)
{
    const struct fiber *f = &loop_of_thread->current->fiber;

    fiber_begun(f, from);
    while (task_follow(f->entry(f->arg)))
        f = &loop_of_thread->current->fiber;
    fiber_end(&loop_of_thread->current->fiber, loop_of_thread->context);
}

static inline __attribute__((always_inline)) void start(struct loop *loop, struct task *t)
{
    int err;
    const struct stack *stack = task_take_stack(loop, t, &err);

    if (stack == NULL) {
        loop->not_switches++;
        task_finish(t, err);
        return;
    }
    t->ready.run = NULL;
    loop->current = t;
    fiber_start(&t->fiber, stack, task_begin, &loop->context);
    task_back();
}

void task_start(struct ready *ready)
{
    start(loop_of_thread, container_of(ready, struct task, ready));
}

/* ---- Debug mode: what held the loop for too long ---- */

static void end_watch(struct loop *loop)
{
    struct watchdog *w = loop->watchdog;

    loop->watchdog = NULL; /* the signal handler looks here */
    watchdog_stop(w);
}

void loop_set_debug(struct loop *loop, uint64_t slow_ns)
{
    if (slow_ns != 0)
        uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME); /* to tell sleep from work */
    if (slow_ns != loop->slow_ns)
        end_watch(loop);
    loop->slow_ns = slow_ns;
    loop->direct_until = 0; /* until the next look at the clock */
}

/* A step begins: watch it. */
static void watch(struct loop *loop)
{
    if (loop->watchdog == NULL)
        loop->watchdog = watchdog_start(&loop->uv, loop->slow_ns);
    watchdog_begin(loop->watchdog);
}

/* `name` is NULL for what is not a task. */
static void report_slow(const struct loop *loop, uintptr_t step, uint64_t held_ns, const char *what,
                        const char *name)
{
    char text[32], where[1024];

    units_format_duration((double)held_ns, text, sizeof text);
    watchdog_where(loop->watchdog, step, where, sizeof where);
    fprintf(stderr, "tva: %s%s%s%s held the loop for %s%s%s\n", what, name != NULL ? " '" : "",
            name != NULL ? name : "", name != NULL ? "'" : "", text, *where != '\0' ? " in " : "",
            where);
}

/* Whose it is; NULL: a callback's. */
static inline struct task *ready_task(struct ready *r)
{
    bool is_task = r->run == NULL || r->run == task_start || r->run == task_resume_modes;

    return is_task ? container_of(r, struct task, ready) : NULL;
}

/* A step that does not begin with a switch, or a callback. */
static inline void run_other(struct loop *loop, struct ready *r)
{
    if (ready_task(r) == NULL)
        loop->not_switches++;
    r->run(r);
}

static __attribute__((noinline)) void debug_step(struct loop *loop, struct ready *r)
{
    struct task *t = ready_task(r);
    uint64_t begin_ns = clock_now_ns(), held_ns;

    watch(loop);
    if (t != NULL)
        task_hold(t); /* for its name */
    if (r->run == NULL)
        task_resume(loop, t);
    else
        run_other(loop, r);
    watchdog_end(loop->watchdog);
    held_ns = clock_now_ns() - begin_ns;
    if (loop->slow_ns != 0 && held_ns > loop->slow_ns)
        report_slow(loop, (uintptr_t)debug_step, held_ns, t ? "task" : "a callback",
                    t ? t->coro.name : NULL);
    task_release(t);
}

static __attribute__((noinline)) void debug_poll(struct loop *loop, uv_run_mode mode)
{
    uint64_t idle_ns = uv_metrics_idle_time(&loop->uv);
    uint64_t begin_ns = clock_now_ns(), held_ns;

    watch(loop);
    uv_run(&loop->uv, mode);
    watchdog_end(loop->watchdog);
    held_ns = clock_now_ns() - begin_ns;
    idle_ns = uv_metrics_idle_time(&loop->uv) - idle_ns;
    if (loop->slow_ns != 0 && held_ns > idle_ns && held_ns - idle_ns > loop->slow_ns)
        report_slow(loop, (uintptr_t)debug_poll, held_ns - idle_ns, "a libuv callback", NULL);
}

static void poll_uv(struct loop *loop, uv_run_mode mode)
{
    if (loop->slow_ns != 0)
        debug_poll(loop, mode);
    else
        uv_run(&loop->uv, mode);
}

/* ---- A poller in the place of libuv ---- */

int loop_set_poller(struct loop *loop, struct loop_poller *poller)
{
    if (poller != NULL && loop->poller != NULL)
        return -EBUSY;
    arm_timer(loop, NO_DEADLINE); /* else an expiry that nobody reads would end each sleep */
    loop->poller = poller;
    return 0;
}

/* In how many ms libuv has something to do; -1: only when a descriptor is ready. 0 also when a
 * handle was started that epoll does not know yet. Its timers count from its cached time, which is
 * as old as the pass was long. */
static int uv_timeout_ms(struct loop *loop)
{
    int timeout_ms = uv_backend_timeout(&loop->uv);

    if (timeout_ms <= 0)
        return timeout_ms;
    uv_update_time(&loop->uv);
    return uv_backend_timeout(&loop->uv);
}

uint64_t loop_poll_uv(struct loop *loop, bool readable)
{
    int timeout_ms = uv_timeout_ms(loop);
    uint64_t next_ns;

    if (readable || timeout_ms == 0) {
        poll_uv(loop, UV_RUN_NOWAIT);
        timeout_ms = uv_timeout_ms(loop);
    }
    if (loop->ready.head != NULL || timeout_ms == 0)
        return 0;
    next_ns = timer_next_ns(&loop->timers);
    if (timeout_ms > 0) {
        uint64_t uv_ns = clock_add_ns(clock_now_ns(), (uint64_t)timeout_ms * NS_PER_MS);

        next_ns = uv_ns < next_ns ? uv_ns : next_ns;
    }
    return next_ns;
}

/* ---- Blocking calls in a thread: loop_run_in_executor() ---- */

/* Of the waiting task, which outwaits it; in a slab, because that task's stack may be away. */
struct executor_call {
    struct work work;
    struct wait_remote end; /* takes the result to the loop */
    int (*fn)(void *arg);
    void *arg;
    int result;
};

/* On a thread of the pool. */
static void executor_call_run(struct work *work, unsigned thread)
{
    struct executor_call *call = container_of(work, struct executor_call, work);

    (void)thread;
    call->result = call->fn(call->arg);
    wait_remote_wake(&call->end);
}

/* Give the pool the work of this pass. */
static void hand_over(struct loop *loop)
{
    thread_pool_submit_all(loop->handover.pool, loop->handover.first, loop->handover.last,
                           loop->handover.n);
    loop->handover.n = 0;
}

/* Add to the work of this pass. */
static void collect(struct loop *loop, struct thread_pool *pool, struct work *work)
{
    if (loop->handover.n > 0 && loop->handover.pool != pool)
        hand_over(loop);
    loop->pass_is_last = true;
    loop->handover.pool = pool;
    if (loop->handover.n++ == 0)
        loop->handover.first = work;
    else
        loop->handover.last->next = work;
    loop->handover.last = work;
}

static int default_executor(struct loop *loop, struct thread_pool **out)
{
    int err = 0;

    if (loop->executor == NULL)
        err = thread_pool_create(thread_pool_default_size(), 0, &loop->executor, NULL);
    *out = loop->executor;
    return err;
}

/* Wait until the call is over, or was taken back before it began. */
static int outwait_call(struct thread_pool *pool, struct executor_call *call)
{
    int err = wait_suspend(NO_DEADLINE); /* the pool has it by the end of that */

    if (err == -ECANCELED && !call->end.woken && thread_pool_cancel(pool, &call->work))
        return err;
    wait_remote_outwait(&call->end);
    if (err == -ECANCELED) /* asked again meanwhile, the task sees one request */
        task_running()->flags.cancel_requested = false;
    return err == -ECANCELED ? err : call->result;
}

int loop_run_in_executor(struct loop *loop, struct thread_pool *pool, int (*fn)(void *arg),
                         void *arg)
{
    struct task *t = task_current();
    struct executor_call *call;
    int err = pool ? 0 : default_executor(loop, &pool);

    if (err < 0)
        return err;
    if (t == NULL)
        return wait_refuse();
    if (t->flags.cancel_requested)
        return wait_suspend(NO_DEADLINE);
    if (task_secure_waits(t) < 0)
        return -ENOMEM;
    call = slab_alloc(loop->slabs, sizeof *call);
    if (call == NULL)
        return -ENOMEM;
    *call = (struct executor_call){.work.fn = executor_call_run, .fn = fn, .arg = arg};
    wait_remote_init(&call->end);
    collect(loop, pool, &call->work);
    err = outwait_call(pool, call);
    slab_free(loop->slabs, call, sizeof *call);
    return err;
}

/* ---- Running ---- */

static void wait_timed_out(struct timer *timer)
{
    wait_wake(container_of(timer, struct task, timer), -ETIMEDOUT);
}

/* How many steps to make until the clock is read again, when the last ones took span_ns. */
static unsigned clock_steps_next(struct loop *loop, uint64_t span_ns)
{
    unsigned steps = loop->clock_steps;
    uint64_t next = (uint64_t)steps * (POLL_INTERVAL_NS / CLOCK_READS) / (span_ns + 1);
    bool seem_long = span_ns > steps * POLL_INTERVAL_NS;

    if (seem_long)
        loop->single_steps = loop->seemed_long ? CLOCK_STEPS : 1;
    if (seem_long || steps > 1)
        loop->seemed_long = seem_long;
    if (loop->single_steps > 0) {
        loop->single_steps--;
        return 1;
    }
    if (next > 2 * (uint64_t)steps)
        next = 2 * (uint64_t)steps;
    return next < CLOCK_STEPS       ? CLOCK_STEPS
           : next > CLOCK_STEPS_MAX ? CLOCK_STEPS_MAX
                                    : (unsigned)next;
}

/* No task hands on to another. */
static bool runs_each_step(const struct loop *loop)
{
    return loop->slow_ns != 0 || loop->homes.poison || FIBER_TOOLS_BYTES > 0;
}

static inline void plan_look(struct loop *loop)
{
    loop->look_at = loop->steps + loop->clock_steps;
    loop->direct_until = runs_each_step(loop) ? 0 : loop->look_at;
}

/* Whom a timer wakes takes its place behind what is ready, also in the middle of a long pass. Under
 * Valgrind, which counts instructions, each step counts as long as any: how many looks come with
 * them, and so the count, must not depend on who else has the CPU. */
static __attribute__((noinline)) void read_clock(struct loop *loop)
{
    uint64_t now_ns = clock_now_ns();
    uint64_t span_ns =
        RUNNING_ON_VALGRIND ? loop->clock_steps * COUNTED_STEP_NS : now_ns - loop->clock_ns;

    loop->pass_is_last = true;
    loop->clock_ns += span_ns;
    loop->clock_steps = clock_steps_next(loop, span_ns);
    plan_look(loop);
    timer_fire_due(&loop->timers, now_ns, wait_timed_out);
}

/* Run what is ready now; what becomes ready meanwhile belongs to the next pass, which tasks that
 * hand on to each other may begin by themselves: task_next(). Inline: see the steps of a task. */
static inline __attribute__((always_inline)) void run_pass(struct loop *loop)
{
    struct ready *r;

    loop->pass_is_last = loop->main == NULL;
    ready_push(&loop->ready, &loop->pass_end);
    while ((r = loop->ready.head) != &loop->pass_end) {
        ready_drop(&loop->ready);
        loop->steps++;
        if (loop->slow_ns != 0)
            debug_step(loop, r);
        else if (r->run == NULL)
            task_resume(loop, container_of(r, struct task, ready));
        else if (r->run == task_start)
            start(loop, container_of(r, struct task, ready));
        else
            run_other(loop, r);
        loop = loop_of_thread;
        if (loop->steps >= loop->look_at)
            read_clock(loop);
    }
    ready_pop(&loop->ready);
    if (loop->handover.n > 0)
        hand_over(loop);
}

/* The loop runs until its main task has ended, and after that until those have that it canceled
 * then: the first in the list, which is in order of creation. */
static bool run_is_over(const struct loop *loop)
{
    if (loop->main != NULL)
        return loop->main->future.done;
    return list_empty(&loop->tasks) ||
           !container_of(loop->tasks.next, struct task, all)->flags.ending;
}

static inline __attribute__((always_inline)) void run_ready(struct loop *loop, uint64_t now_ns)
{
    loop->poll_soon = false;
    loop->clock_ns = now_ns;
    plan_look(loop);
    while (loop->ready.head != NULL && !run_is_over(loop)) {
        run_pass(loop);
        if (loop->poll_soon || loop->clock_ns >= now_ns + POLL_INTERVAL_NS)
            break;
    }
}

/* Fire timers, run what is ready, then look at libuv or at the poller, asleep when nothing is
 * ready. */
static void turn(struct loop *loop)
{
    uint64_t now_ns = clock_now_ns();
    uv_run_mode mode = UV_RUN_NOWAIT;

    timer_fire_due(&loop->timers, now_ns, wait_timed_out);
    run_ready(loop, now_ns);
    if (run_is_over(loop))
        return;
    if (loop->poller != NULL) {
        loop->poller->poll(loop->poller);
        uv_update_time(&loop->uv); /* as uv_run() does; timers that tasks start count from it */
        return;
    }
    if (loop->ready.head == NULL && arm_timer(loop, timer_next_ns(&loop->timers)))
        mode = UV_RUN_ONCE;
    poll_uv(loop, mode);
}

/* Cancel the tasks that are left and wait for them, as asyncio.run does. What they make to clean up
 * is not canceled before they have ended; what that makes is canceled before it starts, so that
 * there is an end. */
static void end_tasks(struct loop *loop)
{
    while (!list_empty(&loop->tasks)) {
        for (struct list *node = loop->tasks.next; node != &loop->tasks; node = node->next) {
            struct task *t = container_of(node, struct task, all);

            t->flags.ending = true;
            task_cancel(t);
        }
        while (!run_is_over(loop))
            turn(loop);
        loop->ending = true;
    }
}

/* End the tasks and make the calls that are due, from this thread and from others, with those that
 * they make. */
static void end_run(struct loop *loop)
{
    for (unsigned pass = 0; pass < LAST_PASSES; pass++) {
        end_tasks(loop);
        take_remote_calls(&loop->remote);
        if (loop->ready.head == NULL)
            break;
        run_pass(loop);
    }
    end_tasks(loop);
    loop->ending = false;
}

int loop_run(struct loop *loop, struct coro *main)
{
    int result;

    if (loop_of_thread != NULL) {
        coro_destroy(main);
        return -EBUSY;
    }
    loop_of_thread = loop;
    fiber_control_read(&loop->control);
    loop->main = task_create(main);
    if (loop->main == NULL) {
        loop_of_thread = NULL;
        return -ENOMEM;
    }
    while (!run_is_over(loop))
        turn(loop);
    result = task_result(loop->main);
    task_release(loop->main);
    loop->main = NULL;
    end_run(loop);
    end_watch(loop);
    loop_of_thread = NULL;
    return result;
}

size_t loop_all_tasks(struct loop *loop, struct task **out, size_t cap)
{
    size_t n = 0;

    for (struct list *node = loop->tasks.next; node != &loop->tasks; node = node->next, n++)
        if (n < cap)
            out[n] = container_of(node, struct task, all);
    return n;
}

void loop_reserve(struct loop *loop, size_t tasks)
{
    slab_reserve(loop->slabs, tasks * (sizeof(struct task) + LIVE_BYTES));
}

void loop_poll_soon(struct loop *loop)
{
    loop->poll_soon = loop->pass_is_last = true;
}

uint64_t loop_switches(const struct loop *loop)
{
    return loop->steps - loop->not_switches;
}

const char *loop_stack_guard(const struct loop *loop)
{
    return stack_guard_name(loop->stacks.guard);
}

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}
