#include "summary/run_values.h"

#include "math/stats.h"
#include "summary/little.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const run_value_paths[RUN_VALUES] = {
    [RUN_MAKESPAN_S] = "makespan_s",
    [RUN_JOBS] = "jobs",
    [RUN_THROUGHPUT_PER_S] = "throughput_per_s",
    [RUN_OFFERED_PER_S] = "offered_per_s",
    [RUN_LATENCY_MEAN_S] = "latency_mean_s",
    [RUN_LATENCY_P50_S] = "latency_p50_s",
    [RUN_LATENCY_P90_S] = "latency_p90_s",
    [RUN_LATENCY_P99_S] = "latency_p99_s",
    [RUN_LATENCY_P999_S] = "latency_p999_s",
    [RUN_LATENCY_MAX_S] = "latency_max_s",
    [RUN_LATENCY_UNCORRECTED_P99_S] = "latency_uncorrected_p99_s",
    [RUN_HEARTBEAT_LAG_MAX_NS] = "heartbeat_lag_max_ns",
    [RUN_HEARTBEAT_LAG_P50_NS] = "heartbeat_lag_p50_ns",
    [RUN_HEARTBEAT_LAG_P99_NS] = "heartbeat_lag_p99_ns",
    [RUN_CPU_USER_S] = "cpu_user_s",
    [RUN_CPU_SYS_S] = "cpu_sys_s",
    [RUN_CTX_VOLUNTARY] = "ctx_voluntary",
    [RUN_CTX_INVOLUNTARY] = "ctx_involuntary",
    [RUN_MAX_RSS_BYTES] = "max_rss_bytes",
    [RUN_MEMORY_PER_JOB_BYTES] = "memory_per_job_bytes",
    [RUN_MEMORY_KERNEL_PER_JOB_BYTES] = "memory_kernel_per_job_bytes",
    [RUN_FIRST_MAKESPAN_S] = "first_makespan_s",
    [RUN_FIRST_FAULTS] = "first_faults",
    [RUN_FAULTS] = "faults",
    [RUN_HEARTBEAT_CPU_S] = "heartbeat_cpu_s",
    [RUN_TARGET_CPU_S] = "target_cpu_s",
    [RUN_TARGET_BUSIEST_CPU_S] = "target_busiest_cpu_s",
    [RUN_LATE_TIMER_S] = "late_timer_s",
    [RUN_LATE_WAKE_UP_S] = "late_wake_up_s",
    [RUN_LATE_READ_WRITE_S] = "late_read_write_s",
    [RUN_TCP_RETRANSMITS] = "tcp_retransmits",
    [RUN_STEAL_S] = "steal_s",
    [RUN_WARMUP_S] = "warmup_s",
    [RUN_IN_FLIGHT] = "in_flight.mean",
};

static double seconds_if(bool has, uint64_t ns)
{
    return has ? clock_seconds(ns) : NAN;
}

/* Of a loop by time: the jobs that ended in that time, also those wanted before it. Jobs that end
 * later do not count, since a longer loop would not end there. Else all jobs, until the last has
 * ended. */
static double throughput_per_s(const struct run_record *run, const struct cell *cell)
{
    uint64_t window_ns = cell->load.duration_ns;
    uint64_t end_ns = run->begin_ns + (window_ns > 0 ? window_ns : run->makespan_ns);
    size_t ran = 0;

    for (size_t i = window_ns > 0 ? 0 : run->warmup_samples; i < run->samples_count; i++) {
        const struct sample *s = &run->samples[i];

        ran += sample_ran(s) &&
               (window_ns == 0 || (s->finished_ns >= run->begin_ns && s->finished_ns < end_ns));
    }
    return end_ns > run->begin_ns ? (double)ran / clock_seconds(end_ns - run->begin_ns) : NAN;
}

/* By time, that time; by number, the interval between the first and the last. */
static double offered_per_s(const struct run_record *run, const struct cell *cell)
{
    const struct sample *first = run->samples + run->warmup_samples;
    double n = (double)run_counted(run), s = clock_seconds(cell->load.duration_ns);

    if (cell->load.kind != LOAD_OPEN || n < 2)
        return NAN;
    if (s > 0)
        return n / s;
    return (n - 1) / clock_seconds(first[(size_t)n - 1].intended_ns - first->intended_ns);
}

