#include "run/run.h"

#include "async/loop.h"
#include "base/text.h"
#include "base/transfer.h"
#include "io/http_client.h"
#include "io/io_blocking.h"
#include "load/load_run.h"
#include "measure/heartbeat.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define SOLO_RUNS      5
#define TARGET_THREADS 64 /* of more, the first */

/* CPU times of a process's threads, in the order in which the kernel lists them: by age. */
struct thread_times {
    uint64_t ns[TARGET_THREADS];
    size_t count;
};

/* The heartbeat of one of the loops on which the jobs run. */
struct loop_beats {
    struct heartbeat *heartbeat; /* NULL: not started */
    struct beat *beats;
    size_t count;
    uint64_t cpu_ns; /* what the beats cost, */
    bool cost_known; /* if that is known */
};

/* One run, as its main task carries it out. */
struct execution {
    const struct cell *cell;
    struct job job; /* the cell's, with the state of this run */
    struct loop *loop;
    struct io *io;
    struct job poison_job;  /* the same, prepared once more for the jobs that block the loop */
    struct io *poison_io;   /* NULL: no such jobs, or they use io */
    clockid_t target_clock; /* CPU clock of the target */
    pid_t target;           /* 0 without one */
    struct service service;
    struct load_run load;
    bool measuring;           /* the measured part has begun */
    struct loop_beats *beats; /* of each loop; NULL before that, and in a cell without */
    struct usage before;
    uint64_t opened_ns;
    uint64_t resent, resent_before; /* by TCP, on connections that have ended: in all, and when the
                                     * measured part began */
    uint64_t target_before_ns;
    struct thread_times target_threads; /* then */
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

static uint64_t target_cpu_ns(const struct execution *s)
{
    struct timespec t;

    if (s->target == 0 || clock_gettime(s->target_clock, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The target's threads live as long as the target does. Their CPU clocks are closed to other
 * processes, but the kernel writes the ns of each into its schedstat, up to a clock tick late. */
static struct thread_times read_thread_times(pid_t pid)
{
    struct thread_times times = {.count = 0};
    const struct dirent *entry;
    char path[320], text[64];
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    dir = opendir(path);
    while (dir != NULL && times.count < TARGET_THREADS && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", (int)pid, entry->d_name);
        times.ns[times.count++] = strtoull(text_read(path, text, sizeof text), NULL, 10);
    }
    if (dir != NULL)
        closedir(dir);
    return times;
}

/* The most that one of the target's threads has used since. */
static uint64_t busiest_ns(const struct thread_times *before, const struct thread_times *after)
{
    uint64_t most_ns = 0;

    for (size_t i = 0; i < before->count && i < after->count; i++)
        if (after->ns[i] > before->ns[i] + most_ns)
            most_ns = after->ns[i] - before->ns[i];
    return most_ns;
}

/* What one job computes where no parameter tells it (the mean one where jobs differ): the fastest
 * of some that run alone. */
static int measure_solo(struct execution *s)
{
    struct job job = job_measured(&s->job);

    for (uint64_t i = 0; i < SOLO_RUNS && job.count > 0; i++) {
        struct sample sample = {0};
        double share = job_cpu_share(&job, i), ns;
        struct job_ledger ledger = {0};

        sample_run_job(&sample, &job, s->io, i, 0, &ledger);
        if (sample.result < 0)
            return err_set(&s->out->failure, sample.result, "a job run alone failed: %s",
                           strerror(-sample.result));
        ns = (double)sample_service_ns(&sample) / share;
        if (i == 0 || ns < (double)s->out->solo_ns)
            s->out->solo_ns = ns < 0x1p63 ? (uint64_t)ns : INT64_MAX;
    }
    return 0;
}

static int model_failed(struct execution *s, int error)
{
    if (error == -EAGAIN)
        return err_set(
            &s->out->failure, error,
            "model %s failed: the system gives no more threads for so many jobs at once; ask for "
            "fewer, or bound them with --limit",
            s->cell->model->name);
    return err_set(&s->out->failure, error, "model %s failed: %s", s->cell->model->name,
                   strerror(-error));
}

/* On each loop on which the jobs run. */
static int begin_on_loop(void *arg, unsigned loop)
{
    struct execution *s = arg;

    if (s->beats != NULL) {
        s->beats[loop].heartbeat = heartbeat_start();
        if (s->beats[loop].heartbeat == NULL)
            return -ENOMEM;
    }
    if (s->service.inject != NULL)
        inject_mark(s->service.inject);
    return 0;
}

/* The measured part begins. */
static int begin_measuring(void *arg)
{
    struct execution *s = arg;
    int err;

    if (!s->cell->no_heartbeat) {
        s->out->loops_count = service_loops(&s->service);
        s->beats = calloc(s->out->loops_count, sizeof *s->beats);
        s->out->lags_ns = calloc(s->out->loops_count, sizeof *s->out->lags_ns);
        if (s->beats == NULL || s->out->lags_ns == NULL) {
            free(s->beats);
            return -ENOMEM;
        }
    }
    s->measuring = true;
    err = service_each_loop(&s->service, begin_on_loop, s);
    if (err < 0)
        return err;
    s->resent_before = __atomic_load_n(&s->resent, __ATOMIC_RELAXED);
    usage_read(&s->before);
    s->out->first_faults = s->before.faults_minor - s->out->opened.faults_minor;
    s->target_before_ns = target_cpu_ns(s);
    s->target_threads = read_thread_times(s->target);
    return 0;
}

/* The jobs of all loops have ended. */
static int end_on_loop(void *arg, unsigned loop)
{
    const struct execution *s = arg;
    struct loop_beats *b = &s->beats[loop];
    uint64_t *longest_ns = &s->out->lags_ns[loop];
    int err;

    if (b->heartbeat == NULL)
        return 0;
    b->cost_known = heartbeat_cost(b->heartbeat, &b->cpu_ns) == 0;
    err = heartbeat_stop(b->heartbeat, &b->beats, &b->count);
    for (size_t i = 0; i < b->count; i++)
        if (run_beat_counts(s->out, &b->beats[i]) && beat_lag_ns(&b->beats[i]) > *longest_ns)
            *longest_ns = beat_lag_ns(&b->beats[i]);
    return err;
}

/* Take what the heartbeats cost out of the CPU time, user and system alike: it is the instrument's,
 * neither the jobs' nor the model's. */
static void take_out_heartbeats(const struct execution *s)
{
    struct run_record *out = s->out;
    uint64_t cpu_ns = out->usage.cpu_user_ns + out->usage.cpu_sys_ns, beats_ns = 0;
    double left;

    for (unsigned k = 0; k < service_loops(&s->service); k++) {
        if (!s->beats[k].cost_known)
            return;
        beats_ns += s->beats[k].cpu_ns;
    }
    if (cpu_ns == 0)
        return;
    out->heartbeat_cpu_ns = beats_ns < cpu_ns ? beats_ns : cpu_ns;
    left = 1 - (double)out->heartbeat_cpu_ns / (double)cpu_ns;
    out->usage.cpu_user_ns = (uint64_t)(left * (double)out->usage.cpu_user_ns);
    out->usage.cpu_sys_ns = (uint64_t)(left * (double)out->usage.cpu_sys_ns);
}

/* The record gets the beats of the loop that was blocked for longest. */
static void take_worst_beats(const struct execution *s)
{
    const uint64_t *lags_ns = s->out->lags_ns;
    size_t worst = 0;

    for (size_t k = 1; k < s->out->loops_count; k++) {
        size_t better = lags_ns[k] > lags_ns[worst] ? worst : k;

        free(s->beats[better].beats);
        worst = better == k ? worst : k;
    }
    s->out->beats = s->beats[worst].beats;
    s->out->beats_count = s->beats[worst].count;
}

/* The measured part has ended. */
static int end_measuring(struct execution *s)
{
    struct run_record *out = s->out;
    struct thread_times threads = read_thread_times(s->target);
    uint64_t target_after_ns;
    struct usage after;
    int err;

    out->begin_ns = s->load.begin_ns;
    out->makespan_ns = s->load.end_ns - out->begin_ns;
    target_after_ns = target_cpu_ns(s); /* 0 when it has died meanwhile */
    if (target_after_ns > s->target_before_ns)
        out->target_cpu_ns = target_after_ns - s->target_before_ns;
    out->target_busiest_ns = busiest_ns(&s->target_threads, &threads);
    usage_read(&after);
    out->usage = usage_since(&s->before, &after);
    if (s->beats == NULL)
        return 0;
    err = service_each_loop(&s->service, end_on_loop, s);
    take_out_heartbeats(s);
    take_worst_beats(s);
    free(s->beats);
    return err;
}

/* Hand the samples over. A batch drops those of its warm-up, a batch of its own; a loop keeps them.
 */
static void take_samples(struct execution *s)
{
    struct sample *samples = s->service.samples, *fitting;
    struct run_record *out = s->out;
    size_t warmup = s->load.warmup;

    out->samples_count = s->load.count;
    out->warmup_samples = warmup;
    if (s->cell->load.kind == LOAD_BATCH && warmup > 0) {
        out->samples_count -= warmup;
        out->warmup_samples = 0;
        memmove(samples, samples + warmup, out->samples_count * sizeof *samples);
    }
    fitting = realloc(samples, (out->samples_count + 1) * sizeof *samples);
    out->samples = fitting != NULL ? fitting : samples;
    s->service.samples = NULL;
}

/* Tell the parent that all is ready, and learn from it when the ranks begin. */
static uint64_t meet(void *arg)
{
    const struct execution *s = arg;
    uint64_t begin_ns = 0;

    if (transfer_write(s->cell->meet_fd, TRANSFER_ON, "", 1) < 0 ||
        transfer_read(s->cell->meet_fd, TRANSFER_ON, &begin_ns, sizeof begin_ns) < 0)
        return 0;
    return begin_ns;
}

/* From the opening of the model to the end of the process's first batch; 0: another warm-up. */
static uint64_t first_batch_ns(const struct execution *s)
{
    const struct load_run *load = &s->load;

    if (s->cell->load.kind != LOAD_BATCH ||
        (load->warmup > 0 && load->warmup != load->capacity - load->warmup))
        return 0;
    return (load->warmup > 0 ? load->first_end_ns : load->end_ns) - s->opened_ns;
}

static void take_counts(struct execution *s)
{
    struct run_record *out = s->out;
    struct service_totals totals = service_totals(&s->service);

    out->begin_late_ns = s->load.late_ns;
    out->first_ns = first_batch_ns(s);
    if (out->first_ns > 0 && s->load.warmup == 0)
        out->first_faults = out->usage.faults_minor;
    out->warmup_jobs = s->load.warmup;
    out->ledger = totals.ledger;
    out->unserved = totals.unserved;
    out->refused = s->load.refused;
    out->in_flight_max = s->load.in_flight_max;
    out->threads_max = s->service.threads_max;
    out->area = s->load.area;
    job_said(&s->job, out->said, sizeof out->said);
    strncpy(out->libcurl, http_client_version(), sizeof out->libcurl - 1);
}

static int carry_out(struct execution *s)
{
    int err, stopped = 0;
    uint64_t begin_ns;

    usage_read(&s->out->opened);
    s->opened_ns = clock_now_ns();
    err = service_open(&s->service, &s->out->failure);
    if (err < 0)
        return err;
    begin_ns = clock_now_ns();
    err = load_carry_out(&s->load);
    if (s->measuring)
        stopped = end_measuring(s);
    else if (err == 0)
        err = err_set(&s->out->failure, -ERANGE, "the warm-up left no job to be measured");
    if (err == 0)
        err = stopped;
    if (err == 0) {
        s->out->warmup_ns = s->out->begin_ns - begin_ns;
        take_counts(s);
    }
    service_close(&s->service);
    if (err == 0)
        take_samples(s);
    return err;
}

/* Prepare jobs that block the loop apart: the io of the loop must not see the descriptors that they
 * keep open. */
static int prepare_poison(struct execution *s)
{
    s->service.poison = s->cell->load.poison;
    s->service.poison_job = &s->job;
    s->service.poison_io = s->io;
    if (s->service.poison <= 0 || s->cell->model->io == MODEL_IO_BLOCKING)
        return 0;
    s->poison_io = io_blocking_create();
    if (s->poison_io == NULL)
        return err_set(&s->out->failure, -ENOMEM, "no memory for the io backend");
    s->poison_io->resent = s->io->resent;
    s->service.poison_job = &s->poison_job;
    s->service.poison_io = s->poison_io;
    return job_prepare(&s->poison_job, s->poison_io, &s->out->failure);
}

/* Jobs follow each other on a lane if there are fewer lanes than jobs at once, and in loops, unless
 * each job has its own thread. */
static enum inject_lanes inject_lanes(const struct cell *c)
{
    uint64_t at_once = cell_in_flight(c), lanes = model_lanes(c->model, at_once, c->threads);
    bool threads = c->model->on_threads;

    if (lanes >= at_once && (c->load.kind == LOAD_BATCH || threads))
        return INJECT_LANES_OWN;
    return lanes == 1 || threads ? INJECT_LANES_ALONE : INJECT_LANES_SHARE;
}

static int prepare_inject(struct execution *s)
{
    if (!inject_fault_present(&s->cell->inject))
        return 0;
    s->service.inject = inject_create(&s->cell->inject, inject_lanes(s->cell));
    if (s->service.inject != NULL)
        return 0;
    return err_set(&s->out->failure, -ENOMEM, "no memory for what plants faults");
}

static int execution_main(void *arg)
{
    struct execution *s = arg;
    const struct cell *cell = s->cell;
    int err = job_prepare(&s->job, s->io, &s->out->failure);

    if (err < 0)
        return err;
    err = measure_solo(s);
    if (err == 0)
        err = prepare_poison(s);
    if (err == 0)
        err = prepare_inject(s);
    if (err == 0) {
        err = load_prepare(&s->load, cell_warmup_jobs(cell), cell->jobs, CELL_JOBS_MAX,
                           &s->out->failure);
        if (err == 0)
            err = carry_out(s);
        free(s->service.samples);
        inject_destroy(s->service.inject);
        if (s->poison_io != NULL)
            job_finish(&s->poison_job, s->poison_io);
    }
    job_finish(&s->job, s->io);
    return err;
}

static int run_on_loop(struct execution *s)
{
    struct loop_options options = {.stack_size = cell_stack_size(s->cell)};
    int err = loop_create(&options, &s->loop);

    if (err < 0)
        return err_set(&s->out->failure, err, "cannot make a loop: %s", strerror(-err));
    err = model_create_io(s->cell->model, s->loop, &s->io, &s->out->failure);
    if (err == 0) {
        if (!s->cell->no_heartbeat && job_traits(&s->cell->job).connections > 0)
            s->io->resent = &s->resent;
        s->service = (struct service){
            .model = s->cell->model,
            .job = &s->job,
            .io = s->io,
            .threads = s->cell->threads,
            .stack_size = options.stack_size,
        };
        s->load = (struct load_run){
            .load = &s->cell->load,
            .service = &s->service,
            .measure = begin_measuring,
            .arg = s,
            .share = s->cell->share,
            .meet = s->cell->share.count > 1 && s->cell->meet_fd >= 0 ? meet : NULL};
        err = loop_run(s->loop, coro_create(execution_main, s));
        strncpy(s->out->stack_guard, loop_stack_guard(s->loop), sizeof s->out->stack_guard - 1);
    }
    io_destroy(s->poison_io);
    io_destroy(s->io);
    loop_destroy(s->loop);
    s->out->tcp_retransmits = s->resent - s->resent_before; /* all connections have ended */
    return err;
}

int run_execute(const struct cell *cell, pid_t target_pid, struct run_record *out)
{
    struct execution s = {.cell = cell, .job = cell->job, .poison_job = cell->job, .out = out};
    size_t loops;
    int err;

    *out = (struct run_record){.seed = job_seed(&cell->job)};
    err = settle_process(cell, &out->failure);
    if (err < 0)
        return err;
    out->timer_slack_ns = (uint64_t)prctl(PR_GET_TIMERSLACK);
    if (target_pid > 0 && clock_getcpuclockid(target_pid, &s.target_clock) == 0)
        s.target = target_pid;
    /* Its main thread serves nobody, unless it is the only one (of an earlier revision). */
    loops = read_thread_times(s.target).count;
    out->target_loops = loops > 1 ? loops - 1 : loops;
    err = run_on_loop(&s);
    if (err < 0 && out->failure.text[0] == '\0')
        model_failed(&s, err);
    return err;
}

struct ledger run_ledger(const struct run_record *r)
{
    struct ledger ledger = {
        .operations = r->ledger.operations,
        .bytes_in = r->ledger.bytes_in,
        .bytes_out = r->ledger.bytes_out,
        .checksum = r->ledger.checksum,
    };

    for (size_t i = r->warmup_samples; i < r->samples_count; i++)
        ledger.jobs += r->samples[i].result == 0;
    return ledger;
}

void run_record_deinit(struct run_record *r)
{
    free(r->samples);
    free(r->beats);
    free(r->lags_ns);
    free(r->ranks);
    r->samples = NULL;
    r->beats = NULL;
    r->lags_ns = NULL;
    r->ranks = NULL;
}
