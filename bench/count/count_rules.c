#include "count/count.h"

#include <stdlib.h>
#include <string.h>

#define JOBS_MOST    32
#define JOBS_MOST_IN 400 /* of which instructions are counted */
#define JOBS_LEAST   10
#define SPAN_NS      (300 * NS_PER_MS) /* of N and 2N jobs together, by theory */
#define SURE_WAIT_NS NS_PER_MS

struct cell count_with_jobs(const struct cell *cell, uint64_t jobs)
{
    struct cell c = *cell;

    c.jobs = jobs;
    c.job.seed = COUNT_SEED;
    if (c.warmup == CELL_WARMUP_AUTO && c.load.kind != LOAD_BATCH)
        c.warmup = 1; /* a share of the jobs would grow with them */
    return c;
}

static uint64_t least_jobs(const struct cell *cell)
{
    uint64_t least = JOBS_LEAST;

    if (cell->model->uses_threads && least < 2 * (uint64_t)cell->threads)
        least = 2 * (uint64_t)cell->threads;
    if (cell->load.kind == LOAD_CLOSED && least < 2 * cell->load.clients)
        least = 2 * cell->load.clients;
    return least;
}

/* The options that say N and 2N must be of one length, since they are kept in memory. */
static uint64_t with_room(uint64_t jobs)
{
    uint64_t power = 1;

    while (power <= jobs)
        power *= 10;
    return 2 * jobs < power ? jobs : power;
}

uint64_t count_jobs(const struct cell *cell, enum count_tool tool)
{
    uint64_t jobs = tool == COUNT_BY_VALGRIND ? JOBS_MOST_IN : JOBS_MOST;
    uint64_t least = least_jobs(cell);

    if (cell->jobs == 0 || cell->load.kind == LOAD_OPEN || cell->load.duration_ns > 0)
        return 0;
    while (jobs > least) {
        struct cell c = count_with_jobs(cell, 3 * jobs);

        if (!cell->job.type->cpu_bound && cell_expected_ns(&c) <= SPAN_NS)
            break;
        jobs /= 2;
    }
    return with_room(jobs > least ? jobs : least);
}

static int64_t difference(const uint64_t totals[2])
{
    return (int64_t)(totals[1] - totals[0]);
}

unsigned count_agreeing(const struct count_series *s, int64_t *slope)
{
    unsigned most = 0;

    for (unsigned i = 0; i < s->repeats; i++) {
        unsigned same = 0;

        for (unsigned k = 0; k < s->repeats; k++)
            same += difference(s->totals[k]) == difference(s->totals[i]);
        if (same > most) {
            most = same;
            *slope = difference(s->totals[i]);
        }
    }
    return most;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

double count_value(const struct count_series *s)
{
    int64_t slopes[COUNT_REPEATS], slope = 0;

    if (count_agreeing(s, &slope) < COUNT_AGREE) {
        for (unsigned i = 0; i < s->repeats; i++)
            slopes[i] = difference(s->totals[i]);
        qsort(slopes, s->repeats, sizeof *slopes, compare);
        slope = slopes[s->repeats / 2];
    }
    return (double)slope / (double)s->jobs;
}

/* tcp by blocking calls: a request is a call to send and one to receive, however fast the target.
 */
static bool is_plain_tcp(const struct cell *cell)
{
    return cell->model->io == MODEL_IO_BLOCKING && strcmp(cell->job.type->name, "tcp") == 0;
}

/* Does every reply come after it is waited for, whatever the machine is at? */
static bool waits_surely(const struct job *job)
{
    return job->type->wait_ns != NULL && job->type->wait_ns(job, 0) >= SURE_WAIT_NS &&
           job_spread(job).scv == 0;
}

/* Of a target without a delay it depends on its speed how many connections there are, which of them
 * are waited for, and what that takes. How long libcurl's texts are depends on the time. And
 * whether a thread gets the stack of one that has ended, is a race. */
static bool is_settled(const struct cell *cell, enum count_metric metric)
{
    if (cell->load.kind != LOAD_BATCH || strcmp(cell->model->name, "threads") == 0)
        return false;
    if (!cell->job.type->needs_target || is_plain_tcp(cell))
        return true;
    if (metric == COUNT_ALLOCATED_BYTES && strcmp(cell->job.type->name, "tcp") != 0)
        return false;
    if (waits_surely(&cell->job))
        return true;
    return metric == COUNT_SYSCALLS && strcmp(cell->model->name, "tasks") != 0;
}

/* How often the loop turns for timers that are due at nearly the same time depends on the clock. */
static bool turns_by_time(const struct cell *cell)
{
    return cell->model->io == MODEL_IO_ASYNC && cell->job.type->wait_ns != NULL &&
           cell->job.type->wait_ns(&cell->job, 0) > 0;
}

enum count_kind count_kind_by_design(const struct cell *cell, enum count_metric metric)
{
    switch (metric) {
    case COUNT_INSTRUCTIONS:
        return turns_by_time(cell) ? COUNT_SCHEDULED : COUNT_NEARLY;
    case COUNT_SYSCALLS:
    case COUNT_ALLOCATIONS:
    case COUNT_ALLOCATED_BYTES:
        return is_settled(cell, metric) ? COUNT_EXACT : COUNT_SCHEDULED;
    default:
        return COUNT_SCHEDULED;
    }
}

bool count_has_instructions(const struct cell *cell, const struct count_cell *c)
{
    return c->metrics[COUNT_SYSCALLS].repeats > 0 && c->single_threaded &&
           cell->load.kind == LOAD_BATCH && (!cell->job.type->needs_target || is_plain_tcp(cell));
}