/* Resident memory that the instrument has filled since the model was opened: the heartbeat's beats,
 * and the samples of a loop whose number of jobs is not known before. */
static double instrument_bytes(const struct run_record *run, const struct cell *cell)
{
    size_t samples = cell_jobs_vary(cell) ? run->samples_count : 0;
    size_t loops = cell->model->has_loops ? cell->threads : 1;

    return (double)(loops * run->beats_count * sizeof *run->beats + samples * sizeof *run->samples);
}

/* Threads that the model and the io have made and that are there at the end; or those that there
 * were at once, where each job has one. */
static double threads_at_once(const struct run_record *run)
{
    if (run->threads_max > 0)
        return (double)run->threads_max;
    return (double)run->usage.threads - (double)run->opened.threads;
}

/* A job in progress has one for each part that talks. */
static double connections_at_once(const struct run_record *run, const struct cell *cell)
{
    uint64_t jobs = run->threads_max > 0 ? run->threads_max : run->in_flight_max;
    double lanes = (double)cell_lanes(cell, run->in_flight_max);

    return job_traits(&cell->job).connections * fmin(lanes, (double)jobs);
}

/* What the process grew by since the model was opened, and the kernel for it and its connections,
 * for each job of the most that were in the system at once. A job of a batch that has no thread yet
 * is not in it: it waits for the driver to make one. Where the kernel's memory was not measured at
 * all, connections are left out. */
static void add_memory(struct run_values *v, const struct run_record *run, const struct cell *cell,
                       struct kernel_memory each)
{
    const struct usage *before = &run->opened, *after = &run->usage;
    double threads = threads_at_once(run);
    double jobs = run->threads_max > 0 ? threads : (double)run->in_flight_max;
    double user =
        (double)after->rss_peak_bytes - (double)before->rss_bytes - instrument_bytes(run, cell);
    double kernel = (double)after->page_table_bytes - (double)before->page_table_bytes;
    double connections = connections_at_once(run, cell);

    if (jobs <= 0)
        return;
    if (threads > 0)
        kernel += threads * each.thread_bytes;
    if (connections > 0 && !(isnan(each.connection_bytes) && isnan(each.thread_bytes)))
        kernel += connections * each.connection_bytes;
    user = user > 0 ? user : 0;
    kernel = kernel < 0 ? 0 : kernel; /* NAN stays */
    v->of[RUN_MEMORY_KERNEL_PER_JOB_BYTES] = kernel / jobs;
    v->of[RUN_MEMORY_PER_JOB_BYTES] = (user + kernel) / jobs;
}

/* What needs no sorting. */
static void add_plain(struct run_values *v, const struct run_record *run, const struct cell *cell)
{
    const struct usage *usage = &run->usage;

    v->of[RUN_MAKESPAN_S] = clock_seconds(run->makespan_ns);
    v->of[RUN_JOBS] = (double)run_counted(run);
    v->of[RUN_THROUGHPUT_PER_S] = throughput_per_s(run, cell);
    v->of[RUN_OFFERED_PER_S] = offered_per_s(run, cell);
    v->of[RUN_CPU_USER_S] = seconds_if(run_cpu_is_known(run), usage->cpu_user_ns);
    v->of[RUN_CPU_SYS_S] = seconds_if(run_cpu_is_known(run), usage->cpu_sys_ns);
    v->of[RUN_CTX_VOLUNTARY] = (double)usage->ctx_voluntary;
    v->of[RUN_CTX_INVOLUNTARY] = (double)usage->ctx_involuntary;
    v->of[RUN_MAX_RSS_BYTES] = (double)usage->rss_peak_bytes;
    v->of[RUN_FIRST_MAKESPAN_S] = seconds_if(run->first_ns > 0, run->first_ns);
    v->of[RUN_FIRST_FAULTS] = run->first_ns > 0 ? (double)run->first_faults : NAN;
    v->of[RUN_FAULTS] = (double)usage->faults_minor;
    v->of[RUN_HEARTBEAT_CPU_S] = clock_seconds(run->heartbeat_cpu_ns);
    v->of[RUN_TARGET_CPU_S] = seconds_if(job_needs_target(&cell->job), run->target_cpu_ns);
    v->of[RUN_TARGET_BUSIEST_CPU_S] =
        seconds_if(run->target_busiest_ns > 0, run->target_busiest_ns);
    if (job_traits(&cell->job).connections > 0 && !cell->no_heartbeat)
        v->of[RUN_TCP_RETRANSMITS] = (double)run->tcp_retransmits;
    v->of[RUN_STEAL_S] = clock_seconds(usage->steal_ns);
    v->of[RUN_WARMUP_S] = clock_seconds(run->warmup_ns);
    v->of[RUN_IN_FLIGHT] = little_in_flight(run, cell);
}

