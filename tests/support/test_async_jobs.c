#include "support/test_async_jobs.h"

#include "async/loop.h"
#include "io/io_async.h"
#include "io/io_blocking.h"
#include "support/test_async_parking.h"

#include <errno.h>

static void add(struct job_ledger *sum, const struct job_ledger *ledger)
{
    sum->operations += ledger->operations;
    sum->bytes_in += ledger->bytes_in;
    sum->bytes_out += ledger->bytes_out;
    sum->checksum += ledger->checksum;
    sum->timer_ns += ledger->timer_ns;
    sum->wake_up_ns += ledger->wake_up_ns;
}

struct one {
    struct job *job;
    struct io *io;
    uint64_t index;
    struct job_ledger ledger;
};

static int run_one(void *arg)
{
    struct one *one = arg;

    return job_run(one->job, one->io, one->index, &one->ledger);
}

/* Where the environment asks for parking, in a task of the kind that models make for such a job. */
static int run_job(struct one *one)
{
    struct coro *coro;
    struct task *t;
    int r;

    if (task_current() == NULL || !test_async_options().poison)
        return run_one(one);
    coro = coro_create(run_one, one);
    t = job_pinned(one->job, one->io) ? task_create(coro) : task_create_parkable(coro);
    r = t != NULL ? task_await(t) : -ENOMEM;
    task_release(t);
    return r;
}

int test_async_jobs_run_over(struct test_async_jobs *jobs, struct io *io)
{
    struct job job = jobs->job; /* its state must not outlive the run */
    int first_error = job_prepare(&job, io, &jobs->err);

    jobs->sum = (struct job_ledger){0};
    jobs->shortest_ns = UINT64_MAX;
    if (first_error < 0)
        return first_error;
    for (uint64_t i = 0; i < jobs->n; i++) {
        struct one one = {.job = &job, .io = io, .index = i};
        uint64_t begin_ns = io_now(io), took_ns;
        int result = run_job(&one);

        took_ns = io_now(io) - begin_ns;
        jobs->shortest_ns = took_ns < jobs->shortest_ns ? took_ns : jobs->shortest_ns;
        if (result < 0 && first_error == 0)
            first_error = result;
        add(&jobs->sum, &one.ledger);
    }
    job_finish(&job, io);
    return first_error;
}

struct call {
    struct test_async_jobs *jobs;
    struct loop *loop;
};

static int run_in_loop(void *arg)
{
    struct call *call = arg;
    struct io *io = io_async_create(call->loop);
    int r;

    if (io == NULL)
        return -ENOMEM;
    r = test_async_jobs_run_over(call->jobs, io);
    io_destroy(io);
    return r;
}

static int run_async(struct test_async_jobs *jobs)
{
    struct call call = {.jobs = jobs};
    struct loop_options options = test_async_options();
    int r = loop_create(&options, &call.loop);

    if (r < 0)
        return r;
    r = loop_run(call.loop, coro_create(run_in_loop, &call));
    loop_destroy(call.loop);
    return r;
}

static int run_blocking(struct test_async_jobs *jobs)
{
    struct io *io = io_blocking_create();
    int r;

    if (io == NULL)
        return -ENOMEM;
    r = test_async_jobs_run_over(jobs, io);
    io_destroy(io);
    return r;
}

int test_async_jobs_run(struct test_async_jobs *jobs, enum test_async_backend backend)
{
    return backend == TEST_ASYNC_BLOCKING ? run_blocking(jobs) : run_async(jobs);
}
