#include "run/cell.h"

#include "async/stack.h"
#include "async/thread_pool.h"
#include "base/text.h"
#include "job/wire.h"
#include "math/theory_makespan.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define WARMUP_FEW      5        /* jobs; of a batch that is not warmed up whole */
#define WARMUP_MAX_NS   NS_PER_S /* of a batch that is */
#define WARMUP_SHARE    10       /* of a loop */
#define FDS_OF_PROCESS  34 /* the loop's, the standard streams, libraries, the harness's ping */
#define FDS_OF_LOOP     10 /* of each loop of the model's, and what its jobs share */
#define IDEAL_DRAWS_MAX 4000000

struct cell cell_default(void)
{
    return (struct cell){
        .jobs = 100,
        .threads = thread_pool_default_size(),
        .stack_size = STACK_SIZE_DEFAULT,
        .warmup = CELL_WARMUP_AUTO,
        .cpu = -1,
    };
}

/* True when jobs make blocking calls, all or some of them. */
static bool blocks(const struct cell *c)
{
    return c->model->io == MODEL_IO_BLOCKING || c->load.poison > 0;
}

size_t cell_stack_size(const struct cell *c)
{
    size_t asked = c->stack_size > 0 ? c->stack_size : (size_t)STACK_SIZE_DEFAULT;
    size_t needed = blocks(c) ? job_traits(&c->job).stack_blocking : 0;

    return asked > needed ? asked : needed;
}

char *cell_group(const struct cell *c, char *buf, size_t size)
{
    char spec[JOB_TEXT_SIZE], load[LOAD_TEXT_SIZE];

    snprintf(buf, size, "%s%s", job_format(&c->job, spec, sizeof spec),
             load_format(&c->load, c->jobs, load, sizeof load));
    return buf;
}

char *cell_name(const struct cell *c, char *buf, size_t size)
{
    char group[CELL_NAME_SIZE];

    cell_group(c, group, sizeof group);
    if (c->model->uses_threads)
        snprintf(buf, size, "%s(%u) %s", c->model->name, c->threads, group);
    else
        snprintf(buf, size, "%s %s", c->model->name, group);
    return buf;
}

static uint64_t scale(uint64_t ns, double factor)
{
    double product = (double)ns * factor;

    return product < 0x1p64 ? (uint64_t)product : UINT64_MAX;
}

/* Ranks share jobs out evenly. */
uint64_t cell_lanes(const struct cell *c, uint64_t jobs)
{
    unsigned ranks = cell_ranks(c);

    return ranks == 1 || c->model->lanes == MODEL_LANES_JOBS
               ? model_lanes(c->model, jobs, c->threads)
               : ranks * model_lanes(c->model, jobs, c->threads);
}

uint64_t cell_cpu_lanes(const struct cell *c, unsigned cores)
{
    uint64_t lanes = cell_ranks(c) * model_cpu_lanes(c->model, c->threads, cores);

    return lanes < cores ? lanes : cores;
}

/* Job number `index`, among the lanes of the cell's model. */
static struct theory_makespan theory_of(const struct cell *c, uint64_t index, uint64_t solo_ns,
                                        unsigned cores)
{
    struct theory_makespan job = {
        .jobs = c->jobs,
        .lanes = cell_lanes(c, c->jobs),
        .cpu_lanes = cell_cpu_lanes(c, cores),
        .wait_ns = job_wait_ns(&c->job, index),
        .cpu_ns = job_cpu_ns(&c->job, index, solo_ns),
    };

    if (job.cpu_ns > 0) {
        job.lead_ns = job_edge_ns(&c->job, index, false);
        job.trail_ns = job_edge_ns(&c->job, index, true);
    }
    return job;
}

static uint64_t ideal_of_different_ns(const struct cell *c, uint64_t solo_ns, unsigned cores,
                                      uint64_t draws)
{
    struct theory_makespan job = theory_of(c, 0, solo_ns, cores);
    struct theory_makespan_mix mix = {.lanes = job.lanes, .cpu_lanes = job.cpu_lanes};
    uint64_t looked = 0;

    while (looked < c->jobs && (looked == 0 || looked * draws < IDEAL_DRAWS_MAX)) {
        job = theory_of(c, looked++, solo_ns, cores);
        theory_makespan_mix_add(&mix, &job);
    }
    if (looked < c->jobs) {
        mix.total_ns = scale(mix.total_ns, (double)c->jobs / (double)looked);
        mix.cpu_total_ns = scale(mix.cpu_total_ns, (double)c->jobs / (double)looked);
    }
    return theory_makespan_mix_ns(&mix);
}