/* Describe a time of the counted jobs that have it; `values` has room for all of them. */
static void describe(const struct run_record *run, bool (*has)(const struct sample *s),
                     uint64_t (*of)(const struct sample *s), uint64_t *values,
                     struct stats_distribution *out)
{
    size_t n = 0;

    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (sample_is_ordered(&run->samples[i]) && has(&run->samples[i]))
            values[n++] = of(&run->samples[i]);
    stats_distribution_of(values, n, out);
}

static void add_latencies(struct run_values *v, const struct run_record *run,
                          const struct cell *cell, uint64_t *values)
{
    struct stats_distribution d;

    describe(run, sample_has_latency, sample_latency_ns, values, &d);
    v->of[RUN_LATENCY_MEAN_S] = d.count > 0 ? d.mean / NS_PER_S : NAN;
    v->of[RUN_LATENCY_P50_S] = d.at[STATS_P50] / NS_PER_S;
    v->of[RUN_LATENCY_P90_S] = d.at[STATS_P90] / NS_PER_S;
    v->of[RUN_LATENCY_P99_S] = d.at[STATS_P99] / NS_PER_S;
    v->of[RUN_LATENCY_P999_S] = d.at[STATS_P999] / NS_PER_S;
    v->of[RUN_LATENCY_MAX_S] = seconds_if(d.count > 0, d.max);
    if (cell->load.kind == LOAD_BATCH)
        return;
    describe(run, sample_ran, sample_service_ns, values, &d);
    v->of[RUN_LATENCY_UNCORRECTED_P99_S] = d.at[STATS_P99] / NS_PER_S;
}

/* What the mean job took beyond what it asked the target for, in three parts: the target's timer;
 * what the job waited to run, and what its messages waited to be read; and the rest, its own calls
 * and work. Beside a request, other parts of a job would be in the rest, too. */
static void add_late_parts(struct run_values *v, const struct run_record *run,
                           const struct cell *cell, uint64_t *values)
{
    double jobs = (double)run_ledger(run).jobs;
    double asked_ns = (double)cell_ideal_job_ns(cell, 0), timer_ns, wake_up_ns;
    struct stats_distribution wait;

    if (cell->job.count > 1 || run->ledger.wake_up_ns == 0 || asked_ns == 0)
        return;
    describe(run, sample_is_ordered, sample_wait_ns, values, &wait);
    timer_ns = (double)run->ledger.timer_ns / jobs;
    wake_up_ns = wait.mean + (double)run->ledger.wake_up_ns / jobs;
    v->of[RUN_LATE_TIMER_S] = timer_ns / NS_PER_S;
    v->of[RUN_LATE_WAKE_UP_S] = wake_up_ns / NS_PER_S;
    v->of[RUN_LATE_READ_WRITE_S] =
        v->of[RUN_LATENCY_MEAN_S] - (asked_ns + timer_ns + wake_up_ns) / NS_PER_S;
}

static void add_lateness(struct run_values *v, const struct run_record *run, uint64_t *values)
{
    struct stats_distribution d;
    int k;

    describe(run, sample_is_ordered, sample_late_ns, values, &d);
    k = stats_greatest(&d);
    v->late_percentile = k >= 0 ? (enum stats_percentile)k : STATS_P50;
    v->late_ns = d.at[v->late_percentile];
    v->late_max_ns = 0;
    for (size_t i = 0; i < run->samples_count; i++)
        if (sample_is_ordered(&run->samples[i]))
            v->late_max_ns = fmax(v->late_max_ns, (double)sample_late_ns(&run->samples[i]));
}

