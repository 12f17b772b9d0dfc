/* Tasks beside the nearest thing that libuv has: an idle handle for a task that is created or that
 * yields, a timer for one that sleeps, each allocated as a program with n sessions would. */
#include "micro/micro.h"

#include "async/gather.h"
#include "async/loop.h"

#include <errno.h>
#include <stdlib.h>

int micro_gather(micro_create *create, uint64_t n, coro_fn *fn, void *args, size_t stride)
{
    struct awaitable **tasks = malloc((n + 1) * sizeof *tasks);
    uint64_t created = 0;
    int err = tasks == NULL ? -ENOMEM : 0;

    while (created < n && err == 0) {
        struct task *task = create(coro_create(fn, (char *)args + created * stride));

        if (task != NULL)
            tasks[created++] = task_awaitable(task);
        else
            err = -ENOMEM;
    }
    if (created > 0) {
        int gathered = task_gather(tasks, created, NULL);

        err = err < 0 ? err : gathered;
    }
    for (uint64_t i = 0; i < created; i++)
        task_release(task_from_awaitable(tasks[i]));
    free(tasks);
    return err;
}

void micro_note(clockid_t clock, uint64_t begin_ns, const struct usage *before, double operations,
                uint64_t n, struct micro_output *out)
{
    struct usage after;

    out->of[MICRO_VALUE] = (double)(clock_read_ns(clock) - begin_ns) / operations;
    usage_read(&after);
    out->of[MICRO_BYTES_A_TASK] = ((double)(after.rss_peak_bytes + after.page_table_bytes) -
                                   (double)(before->rss_bytes + before->page_table_bytes)) /
                                  (double)n;
}

/* What main of run_tasks() gets. */
struct batch {
    const struct micro_input *in;
    micro_create *create;
    bool warm;         /* the second batch counts */
    uint64_t begin_ns; /* of what counts; at first of main */
};

/* Run main(batch) on a loop of tva. */
static int run_tasks(coro_fn *main, struct batch *batch, clockid_t clock, double operations,
                     struct micro_output *out)
{
    struct usage before;
    struct loop *loop;
    int err = loop_create(NULL, &loop);

    if (err < 0)
        return err;
    usage_read(&before);
    batch->begin_ns = clock_read_ns(clock);
    err = loop_run(loop, coro_create(main, batch));
    micro_note(clock, batch->begin_ns, &before, operations, batch->in->n, out);
    loop_destroy(loop);
    return err;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

/* Set n handles up. arg: as given to run_handles(). 0 or a negative errno. */
typedef int setup_fn(uv_loop_t *loop, uint64_t n, void *arg);

/* Set in->n handles up and run them, `times` in all, on a loop of libuv. If `warm`, the last time
 * counts. */
static int run_handles(setup_fn *setup, void *arg, uint64_t times, bool warm,
                       const struct micro_input *in, clockid_t clock, double operations,
                       struct micro_output *out)
{
    struct usage before;
    uint64_t begin_ns;
    uv_loop_t loop;
    int err = uv_loop_init(&loop);

