#include "run/cell.h"

#include "async/stack.h"
#include "async/thread_pool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define WARMUP_JOBS_AUTO 5
#define FDS_OF_PROCESS   32 /* the loop's, the standard streams, libraries */
#define IDEAL_DRAWS_MAX  4000000

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

uint64_t cell_warmup_jobs(const struct cell *c)
{
    if (c->warmup != CELL_WARMUP_AUTO)
        return c->warmup;
    return c->jobs < WARMUP_JOBS_AUTO ? c->jobs : WARMUP_JOBS_AUTO;
}

size_t cell_stack_size(const struct cell *c)
{
    size_t asked = c->stack_size > 0 ? c->stack_size : (size_t)STACK_SIZE_DEFAULT;
    size_t needed = c->model->io == MODEL_IO_BLOCKING ? c->job.type->stack_blocking : 0;

    return asked > needed ? asked : needed;
}

char *cell_group(const struct cell *c, char *buf, size_t size)
{
    char spec[JOB_TEXT_SIZE];

    snprintf(buf, size, "%s x %" PRIu64, job_format(&c->job, spec, sizeof spec), c->jobs);
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

static uint64_t ideal_of_different_ns(const struct cell *c, const struct theory *each,
                                      uint64_t draws)
{
    const struct job_type *type = c->job.type;
    struct theory_mix mix = {.lanes = each->lanes, .cpu_lanes = each->cpu_lanes};
    uint64_t looked = 0;

    for (; looked < c->jobs && (looked == 0 || looked * draws < IDEAL_DRAWS_MAX); looked++) {
        double share = type->cpu_share ? type->cpu_share(&c->job, looked) : 1;

        theory_mix_add(&mix, type->wait_ns ? type->wait_ns(&c->job, looked) : 0,
                       scale(each->cpu_ns, share));
    }
    if (looked < c->jobs) {
        mix.total_ns = scale(mix.total_ns, (double)c->jobs / (double)looked);
        mix.cpu_total_ns = scale(mix.cpu_total_ns, (double)c->jobs / (double)looked);
    }
    return theory_makespan_mix_ns(&mix);
}

uint64_t cell_ideal_ns(const struct cell *c, uint64_t cpu_ns, unsigned cores)
{
    const struct job_type *type = c->job.type;
    struct job_spread spread = job_spread(&c->job);
    struct theory theory = {
        .jobs = c->jobs,
        .lanes = c->model->lanes(c->jobs, c->threads),
        .cpu_lanes = c->model->cpu_lanes(c->threads, cores),
        .wait_ns = type->wait_ns ? type->wait_ns(&c->job, 0) : 0,
        .cpu_ns = type->cpu_bound ? cpu_ns : 0,
    };

    return spread.scv > 0 ? ideal_of_different_ns(c, &theory, spread.draws)
                          : theory_makespan_ns(&theory);
}

static int check_descriptors(const struct cell *c, struct err *err)
{
    uint64_t at_once = c->model->lanes(c->jobs, c->threads);
    const struct job_type *type = c->job.type;
    uint64_t each = type->fds + (c->model->io == MODEL_IO_BLOCKING ? type->fds_blocking : 0);
    uint64_t asked = (at_once < c->jobs ? at_once : c->jobs) * each + FDS_OF_PROCESS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        asked <= limit.rlim_cur)
        return 0;
    return err_set(err, -EMFILE,
                   "needs %" PRIu64
                   " open files at once, and the limit is %ju: raise it (ulimit -n) "
                   "or ask for fewer jobs",
                   asked, (uintmax_t)limit.rlim_cur);
}

/* What /proc/sys says, or the largest number when it does not. */
static uint64_t kernel_limit(const char *path)
{
    uint64_t value = UINT64_MAX;
    FILE *f = fopen(path, "re");

    if (f != NULL) {
        if (fscanf(f, "%" SCNu64, &value) != 1)
            value = UINT64_MAX;
        fclose(f);
    }
    return value;
}

static int check_threads(const struct cell *c, struct err *err)
{
    uint64_t threads = kernel_limit("/proc/sys/kernel/threads-max");
    uint64_t pids = kernel_limit("/proc/sys/kernel/pid_max");
    const char *name = threads < pids ? "kernel.threads-max" : "kernel.pid_max";
    uint64_t value = threads < pids ? threads : pids;
    uint64_t asked = c->model->os_threads ? c->model->os_threads(c->jobs, c->threads) : 0;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < value) {
        name = "processes of this user (ulimit -u)";
        value = limit.rlim_cur;
    }
    if (asked < value)
        return 0;
    return err_set(err, -EAGAIN,
                   "needs %" PRIu64 " threads, and the limit on %s is %" PRIu64
                   ": raise it or ask for fewer",
                   asked, name, value);
}

int cell_check_limits(const struct cell *c, struct err *err)
{
    int r = check_descriptors(c, err);

    return r == 0 ? check_threads(c, err) : r;
}
