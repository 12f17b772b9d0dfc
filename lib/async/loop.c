#include "async/loop.h"

#include "async/loop_calls.h"
#include "async/loop_internal.h"
#include "async/loop_timerfd.h"
#include "async/task_step.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Ready tasks run for at least this long (when there are any) between two looks at libuv, so that a
 * poll, a system call, is paid once for many short steps. Longer steps are looked at the clock
 * after every CLOCK_STEPS of them. */
#define POLL_INTERVAL_NS (50 * NS_PER_US)
#define CLOCK_STEPS      8

/* Which loop runs on this thread: the one piece of state that is not reached through an argument,
 * as in asyncio, so that direct-style code need not pass the loop along. */
static _Thread_local struct loop *running;

/* What libuv calls back before it sleeps, its own timers for one, may have made something ready. */
static void stay_awake_when_ready(uv_prepare_t *prepare)
{
    const struct loop *loop = container_of(prepare, struct loop, before_sleep);

    if (loop->ready.head != NULL)
        uv_stop(prepare->loop);
}

int loop_create(const struct loop_options *options, struct loop **out)
{
    size_t stack_size = options && options->stack_size ? options->stack_size : STACK_SIZE_DEFAULT;
    struct loop *loop = calloc(1, sizeof *loop);
    int err = -ENOMEM;

    if (loop == NULL)
        goto err0;
    err = stack_pool_init(&loop->stacks, stack_size, STACK_GUARD_MADVISE);
    if (err < 0)
        goto err1;
    err = uv_loop_init(&loop->uv);
    if (err < 0)
        goto err2;
    list_init(&loop->tasks);
    timer_heap_init(&loop->timers);
    err = -pthread_mutex_init(&loop->remote_lock, NULL);
    if (err < 0)
        goto err3;
    err = uv_async_init(&loop->uv, &loop->remote, loop_calls_take_remote);
    if (err < 0)
        goto err4;
    loop->remote.data = loop;
    err = loop_timerfd_open(loop);
    if (err < 0)
        goto err5;
    uv_prepare_init(&loop->uv, &loop->before_sleep);
    uv_prepare_start(&loop->before_sleep, stay_awake_when_ready);
    loop_set_debug(loop, options ? options->slow_ns : 0);
    *out = loop;
    return 0;

err5:
    uv_close((uv_handle_t *)&loop->remote, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
err4:
    pthread_mutex_destroy(&loop->remote_lock);
err3:
    uv_loop_close(&loop->uv);
err2:
    stack_pool_deinit(&loop->stacks);
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
    loop_calls_drop(&loop->ready);
    loop_calls_drop(&loop->remote_ready);
    timer_heap_deinit(&loop->timers);
    stack_pool_deinit(&loop->stacks);
    free(loop);
}

/* Run what is ready now; what becomes ready meanwhile belongs to the next pass. Returns steps made.
 */
static unsigned run_pass(struct loop *loop)
{
    const struct ready *last = loop->ready.tail;
    unsigned steps = 0;
    bool more;

    do {
        struct ready *r = ready_pop(&loop->ready);

        more = r != last; /* r may be freed by its step */
        if (loop->slow_ns != 0)
            loop_debug_step(loop, r);
        else if (r->run == NULL)
            task_step(loop, container_of(r, struct task, ready));
        else
            r->run(r);
        steps++;
    } while (more);
    return steps;
}

/* What the loop runs for: its main task's end, and after that the end of all others. */
static bool run_is_over(const struct loop *loop)
{
    return loop->main ? loop->main->future.done : list_empty(&loop->tasks);
}

static void run_ready(struct loop *loop, uint64_t now_ns)
{
    uint64_t poll_ns = now_ns + POLL_INTERVAL_NS;
    unsigned steps = 0;

    loop->poll_soon = false;
    while (loop->ready.head != NULL && !run_is_over(loop)) {
        steps += run_pass(loop);
        if (loop->poll_soon)
            break;
        if (steps < CLOCK_STEPS)
            continue;
        now_ns = clock_now_ns();
        if (now_ns >= poll_ns)
            break;
        timer_fire_due(&loop->timers, now_ns);
        steps = 0;
    }
}

/* Fire timers, run what is ready, then look at libuv, asleep when nothing is ready. */
static void loop_turn(struct loop *loop)
{
    uint64_t now_ns = clock_now_ns();
    uv_run_mode mode = UV_RUN_NOWAIT;

    timer_fire_due(&loop->timers, now_ns);
    run_ready(loop, now_ns);
    if (run_is_over(loop))
        return;
    if (loop->ready.head == NULL) {
        loop_timerfd_arm(loop);
        mode = UV_RUN_ONCE;
    }
    if (loop->slow_ns != 0)
        loop_debug_poll(loop, mode);
    else
        uv_run(&loop->uv, mode);
}

/* Cancel the tasks that are left and wait for them, as asyncio.run does. */
static void cancel_rest(struct loop *loop)
{
    for (struct list *node = loop->tasks.next; node != &loop->tasks; node = node->next)
        task_cancel(container_of(node, struct task, all));
    while (!run_is_over(loop))
        loop_turn(loop);
}

int loop_run(struct loop *loop, struct coro *main)
{
    int result;

    if (running != NULL) {
        coro_destroy(main);
        return -EBUSY;
    }
    running = loop;
    loop->main = task_create(main);
    if (loop->main == NULL) {
        running = NULL;
        return -ENOMEM;
    }
    while (!run_is_over(loop))
        loop_turn(loop);
    result = task_result(loop->main);
    task_release(loop->main);
    loop->main = NULL;
    cancel_rest(loop);
    if (loop->ready.head != NULL) { /* callbacks of what has just ended; they may make tasks */
        run_pass(loop);
        cancel_rest(loop);
    }
    running = NULL;
    return result;
}

struct loop *loop_running(void)
{
    return running;
}

size_t loop_all_tasks(struct loop *loop, struct task **out, size_t cap)
{
    size_t n = 0;

    for (struct list *node = loop->tasks.next; node != &loop->tasks; node = node->next, n++)
        if (n < cap)
            out[n] = container_of(node, struct task, all);
    return n;
}

void loop_poll_soon(struct loop *loop)
{
    loop->poll_soon = true;
}

uint64_t loop_switches(const struct loop *loop)
{
    return loop->switches;
}

const char *loop_stack_guard(const struct loop *loop)
{
    return stack_guard_name(loop->stacks.guard);
}

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}
