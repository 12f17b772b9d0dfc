#include "support/test_async_batch.h"

#include "base/hash.h"
#include "io/io_blocking.h"
#include "support/test_async_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int probe_run(struct io *io, struct job_part *part, uint64_t index,
                     struct job_ledger *ledger)
{
    struct test_async_probe *p = part->state;
    int running = atomic_fetch_add(&p->running, 1) + 1, most = atomic_load(&p->most), err = 0;

    while (running > most && !atomic_compare_exchange_weak(&p->most, &most, running))
        continue;
    atomic_fetch_add(&p->runs[index % TEST_ASYNC_BATCH_MAX], 1);
    atomic_store(&p->loop_held[index % TEST_ASYNC_BATCH_MAX],
                 io != p->async && pthread_equal(pthread_self(), p->loop_thread));
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
    *b = (struct test_async_batch){.model = model, .jobs = jobs};
    b->job = (struct job){.parts = {{.type = &probe_type, .state = &b->probe}}, .count = 1};
    b->probe.fails = UINT64_MAX;
}

static int cancel_later(void *arg)
{
    struct test_async_batch *b = ((void **)arg)[0];

    if (task_sleep(b->cancel_after_ns) == 0)
        task_cancel(((void **)arg)[1]);
    return 0;
}

/* The measured part begins. */
static int begin(void *arg)
{
    (void)arg;
    return 0;
}

/* Carry out the load in a task that may be canceled. */
static int run_load(struct test_async_batch *b, struct load_run *load)
{
    struct task *canceler = NULL;
    void *arg[] = {b, task_current()};
    int err;

    if (b->cancel_after_ns > 0) {
        canceler = task_create(coro_create(cancel_later, arg));
        EXPECT(task_yield() == 0);
    }
    err = load_carry_out(load);
    b->begin_ns = load->begin_ns;
    b->end_ns = load->end_ns;
    b->running_at_end = atomic_load(&b->probe.running);
    if (canceler != NULL)
        task_cancel(canceler);
    while (canceler != NULL && !task_done(canceler))
        task_await(canceler);
    task_release(canceler);
    return err;
}

static int run_with_heartbeat(struct test_async_batch *b, struct load_run *load)
{
    struct heartbeat *heartbeat = heartbeat_start();
    int err, stopped;

    EXPECT(heartbeat != NULL);
    err = run_load(b, load);
    stopped = heartbeat_stop(heartbeat, &b->beats, &b->beats_count);
    return err < 0 ? err : stopped;
}

/* How a model runs jobs is not a matter of io_uring: where the kernel refuses it, the same model
 * over libuv serves. */
static const struct model *one_that_runs(const struct model *model)
{
    for (size_t m = 0; model_check(model, NULL) < 0 && m < models_count; m++)
        if (models[m]->on_ring == model)
            return models[m];
    return model;
}

static int run_in_loop(void *arg)
{
    struct test_async_batch *b = arg;
    const struct model *model = one_that_runs(b->model);
    struct io *io = NULL, *blocking = io_blocking_create();
    struct service service = {.model = model,
                              .job = &b->job,
                              .threads = b->threads,
                              .poison = b->load.poison,
                              .poison_job = &b->job,
                              .poison_io = blocking};
    struct load_run load = {.load = &b->load, .service = &service, .measure = begin};
    int err;

    EXPECT(model_create_io(model, loop_running(), &io, NULL) == 0 && blocking != NULL);
    service.io = io;
    b->probe.loop_thread = pthread_self();
    b->probe.async = model->io != MODEL_IO_BLOCKING ? io : NULL;
    EXPECT(job_prepare(&b->job, io, NULL) == 0);
    EXPECT(load_prepare(&load, b->warmup, b->jobs, TEST_ASYNC_BATCH_CAPACITY, NULL) == 0);
    EXPECT(service_open(&service, NULL) == 0);
    err = run_with_heartbeat(b, &load);
    b->ledger = service_totals(&service).ledger;
    b->unserved = service_totals(&service).unserved;
    service_close(&service);
    b->all_samples = service.samples;
    b->samples = b->all_samples + load.warmup;
    b->count = load.count < load.warmup ? 0 : load.count - load.warmup;
    b->run = load;
    job_finish(&b->job, io);
    io_destroy(blocking);
    io_destroy(io);
    return err;
}

int test_async_batch_run(struct test_async_batch *b)
{
    return test_async_run(run_in_loop, b);
}

void test_async_batch_deinit(struct test_async_batch *b)
{
    free(b->all_samples);
    free(b->beats);
    b->samples = b->all_samples = NULL;
    b->beats = NULL;
}
