#include "model/model.h"

#include "async/thread_pool.h"
#include "base/suggest.h"
#include "io/io_async.h"
#include "io/io_blocking.h"
#include "io/io_ring.h"

#include <errno.h>

const struct model *const models[] = {
    &model_sequential,  /* one coroutine after the other */
    &model_tasks,       /* all at the same time on the loop */
    &model_pool,        /* OS threads that take jobs from a queue */
    &model_blocking,    /* blocking calls inside the loop */
    &model_threads,     /* an OS thread for each job */
    &model_offload,     /* tasks that await blocking calls in a pool of threads */
    &model_loops,       /* tasks on several loops, a thread each */
    &model_uring,       /* as tasks, with io_uring in the place of libuv */
    &model_loops_uring, /* as loops, with io_uring in the place of libuv */
};
const size_t models_count = sizeof models / sizeof *models;

const struct model *model_find(const char *name, struct err *err)
{
    return suggest_find("model", name, models, models_count, err);
}

uint64_t model_lanes(const struct model *m, uint64_t jobs, unsigned threads)
{
    switch (m->lanes) {
    case MODEL_LANES_ONE:
        return 1;
    case MODEL_LANES_POOL:
        return threads;
    default:
        return jobs;
    }
}

uint64_t model_cpu_lanes(const struct model *m, unsigned threads, unsigned cores)
{
    uint64_t lanes = m->has_loops ? threads : m->on_threads ? model_lanes(m, cores, threads) : 1;

    return lanes < cores ? lanes : cores;
}

uint64_t model_os_threads(const struct model *m, uint64_t jobs, unsigned threads)
{
    if (m->has_loops)
        return threads;
    return m->on_threads ? model_lanes(m, jobs, threads) : 0;
}

unsigned model_threads_default(const struct model *m)
{
    return m->has_loops ? thread_pool_cores() : thread_pool_default_size();
}

int model_check(const struct model *m, struct err *err)
{
    return m->io == MODEL_IO_RING ? io_ring_check(err) : 0;
}

int model_create_io(const struct model *m, struct loop *loop, struct io **out, struct err *err)
{
    if (m->io == MODEL_IO_RING)
        return io_ring_create(loop, out, err);
    *out = m->io == MODEL_IO_ASYNC ? io_async_create(loop) : io_blocking_create();
    return *out != NULL ? 0 : err_set(err, -ENOMEM, "no memory for the io backend");
}