uint64_t cell_ideal_ns(const struct cell *c, uint64_t solo_ns, unsigned cores)
{
    struct job_spread spread = job_spread(&c->job, 0);
    struct theory_makespan theory;

    if (c->load.kind != LOAD_BATCH)
        return 0;
    if (spread.scv > 0)
        return ideal_of_different_ns(c, solo_ns, cores, spread.draws);
    theory = theory_of(c, 0, solo_ns, cores);
    return theory_makespan_ns(&theory);
}

uint64_t cell_ideal_job_ns(const struct cell *c, uint64_t solo_ns)
{
    if (job_spread(&c->job, 0).scv > 0)
        return 0;
    return job_wait_ns(&c->job, 0) + job_cpu_ns(&c->job, 0, solo_ns);
}

bool cell_changes(const struct cell *c)
{
    return c->load.rates.count > 0 || job_misbehaves(&c->job);
}

bool cell_jobs_vary(const struct cell *c)
{
    return c->load.kind == LOAD_CLOSED && c->load.duration_ns > 0;
}

static uint64_t in_flight_of_all(const struct cell *c)
{
    struct job_spread spread = job_spread(&c->job, 0);
    double little =
        load_most_per_s(&c->load) * (spread.mean_wait_ns + spread.mean_cpu_ns) / NS_PER_S;

    if (c->load.kind == LOAD_BATCH)
        return c->jobs;
    if (c->load.kind == LOAD_CLOSED)
        return c->jobs > 0 && c->jobs < c->load.clients ? c->jobs : c->load.clients;
    if (c->load.limit > 0)
        return c->load.limit;
    return little < 1 ? 1 : little > (double)CELL_JOBS_MAX ? CELL_JOBS_MAX : (uint64_t)ceil(little);
}

uint64_t cell_in_flight(const struct cell *c)
{
    uint64_t mine = share_of(c->share, in_flight_of_all(c));

    return mine > 0 ? mine : 1;
}

/* How long so many jobs take on their lanes, of which `at_once` can be in use. */
static uint64_t work_ns(const struct cell *c, uint64_t jobs, uint64_t at_once)
{
    uint64_t lanes = cell_lanes(c, at_once);
    struct job_spread spread = job_spread(&c->job, 0);
    struct theory_makespan theory = {
        .jobs = jobs,
        .lanes = lanes < at_once ? lanes : at_once,
        .cpu_lanes = 1,
        .wait_ns = (uint64_t)spread.mean_wait_ns,
        .cpu_ns = (uint64_t)spread.mean_cpu_ns,
    };

    return theory.lanes > 0 ? theory_makespan_ns(&theory) : 0;
}

/* A model that makes something for each job is warm when as many jobs were in flight as the batch
 * has. One that takes jobs in turn makes nothing for them. */
static uint64_t warmup_of_batch(const struct cell *c)
{
    uint64_t few = WARMUP_FEW * cell_ranks(c);
    bool whole = c->model != NULL && c->model->lanes != MODEL_LANES_ONE &&
                 c->jobs <= CELL_JOBS_MAX / 2 && work_ns(c, c->jobs, c->jobs) <= WARMUP_MAX_NS;

    return whole || c->jobs < few ? c->jobs : few;
}

uint64_t cell_warmup_jobs(const struct cell *c)
{
    if (c->load.warmup_ns > 0)
        return 0;
    if (c->warmup != CELL_WARMUP_AUTO)
        return c->warmup;
    return c->load.kind == LOAD_BATCH ? warmup_of_batch(c) : c->jobs / WARMUP_SHARE;
}

uint64_t cell_expected_ns(const struct cell *c)
{
    uint64_t span_ns = load_span_ns(&c->load, c->jobs, cell_warmup_jobs(c));

    if (span_ns > 0)
        return span_ns + c->load.drain_ns;
    return work_ns(c, c->jobs + cell_warmup_jobs(c), in_flight_of_all(c));
}

