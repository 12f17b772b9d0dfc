#include "run/run.h"

#include "io/io_async.h"
#include "io/io_blocking.h"
#include "measure/heartbeat.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define SOLO_RUNS 5

/* What the main task of a run works with. */
struct session {
    const struct cell *cell;
    struct job job; /* the cell's, with the state of this run */
    struct loop *loop;
    struct io *io;
    clockid_t target_clock; /* CPU time of the target */
    bool has_target;
    struct batch batch;
    struct run_record *out;
};

static int settle_process(const struct cell *cell, struct err *err)
{
    cpu_set_t set;

    if (cell->timer_slack_ns && prctl(PR_SET_TIMERSLACK, cell->timer_slack_ns) != 0)
        return err_set(err, -errno, "cannot set timer slack: %s", strerror(errno));
    if (cell->cpu < 0)
        return 0;
    CPU_ZERO(&set);
    CPU_SET((size_t)cell->cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        return err_set(err, -errno, "cannot pin to CPU %d: %s", cell->cpu, strerror(errno));
    return 0;
}

static uint64_t target_cpu_ns(const struct session *s)
{
    struct timespec t;

    if (!s->has_target || clock_gettime(s->target_clock, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The fastest of some jobs run alone: what one job computes, the mean one where they differ. */
static int measure_solo(struct session *s)
{
    const struct job_type *type = s->job.type;

    for (uint64_t i = 0; i < SOLO_RUNS; i++) {
        struct sample sample = {0};
        double share = type->cpu_share ? type->cpu_share(&s->job, i) : 1, ns;

        sample_run_job(&sample, &s->job, s->io, i, 0);
        if (sample.result < 0)
            return err_set(&s->out->failure, sample.result, "a job run alone failed: %s",
                           strerror(-sample.result));
        ns = (double)sample_service_ns(&sample) / share;
        if (i == 0 || ns < (double)s->out->solo_ns)
            s->out->solo_ns = ns < 0x1p63 ? (uint64_t)ns : INT64_MAX;
    }
    return 0;
}

static int model_failed(struct session *s, int error)
{
    return err_set(&s->out->failure, error, "model %s failed: %s", s->cell->model->name,
                   strerror(-error));
}

/* Jobs before the measured ones, with indexes after theirs, so that the measured work is the same
 * whatever the warm-up was. */
static int warm_up(struct session *s)
{
    uint64_t jobs = cell_warmup_jobs(s->cell), begin_ns = clock_now_ns();
    struct batch *batch = &s->batch;
    int err;

    if (jobs == 0)
        return 0;
    batch->first_index = s->cell->jobs;
    batch->jobs = jobs;
    batch->samples = aligned_alloc(64, jobs * sizeof(struct sample));
    if (batch->samples == NULL)
        return model_failed(s, -ENOMEM);
    memset(batch->samples, 0, jobs * sizeof(struct sample));
    err = s->cell->model->run(batch);
    free(batch->samples);
    s->out->warmup_jobs = jobs;
    s->out->warmup_ns = clock_now_ns() - begin_ns;
    return err < 0 ? model_failed(s, err) : 0;
}

static int measure(struct session *s)
{
    struct run_record *out = s->out;
    struct usage before, after;
    uint64_t target_before_ns, target_after_ns;
    int err;

    s->batch.first_index = 0;
    s->batch.jobs = s->cell->jobs;
    s->batch.samples = out->samples;
    usage_read(&before);
    target_before_ns = target_cpu_ns(s);
    out->begin_ns = clock_now_ns();
    for (size_t i = 0; i < s->cell->jobs; i++)
        out->samples[i].intended_ns = out->begin_ns;
    err = s->cell->model->run(&s->batch);
    out->makespan_ns = clock_now_ns() - out->begin_ns;
    target_after_ns = target_cpu_ns(s); /* 0 when it has died meanwhile */
    out->target_cpu_ns =
        target_after_ns > target_before_ns ? target_after_ns - target_before_ns : 0;
    usage_read(&after);
    out->usage = usage_since(&before, &after);
    out->rss_before_bytes = before.rss_bytes;
    out->page_table_before_bytes = before.page_table_bytes;
    out->samples_count = s->cell->jobs;
    return err < 0 ? model_failed(s, err) : 0;
}

static int measure_with_heartbeat(struct session *s)
{
    struct heartbeat *heartbeat = heartbeat_start();
    int err, stopped;

    if (heartbeat == NULL)
        return err_set(&s->out->failure, -ENOMEM, "no memory for the heartbeat");
    err = measure(s);
    stopped = heartbeat_stop(heartbeat, &s->out->beats, &s->out->beats_count);
    return err == 0 && stopped < 0 ? model_failed(s, stopped) : err;
}

static int session_main(void *arg)
{
    struct session *s = arg;
    const struct model *model = s->cell->model;
    int err = job_prepare(&s->job, s->io, &s->out->failure);

    if (err < 0)
        return err;
    if (s->job.type->cpu_bound)
        err = measure_solo(s);
    if (err == 0 && model->open)
        err = model->open(&s->batch, &s->out->failure);
    if (err == 0) {
        err = warm_up(s);
        if (err == 0)
            err = measure_with_heartbeat(s);
        if (model->close)
            model->close(&s->batch);
    }
    job_finish(&s->job, s->io);
    return err;
}

/* The samples are touched before the clock runs, so that their page faults are not the model's. */
static struct sample *create_samples(size_t jobs)
{
    struct sample *samples = aligned_alloc(64, (jobs ? jobs : 1) * sizeof *samples);

    if (samples != NULL)
        memset(samples, 0, (jobs ? jobs : 1) * sizeof *samples);
    return samples;
}

static int run_session(struct session *s)
{
    struct loop_options options = {.stack_size = cell_stack_size(s->cell)};
    int err = loop_create(&options, &s->loop);

    if (err < 0)
        return err_set(&s->out->failure, err, "cannot make a loop: %s", strerror(-err));
    s->io = s->cell->model->io == MODEL_IO_ASYNC ? io_async_create(s->loop) : io_blocking_create();
    if (s->io == NULL) {
        err = err_set(&s->out->failure, -ENOMEM, "no memory for the io backend");
    } else {
        s->batch = (struct batch){.job = &s->job, .io = s->io, .threads = s->cell->threads};
        err = loop_run(s->loop, coro_create(session_main, s));
        strncpy(s->out->stack_guard, loop_stack_guard(s->loop), sizeof s->out->stack_guard - 1);
    }
    io_destroy(s->io);
    loop_destroy(s->loop);
    return err;
}

int run_execute(const struct cell *cell, pid_t target_pid, struct run_record *out)
{
    struct session s = {.cell = cell, .job = cell->job, .out = out};
    int err;

    *out = (struct run_record){0};
    err = settle_process(cell, &out->failure);
    if (err < 0)
        return err;
    out->timer_slack_ns = (uint64_t)prctl(PR_GET_TIMERSLACK);
    s.has_target = target_pid > 0 && clock_getcpuclockid(target_pid, &s.target_clock) == 0;
    out->samples = create_samples(cell->jobs);
    if (out->samples == NULL)
        return err_set(&out->failure, -ENOMEM, "no memory for %llu samples",
                       (unsigned long long)cell->jobs);
    err = run_session(&s);
    if (err < 0 && out->failure.text[0] == '\0')
        err_set(&out->failure, err, "the run failed: %s", strerror(-err));
    return err;
}

void run_record_deinit(struct run_record *r)
{
    free(r->samples);
    free(r->beats);
    r->samples = NULL;
    r->beats = NULL;
}
