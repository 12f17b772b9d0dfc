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
    bool blocks = c->model->io == MODEL_IO_BLOCKING || c->load.poison > 0;
    size_t needed = blocks ? c->job.type->stack_blocking : 0;

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

uint64_t cell_ideal_ns(const struct cell *c, uint64_t cpu_ns, unsigned cores)
{
    const struct job_type *type = c->job.type;
    struct theory theory = {
        .jobs = c->jobs,
        .lanes = c->model->lanes(c->jobs, c->threads),
        .cpu_lanes = c->model->cpu_lanes(c->threads, cores),
        .wait_ns = type->wait_ns ? type->wait_ns(&c->job) : 0,
        .cpu_ns = type->cpu_bound ? cpu_ns : 0,
    };

    return theory_makespan_ns(&theory);
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

struct thread_limit {
    const char *name;
    uint64_t value;
};

/* The tightest of those that apply; what this process and others have used of it is not known. */
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
    uint64_t asked = c->model->os_threads ? c->model->os_threads(c->jobs, c->threads) : 0;
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
    int r = check_descriptors(c, err);

    return r == 0 ? check_threads(c, err) : r;
}