    if (err < 0)
        return err;
    usage_read(&before);
    begin_ns = clock_read_ns(clock);
    for (uint64_t i = 0; i < times && err == 0; i++) {
        if (warm)
            begin_ns = clock_read_ns(clock);
        err = setup(&loop, in->n, arg);
        if (err == 0)
            err = uv_run(&loop, UV_RUN_DEFAULT);
    }
    micro_note(clock, begin_ns, &before, operations, in->n, out);
    uv_loop_close(&loop);
    return err;
}

/* ---- Create, run and join an empty task, in batches of n ---- */

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static int create_batches(void *arg)
{
    const struct batch *batch = arg;
    int err = 0;

    for (uint64_t done = 0; done < batch->in->operations && err == 0; done += batch->in->n)
        err = micro_gather(batch->create, batch->in->n, nothing, NULL, 0);
    return err;
}

int create_tva(const struct micro_input *in, struct micro_output *out)
{
    return run_tasks(create_batches, &(struct batch){.in = in, .create = task_create_parkable},
                     CLOCK_PROCESS_CPUTIME_ID, (double)in->operations, out);
}

int create_own(const struct micro_input *in, struct micro_output *out)
{
    return run_tasks(create_batches, &(struct batch){.in = in, .create = task_create},
                     CLOCK_PROCESS_CPUTIME_ID, (double)in->operations, out);
}

static void close_idle(uv_idle_t *idle)
{
    uv_close((uv_handle_t *)idle, free_handle);
}

static int create_idles(uv_loop_t *loop, uint64_t n, void *arg)
{
    (void)arg;
    for (uint64_t i = 0; i < n; i++) {
        uv_idle_t *idle = malloc(sizeof *idle);

        if (idle == NULL)
            return -ENOMEM;
        uv_idle_init(loop, idle);
        uv_idle_start(idle, close_idle);
    }
    return 0;
}

int create_uv(const struct micro_input *in, struct micro_output *out)
{
    return run_handles(create_idles, NULL, in->operations / in->n, false, in,
                       CLOCK_PROCESS_CPUTIME_ID, (double)in->operations, out);
}

/* ---- n tasks that do nothing but yield; an idle handle is called once an iteration ---- */

static int yield_often(void *arg)
{
    const struct micro_input *in = arg;

    for (uint64_t left = in->operations / in->n; left > 0; left--)
        task_yield();
    return 0;
}

static int yield_all(void *arg)
{
    const struct batch *batch = arg;

    return micro_gather(batch->create, batch->in->n, yield_often, (void *)batch->in, 0);
}

int yield_tva(const struct micro_input *in, struct micro_output *out)
{
    return run_tasks(yield_all, &(struct batch){.in = in, .create = task_create_parkable},
                     CLOCK_PROCESS_CPUTIME_ID, (double)in->operations, out);
}

int yield_own(const struct micro_input *in, struct micro_output *out)
{
    return run_tasks(yield_all, &(struct batch){.in = in, .create = task_create},
                     CLOCK_PROCESS_CPUTIME_ID, (double)in->operations, out);
}

struct stepper {
    uv_idle_t idle;
    uint64_t left;
};

static void step(uv_idle_t *idle)
{
    struct stepper *s = container_of(idle, struct stepper, idle);

    if (--s->left == 0)
        uv_close((uv_handle_t *)idle, NULL);
}

static int start_steppers(uv_loop_t *loop, uint64_t n, void *arg)
{
    struct stepper *steppers = arg;

    for (uint64_t i = 0; i < n; i++) {
        uv_idle_init(loop, &steppers[i].idle);
        uv_idle_start(&steppers[i].idle, step);
    }
    return 0;
}

/* The steppers are allocated before the clock starts: only their steps count. */
int yield_uv(const struct micro_input *in, struct micro_output *out)
{
    struct stepper *steppers = calloc(in->n, sizeof *steppers);
    int err = -ENOMEM;

    for (uint64_t i = 0; i < in->n && steppers != NULL; i++)
        steppers[i].left = in->operations / in->n;
    if (steppers != NULL)
        err = run_handles(start_steppers, steppers, 1, false, in, CLOCK_PROCESS_CPUTIME_ID,
                          (double)in->operations, out);
    free(steppers);
    return err;
}

/* ---- n sleeps of 100 ms at once: how far they end past 100 ms, and memory a sleep ---- */

static int sleep_once(void *arg)
{
    uint64_t deadline_ns = clock_now_ns() + MICRO_SLEEP_MS * NS_PER_MS;
    int err = task_sleep_until(deadline_ns);

    (void)arg;
    return err == 0 && clock_now_ns() < deadline_ns ? -ETIME : err;
}

static int sleep_all(void *arg)
{
    struct batch *batch = arg;
    int err = 0;

    if (batch->warm) {
        err = micro_gather(batch->create, batch->in->n, sleep_once, NULL, 0);
        batch->begin_ns = clock_now_ns();
    }
    return err < 0 ? err : micro_gather(batch->create, batch->in->n, sleep_once, NULL, 0);
}

static int run_sleeps(struct batch batch, struct micro_output *out)
{
    int err = run_tasks(sleep_all, &batch, CLOCK_MONOTONIC, NS_PER_MS, out);

    out->of[MICRO_VALUE] -= MICRO_SLEEP_MS;
    return err;
}

int sleeps_tva(const struct micro_input *in, struct micro_output *out)
{
    return run_sleeps((struct batch){.in = in, .create = task_create_parkable}, out);
}

int sleeps_own(const struct micro_input *in, struct micro_output *out)
{
    return run_sleeps((struct batch){.in = in, .create = task_create}, out);
}

int sleeps_warm_tva(const struct micro_input *in, struct micro_output *out)
{
    return run_sleeps((struct batch){.in = in, .create = task_create_parkable, .warm = true}, out);
}

static void close_timer(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, free_handle);
}

static int create_timers(uv_loop_t *loop, uint64_t n, void *arg)
{
    (void)arg;
    for (uint64_t i = 0; i < n; i++) {
        uv_timer_t *timer = malloc(sizeof *timer);

        if (timer == NULL)
            return -ENOMEM;
        uv_timer_init(loop, timer);
        uv_timer_start(timer, close_timer, MICRO_SLEEP_MS, 0);
    }
    return 0;
}

static int run_timers(const struct micro_input *in, bool warm, struct micro_output *out)
{
    int err =
        run_handles(create_timers, NULL, warm ? 2 : 1, warm, in, CLOCK_MONOTONIC, NS_PER_MS, out);

    out->of[MICRO_VALUE] -= MICRO_SLEEP_MS;
    return err;
}

int sleeps_uv(const struct micro_input *in, struct micro_output *out)
{
    return run_timers(in, false, out);
}

int sleeps_warm_uv(const struct micro_input *in, struct micro_output *out)
{
    return run_timers(in, true, out);
}