/* What the target has open, whose limit is the same; one connection asks whether it lives. */
static uint64_t descriptors_of_target(const struct cell *c, uint64_t at_once, uint64_t limit)
{
    if (!job_needs_target(&c->job))
        return 0;
    return wire_target_fds(wire_target_loops(thread_pool_cores(), limit)) + 1 +
           at_once * job_traits(&c->job).connections;
}

static int check_descriptors(const struct cell *c, struct err *err)
{
    uint64_t in_flight = cell_in_flight(c);
    uint64_t lanes = model_lanes(c->model, in_flight, c->threads);
    uint64_t at_once = lanes < in_flight ? lanes : in_flight;
    struct job_traits traits = job_traits(&c->job);
    uint64_t each = traits.fds + (blocks(c) ? traits.fds_blocking : 0);
    uint64_t loops = c->model->has_loops ? c->threads : 0;
    uint64_t asked = at_once * each + loops * FDS_OF_LOOP + FDS_OF_PROCESS, of_target;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return 0;
    of_target = descriptors_of_target(c, at_once, limit.rlim_cur);
    asked = asked > of_target ? asked : of_target;
    if (asked <= limit.rlim_cur)
        return 0;
    return err_set(err, -EMFILE,
                   "needs %" PRIu64
                   " open files at once, and the limit is %ju: raise it (ulimit -n) "
                   "or ask for fewer jobs",
                   asked, (uintmax_t)limit.rlim_cur);
}

/* Ports that the system gives an address for the client's side of connections. */
static uint64_t ports_of_address(void)
{
    char text[64], *end;
    unsigned long first =
        strtoul(text_read("/proc/sys/net/ipv4/ip_local_port_range", text, sizeof text), &end, 10);
    unsigned long last = strtoul(end, NULL, 10);

    return last >= first && last > 0 ? last - first + 1 : UINT16_MAX;
}

/* Each job in progress has connections of its own. */
static int check_ports(const struct cell *c, struct err *err)
{
    uint64_t in_flight = cell_in_flight(c), ports = ports_of_address();
    uint64_t at_once = model_lanes(c->model, in_flight, c->threads);
    struct job_traits traits = job_traits(&c->job);
    uint64_t asked = (at_once < in_flight ? at_once : in_flight) * traits.connections;

    if (asked <= ports * traits.sources)
        return 0;
    return err_set(err, -EADDRNOTAVAIL,
                   "needs %" PRIu64 " connections at once, and net.ipv4.ip_local_port_range "
                   "has %" PRIu64 " ports for each of %u addresses: widen it or ask for fewer jobs",
                   asked, ports, traits.sources);
}

/* No limit when the file cannot be read, or says "max". */
static uint64_t kernel_limit(const char *path)
{
    return (uint64_t)text_read_number(path, INT64_MAX);
}

struct thread_limit {
    const char *name;
    uint64_t value;
};

/* The tightest limit; how much of it is in use is not known. */
static struct thread_limit thread_limit(void)
{
    struct thread_limit limits[] = {
        {"processes of this user (ulimit -u)", UINT64_MAX},
        {"kernel.threads-max", kernel_limit("/proc/sys/kernel/threads-max")},
        {"kernel.pid_max", kernel_limit("/proc/sys/kernel/pid_max")},
        {"processes of this container (pids.max)", kernel_limit("/sys/fs/cgroup/pids.max")},
    };
    struct thread_limit least = limits[0];
    struct rlimit limit;

    if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        least.value = limit.rlim_cur;
    for (size_t i = 1; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].value < least.value)
            least = limits[i];
    return least;
}

static int check_threads(const struct cell *c, struct err *err)
{
    uint64_t asked = model_os_threads(c->model, cell_in_flight(c), c->threads);
    struct thread_limit limit = thread_limit();

    if (asked < limit.value)
        return 0;
    return err_set(err, -EAGAIN,
                   "needs %" PRIu64 " threads, and the limit on %s is %" PRIu64
                   ": raise it or ask for fewer",
                   asked, limit.name, limit.value);
}

int cell_check_limits(const struct cell *c, struct err *err)
{
    int r = model_check(c->model, err);

    if (r == 0)
        r = check_descriptors(c, err);
    if (r == 0)
        r = check_ports(c, err);
    return r == 0 ? check_threads(c, err) : r;
}
