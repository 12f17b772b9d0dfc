#include "support/test_async_batch.h"

#include "base/hash.h"
#include "io/io_async.h"
#include "io/io_blocking.h"
#include "support/test_async_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int probe_run(struct io *io, struct job *job, uint64_t index, struct job_ledger *ledger)
{
    struct test_async_probe *p = job->state;
    int running = atomic_fetch_add(&p->running, 1) + 1, most = atomic_load(&p->most), err = 0;

    while (running > most && !atomic_compare_exchange_weak(&p->most, &most, running))
        continue;
    atomic_fetch_add(&p->runs[index], 1);
    if (p->meet)
        pthread_barrier_wait(&p->meeting);
    if (p->span_ns > 0)
        err = io_sleep(io, p->span_ns);
    ledger->operations = 1;
    ledger->checksum = hash_mix(index);
    atomic_fetch_sub(&p->running, 1);
    return index == p->fails ? -EIO : err;
}

static const struct job_type probe_type = {
    .name = "probe",
    .summary = "tells a test how it is run",
    .run = probe_run,
};

void test_async_batch_init(struct test_async_batch *b, const struct model *model, size_t jobs)
{
    size_t size = (jobs + 1) * sizeof *b->samples;

    *b = (struct test_async_batch){.model = model, .jobs = jobs};
    b->job = (struct job){.type = &probe_type, .state = &b->probe};
    b->probe.fails = UINT64_MAX;
    b->samples = aligned_alloc(64, size);
    if (b->samples == NULL)
        abort();
    memset(b->samples, 0, size);
}

static int cancel_later(void *arg)
{
    struct test_async_batch *b = ((void **)arg)[0];

    if (task_sleep(b->cancel_after_ns) == 0)
        task_cancel(((void **)arg)[1]);
    return 0;
}

static int run_model(struct test_async_batch *b, struct batch *batch)
{
    struct task *canceler = NULL;
    void *arg[] = {b, task_current()};
    int err;

    if (b->cancel_after_ns > 0) {
        canceler = task_create(coro_create(cancel_later, arg));
        EXPECT(task_yield() == 0);
    }
    b->begin_ns = clock_now_ns();
    for (size_t i = 0; i < b->jobs; i++)
        b->samples[i].intended_ns = b->begin_ns;
    err = b->model->run(batch);
    b->end_ns = clock_now_ns();
    b->running_at_end = atomic_load(&b->probe.running);
    if (canceler != NULL)
        task_cancel(canceler);
    while (canceler != NULL && !task_done(canceler))
        task_await(canceler);
    task_release(canceler);
    return err;
}

static int run_with_heartbeat(struct test_async_batch *b, struct batch *batch)
{
    struct heartbeat *heartbeat = heartbeat_start();
    int err, stopped;

    EXPECT(heartbeat != NULL);
    err = run_model(b, batch);
    stopped = heartbeat_stop(heartbeat, &b->beats, &b->beats_count);
    return err < 0 ? err : stopped;
}

static int run_in_loop(void *arg)
{
    struct test_async_batch *b = arg;
    struct io *io =
        b->model->io == MODEL_IO_ASYNC ? io_async_create(loop_running()) : io_blocking_create();
    struct batch batch = {.job = &b->job,
                          .io = io,
                          .first_index = b->first_index,
                          .jobs = b->jobs,
                          .samples = b->samples,
                          .threads = b->threads};
    int err;

    EXPECT(io != NULL);
    EXPECT(job_prepare(&b->job, io, NULL) == 0);
    EXPECT(b->model->open == NULL || b->model->open(&batch, NULL) == 0);
    err = run_with_heartbeat(b, &batch);
    if (b->model->close != NULL)
        b->model->close(&batch);
    job_finish(&b->job, io);
    io_destroy(io);
    return err;
}

int test_async_batch_run(struct test_async_batch *b)
{
    return test_async_run(run_in_loop, b);
}

struct job_ledger test_async_batch_ledger(const struct test_async_batch *b)
{
    struct job_ledger sum = {0};

    for (size_t i = 0; i < b->jobs; i++) {
        sum.operations += b->samples[i].ledger.operations;
        sum.bytes_in += b->samples[i].ledger.bytes_in;
        sum.bytes_out += b->samples[i].ledger.bytes_out;
        sum.checksum += b->samples[i].ledger.checksum;
    }
    return sum;
}

void test_async_batch_deinit(struct test_async_batch *b)
{
    free(b->samples);
    free(b->beats);
    b->samples = NULL;
    b->beats = NULL;
}
