/* Calls of a function that does nothing in THREADS threads, n at once: what it costs to hand them
 * over and back. A first batch, which starts threads and touches memory, is not measured. */
#include "async/loop.h"
#include "micro/micro.h"

#include <errno.h>
#include <stdlib.h>

#define THREADS 4 /* what libuv starts */
#define BATCHES 10

static void note(uint64_t begin_ns, uint64_t n, struct micro_output *out)
{
    out->of[MICRO_VALUE] = (double)(micro_cpu_ns() - begin_ns) / (double)(n * BATCHES);
}

struct offload {
    uint64_t n;
    struct micro_output *out;
    struct thread_pool *pool;
};

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static int call(void *arg)
{
    const struct offload *o = arg;

    return loop_run_in_executor(loop_running(), o->pool, nothing, NULL);
}

static int call_batches(void *arg)
{
    const struct offload *o = arg;
    int err = micro_gather(task_create_parkable, o->n, call, arg, 0);
    uint64_t begin_ns = micro_cpu_ns();

    for (int i = 0; i < BATCHES && err == 0; i++)
        err = micro_gather(task_create_parkable, o->n, call, arg, 0);
    note(begin_ns, o->n, o->out);
    return err;
}

int offload_tva(const struct micro_input *in, struct micro_output *out)
{
    struct offload o = {.n = in->n, .out = out};
    struct loop *loop;
    int err = loop_create(NULL, &loop);

    if (err < 0)
        return err;
    err = thread_pool_create(THREADS, 0, &o.pool, NULL);
    if (err == 0)
        err = loop_run(loop, coro_create(call_batches, &o));
    thread_pool_destroy(o.pool);
    loop_destroy(loop);
    return err;
}

static void nothing_uv(uv_work_t *work)
{
    (void)work;
}

static void free_work(uv_work_t *work, int status)
{
    (void)status;
    free(work);
}

static int queue_batch(uv_loop_t *loop, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uv_work_t *work = malloc(sizeof *work);
        int err = work != NULL ? uv_queue_work(loop, work, nothing_uv, free_work) : UV_ENOMEM;

        if (err < 0)
            return err;
    }
    return uv_run(loop, UV_RUN_DEFAULT);
}

int offload_uv(const struct micro_input *in, struct micro_output *out)
{
    uint64_t begin_ns;
    uv_loop_t loop;
    int err = uv_loop_init(&loop);

    if (err == 0)
        err = queue_batch(&loop, in->n);
    begin_ns = micro_cpu_ns();
    for (int i = 0; i < BATCHES && err == 0; i++)
        err = queue_batch(&loop, in->n);
    note(begin_ns, in->n, out);
    return err;
}
