#include "async/thread_pool.h"
#include "model/models.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct pool_job {
    struct work work;
    struct pool_batch *pool_batch;
    size_t i;
};

struct pool_batch {
    struct batch *batch;
    struct loop *loop;
    struct future all_done;
    atomic_size_t unfinished;
};

static int open_pool(struct batch *batch, struct err *err)
{
    struct thread_pool *pool;
    int r = thread_pool_create(batch->threads, 0, &pool, err);

    if (r == 0)
        batch->state = pool;
    return r;
}

static void close_pool(struct batch *batch)
{
    thread_pool_destroy(batch->state);
    batch->state = NULL;
}

/* On the loop's thread, once the last job has finished. */
static void set_all_done(void *arg)
{
    struct pool_batch *pool_batch = arg;

    future_set_result(&pool_batch->all_done, 0);
}

/* On a thread of the pool. */
static void run_job(struct work *work, unsigned thread)
{
    struct pool_job *pool_job = container_of(work, struct pool_job, work);
    struct pool_batch *pool_batch = pool_job->pool_batch;
    struct batch *batch = pool_batch->batch;

    sample_run_job(&batch->samples[pool_job->i], batch->job, batch->io,
                   batch->first_index + pool_job->i, thread);
    if (atomic_fetch_sub(&pool_batch->unfinished, 1) == 1)
        while (loop_call_soon_threadsafe(pool_batch->loop, set_all_done, pool_batch) < 0)
            ; /* out of memory: some is bound to be freed, and the loop must learn of the end */
}

/* All jobs into the queue; the loop stays free until the last has finished. */
static int run(struct batch *batch)
{
    struct pool_job *pool_jobs = malloc((batch->jobs + 1) * sizeof *pool_jobs);
    struct pool_batch pool_batch = {.batch = batch, .loop = loop_running()};
    int err;

    if (pool_jobs == NULL)
        return -ENOMEM;
    future_init(&pool_batch.all_done);
    atomic_init(&pool_batch.unfinished, batch->jobs);
    for (size_t i = 0; i < batch->jobs; i++) {
        pool_jobs[i] = (struct pool_job){.work.fn = run_job, .pool_batch = &pool_batch, .i = i};
        batch->samples[i].submitted_ns = clock_now_ns();
        thread_pool_submit(batch->state, &pool_jobs[i].work);
    }
    do {
        err = batch->jobs ? future_await(&pool_batch.all_done) : 0;
    } while (err == -ECANCELED); /* the threads still use what is freed below */
    free(pool_jobs);
    return err;
}

static uint64_t lanes(uint64_t jobs, unsigned threads)
{
    (void)jobs;
    return threads;
}

static uint64_t cpu_lanes(unsigned threads, unsigned cores)
{
    return threads < cores ? threads : cores;
}

const struct model model_pool = {
    .name = "pool",
    .summary = "OS threads take jobs from one queue; the loop stays free",
    .io = MODEL_IO_BLOCKING,
    .uses_threads = true,
    .queue = "M/G/c",
    .open = open_pool,
    .run = run,
    .close = close_pool,
    .lanes = lanes,
    .cpu_lanes = cpu_lanes,
};