/* From the beginning until the last job was wanted, by the time until the last was dispatched. */
static void add_reached(struct run_values *v, const struct run_record *run)
{
    uint64_t wanted_ns = run->begin_ns, dispatched_ns = run->begin_ns;

    for (size_t i = run->warmup_samples; i < run->samples_count; i++) {
        const struct sample *s = &run->samples[i];

        wanted_ns = s->intended_ns > wanted_ns ? s->intended_ns : wanted_ns;
        dispatched_ns = s->submitted_ns > dispatched_ns ? s->submitted_ns : dispatched_ns;
    }
    v->reached = wanted_ns >= dispatched_ns ? 1
                                            : clock_seconds(wanted_ns - run->begin_ns) /
                                                  clock_seconds(dispatched_ns - run->begin_ns);
}

static void add_disturbances(struct run_values *v, const struct run_record *run)
{
    v->halted = run_lacks_rank(run) || disturbance_halts(&run->disturbance);
    v->throttled = disturbance_throttles(&run->disturbance);
    for (size_t i = 0; i < run->ranks_count; i++) {
        v->halted |= disturbance_halts(&run->ranks[i].disturbance);
        v->throttled |= disturbance_throttles(&run->ranks[i].disturbance);
    }
}

/* A batch shorter than the heartbeat may pass between two beats: then its lag is not known to be 0.
 */
static void add_lags(struct run_values *v, const struct run_record *run, uint64_t *values)
{
    struct stats_distribution d;
    size_t n = 0;

    for (size_t i = 0; i < run->beats_count; i++)
        if (run_beat_counts(run, &run->beats[i]))
            values[n++] = beat_lag_ns(&run->beats[i]);
    stats_distribution_of(values, n, &d);
    v->of[RUN_HEARTBEAT_LAG_MAX_NS] = d.count > 0 ? (double)d.max : NAN;
    v->of[RUN_HEARTBEAT_LAG_P50_NS] = d.at[STATS_P50];
    v->of[RUN_HEARTBEAT_LAG_P99_NS] = d.at[STATS_P99];
}

int run_values_of(const struct run_record *run, const struct cell *cell,
                  struct kernel_memory kernel, struct run_values *out)
{
    size_t counted = run_counted(run), served = 0;
    size_t most = counted > run->beats_count ? counted : run->beats_count;
    uint64_t *values;

    *out = (struct run_values){.lost = NAN, .late_ns = NAN, .late_max_ns = NAN, .reached = NAN};
    for (size_t i = 0; i < RUN_VALUES; i++)
        out->of[i] = NAN;
    if (!run_carried_out(run))
        return 0;
    values = malloc((most + 1) * sizeof *values);
    if (values == NULL)
        return -ENOMEM;
    for (size_t i = run->warmup_samples; i < run->samples_count; i++) {
        out->failed += sample_failed(&run->samples[i]);
        served += sample_ran(&run->samples[i]);
    }
    if (counted > 0)
        out->lost = (double)(counted - served) / (double)counted;
    add_plain(out, run, cell);
    add_memory(out, run, cell, kernel);
    add_latencies(out, run, cell, values);
    add_late_parts(out, run, cell, values);
    add_lateness(out, run, values);
    add_reached(out, run);
    add_disturbances(out, run);
    add_lags(out, run, values);
    free(values);
    return 0;
}

static double value_at(const struct run_values *v, const char *path)
{
    static const char summary[] = "summary.";

    for (size_t i = 0; i < RUN_VALUES; i++)
        if (strcmp(path + strlen(summary), run_value_paths[i]) == 0)
            return v->of[i];
    return NAN;
}

double run_values_metric(const struct run_values *v, const struct metric *m)
{
    double value = v->failed > 0 ? NAN : value_at(v, m->paths[0]);

    if (m->paths[1] != NULL)
        value += value_at(v, m->paths[1]);
    return m->over != NULL ? value / v->of[RUN_JOBS] : value;
}

double run_headline_s(const struct run_record *run, const struct cell *cell)
{
    double sum = 0, n = 0;

    if (cell->load.kind == LOAD_BATCH)
        return clock_seconds(run->makespan_ns);
    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (sample_has_latency(&run->samples[i])) {
            sum += clock_seconds(sample_latency_ns(&run->samples[i]));
            n++;
        }
    return n > 0 ? sum / n : NAN;
}
