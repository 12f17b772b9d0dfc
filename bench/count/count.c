#include "count/count.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MOST     32
#define JOBS_LEAST    8
#define SPAN_NS       (300 * NS_PER_MS) /* of N and 2N jobs together, by theory */
#define COMPUTES_NS   NS_PER_MS         /* a job that computes longer gets few jobs */
#define TIMEOUT_NS    (60 * NS_PER_S)
#define PROCESSES     (2 * (2 * COUNT_REPEATS + 1)) /* a cell, at most */
#define GUESS_RUN_NS  (50 * NS_PER_MS)

/* What the counting of a plan works with. */
struct session {
    const struct plan *plan;
    uint64_t timeout_ns;
    struct interrupt *interrupt;
    struct progress *progress;
    struct target_proc target;
    struct err target_fault;
    bool available[COUNT_TOOLS];
    size_t done, total; /* processes */
};

static struct cell with_jobs(const struct cell *cell, uint64_t jobs)
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

uint64_t count_jobs(const struct cell *cell)
{
    uint64_t jobs = JOBS_MOST, least = least_jobs(cell);
    bool computes = cell->job.type->cpu_bound;

    if (cell->jobs == 0 || cell->load.kind == LOAD_OPEN || cell->load.duration_ns > 0)
        return 0;
    while (jobs > least) {
        struct cell c = with_jobs(cell, 3 * jobs);

        if (!computes && cell_expected_ns(&c) <= SPAN_NS)
            break;
        jobs /= 2;
    }
    return jobs > least ? jobs : least;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int64_t difference(const uint64_t totals[2])
{
    return (int64_t)(totals[1] - totals[0]);
}

double count_value(const struct count_series *s, uint64_t jobs)
{
    double slopes[COUNT_REPEATS];

    for (unsigned i = 0; i < s->repeats; i++)
        slopes[i] = (double)difference(s->totals[i]) / (double)jobs;
    qsort(slopes, s->repeats, sizeof *slopes, compare);
    return slopes[s->repeats / 2];
}

bool count_agree(const struct count_series *s)
{
    for (unsigned i = 1; i < s->repeats; i++)
        if (difference(s->totals[i]) != difference(s->totals[0]))
            return false;
    return true;
}

enum count_kind count_kind_by_design(const struct cell *cell, enum count_metric metric)
{
    switch (metric) {
    case COUNT_INSTRUCTIONS:
        return COUNT_NEARLY;
    case COUNT_SYSCALLS:
    case COUNT_ALLOCATIONS:
    case COUNT_ALLOCATED_BYTES:
        return cell->load.kind == LOAD_BATCH ? COUNT_EXACT : COUNT_SCHEDULED;
    default:
        return COUNT_SCHEDULED;
    }
}

/* Keep what a process counted: `which` is 0 for N jobs, 1 for 2N. */
static void keep(struct count_cell *c, enum count_tool tool, unsigned repeat, unsigned which,
                 const struct count_sums *sums)
{
    struct count_series *m = c->metrics;

    switch (tool) {
    case COUNT_BY_TRACE:
        m[COUNT_SYSCALLS].totals[repeat][which] = sums->trace.work;
        m[COUNT_WAKEUPS].totals[repeat][which] = sums->trace.wait;
        m[COUNT_MEMORY_CALLS].totals[repeat][which] = sums->trace.memory;
        for (size_t i = 0; i < COUNT_SYSCALLS_MAX && repeat == 0; i++)
            c->calls[i][which] = sums->trace.calls[i];
        c->single_threaded = c->single_threaded && sums->trace.threads == 0;
        break;
    case COUNT_BY_PRELOAD:
        m[COUNT_ALLOCATIONS].totals[repeat][which] = sums->alloc.allocations;
        m[COUNT_ALLOCATED_BYTES].totals[repeat][which] = sums->alloc.bytes;
        m[COUNT_CONTEXT_SWITCHES].totals[repeat][which] = sums->context_switches;
        break;
    case COUNT_BY_VALGRIND:
        m[COUNT_INSTRUCTIONS].totals[repeat][which] = sums->instructions;
        break;
    }
}

/* The repeats of a tool are over: what it counts is known from here on. */
static void conclude(struct count_cell *c, enum count_tool tool, unsigned repeats)
{
    static const enum count_metric of[COUNT_TOOLS][3] = {
        [COUNT_BY_TRACE] = {COUNT_SYSCALLS, COUNT_WAKEUPS, COUNT_MEMORY_CALLS},
        [COUNT_BY_PRELOAD] = {COUNT_ALLOCATIONS, COUNT_ALLOCATED_BYTES, COUNT_CONTEXT_SWITCHES},
        [COUNT_BY_VALGRIND] = {COUNT_INSTRUCTIONS, COUNT_INSTRUCTIONS, COUNT_INSTRUCTIONS},
    };

    for (size_t i = 0; i < 3; i++)
        c->metrics[of[tool][i]].repeats = repeats;
}

/* A tool that does not work here is said once, and is no fault of the cell. */
static bool is_unavailable(int error)
{
    return error == -EPERM || error == -ENOSYS || error == -ELIBACC;
}

static int run_one(struct session *s, const struct cell *cell, struct count_cell *c,
                   struct count_proc *proc, unsigned which)
{
    struct cell counted = with_jobs(cell, c->jobs << which);
    struct count_sums sums;
    char name[CELL_NAME_SIZE];
    int r;

    if (interrupt_check(s->interrupt) != 0)
        return -EINTR;
    progress_run(s->progress, s->done, s->total, cell_name(cell, name, sizeof name),
                 (s->total - s->done) * GUESS_RUN_NS);
    proc->run.cell = &counted;
    r = count_proc_execute(proc, &sums, &c->failure);
    s->done++;
    if (r == -ECONNRESET && s->target.proc.pid != 0) {
        target_proc_ended(&s->target, &s->target_fault);
        c->failure = s->target_fault;
    }
    if (r == 0)
        keep(c, proc->tool, proc->variation, which, &sums);
    return r;
}

/* Count one cell by one tool. 0, also where the tool does not work here. */
static int count_by(struct session *s, const struct cell *cell, struct count_cell *c,
                    enum count_tool tool)
{
    unsigned repeats = tool == COUNT_BY_VALGRIND ? 1 : COUNT_REPEATS;
    struct count_proc proc = {
        .run = {.timeout_ns = s->timeout_ns ? s->timeout_ns : TIMEOUT_NS,
                .interrupt = s->interrupt,
                .target = job_needs_target(&cell->job) ? &s->target : NULL},
        .tool = tool,
    };
    int r = 0;

    for (proc.variation = 0; r == 0 && proc.variation < repeats; proc.variation++)
        for (unsigned which = 0; r == 0 && which < 2; which++)
            r = run_one(s, cell, c, &proc, which);
    if (r == 0)
        conclude(c, tool, repeats);
    if (!is_unavailable(r))
        return r;
    progress_note(s->progress, "tva run: %s", c->failure.text);
    s->available[tool] = false;
    c->failure = (struct err){""};
    return 0;
}

static int count_cell(struct session *s, const struct cell *cell, struct count_cell *c)
{
    int r = 0;

    c->jobs = count_jobs(cell);
    c->single_threaded = true;
    if (c->jobs == 0)
        return err_set(&c->failure, -ENOTSUP,
                       "it cannot be counted: a time ends it, or a schedule, and counts need a "
                       "number of jobs that can be doubled");
    if (job_needs_target(&cell->job) && s->target.proc.pid == 0) {
        c->failure = s->target_fault;
        return -ECONNRESET;
    }
    for (int tool = 0; tool < COUNT_TOOLS && r == 0; tool++) {
        bool single = c->metrics[COUNT_SYSCALLS].repeats > 0 && c->single_threaded;

        if (s->available[tool] && (tool != COUNT_BY_VALGRIND || single))
            r = count_by(s, cell, c, (enum count_tool)tool);
    }
    return r;
}

static void check_tools(struct session *s)
{
    for (int tool = 0; tool < COUNT_TOOLS; tool++) {
        struct err err = {""};

        s->available[tool] = count_tool_check((enum count_tool)tool, &err) == 0;
        if (!s->available[tool])
            progress_note(s->progress, "tva run: %s", err.text);
    }
}

static void start_target(struct session *s)
{
    for (size_t i = 0; i < s->plan->count; i++) {
        if (!job_needs_target(&s->plan->cells[i].cell.job))
            continue;
        /* Where it fails, the cells that need it say why. */
        (void)target_proc_start(&s->target, &s->target_fault);
        return;
    }
}

int count_measure(const struct plan *plan, uint64_t timeout_ns, struct interrupt *interrupt,
                  struct progress *progress, struct count_cell *cells)
{
    struct session s = {
        .plan = plan,
        .timeout_ns = timeout_ns,
        .interrupt = interrupt,
        .progress = progress,
        .target = {.proc.fd = -1, .out_fd = -1},
        .total = plan->count * PROCESSES,
    };
    int r = 0;

    memset(cells, 0, plan->count * sizeof *cells);
    check_tools(&s);
    start_target(&s);
    for (size_t i = 0; i < plan->count && r != -EINTR; i++) {
        const struct cell *cell = &plan->cells[i].cell;
        char name[CELL_NAME_SIZE];

        r = count_cell(&s, cell, &cells[i]);
        cells[i].complete = r != -EINTR;
        if (r < 0 && r != -EINTR)
            progress_note(progress, "tva run: %s: %s", cell_name(cell, name, sizeof name),
                          cells[i].failure.text);
        s.done = (i + 1) * PROCESSES;
    }
    progress_end(progress);
    target_proc_stop(&s.target);
    return r == -EINTR ? r : 0;
}
