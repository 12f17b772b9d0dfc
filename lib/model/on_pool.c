#include "model/on_pool.h"

#include "async/thread_pool.h"

int on_pool_open(struct batch *batch, struct err *err)
{
    struct thread_pool *pool;
    int r = thread_pool_create(batch->threads, 0, &pool, err);

    if (r == 0)
        batch->state = pool;
    return r;
}

void on_pool_close(struct batch *batch)
{
    thread_pool_destroy(batch->state);
    batch->state = NULL;
}

uint64_t on_pool_lanes(uint64_t jobs, unsigned threads)
{
    (void)jobs;
    return threads;
}

uint64_t on_pool_cpu_lanes(unsigned threads, unsigned cores)
{
    return threads < cores ? threads : cores;
}

uint64_t on_pool_threads(uint64_t jobs, unsigned threads)
{
    (void)jobs;
    return threads;
}
