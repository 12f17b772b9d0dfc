#include "count/count.h"

#include "base/text.h"
#include "math/stats.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TIMEOUT_NS   (60 * NS_PER_S)
#define PROCESSES    (2 * (2 * COUNT_AGREE + 1)) /* of a cell, usually */
#define GUESS_RUN_NS (50 * NS_PER_MS)
#define JOBS_MOST    32
#define JOBS_MOST_IN 400 /* where instructions are counted */
#define JOBS_LEAST   16
#define SPAN_NS      (300 * NS_PER_MS) /* of N and 2N jobs together, by theory */
#define SURE_WAIT_NS NS_PER_MS
#define WARMUP_BATCH 5 /* jobs */
#define WARMUP_LOOP  1
#define LEAST_SHARE  0.02

/* What is counted: its name in the catalogue (result/metric.h), by which tool, and where its sum
 * is.
 */
static const struct {
    const char *name;
    enum count_tool tool;
    size_t at; /* of a uint64_t in struct count_sums */
} sources[COUNT_METRICS] = {
#define SUM(member) offsetof(struct count_sums, member)
    [COUNT_SYSCALLS] = {"syscalls", COUNT_BY_TRACE, SUM(trace.work)},
    [COUNT_ALLOCATIONS] = {"allocations", COUNT_BY_PRELOAD, SUM(alloc.allocations)},
    [COUNT_ALLOCATED_BYTES] = {"allocated", COUNT_BY_PRELOAD, SUM(alloc.bytes)},
    [COUNT_INSTRUCTIONS] = {"instructions", COUNT_BY_VALGRIND, SUM(instructions)},
    [COUNT_PAGES] = {"pages", COUNT_BY_PRELOAD, SUM(faults)},
    [COUNT_WAKEUPS] = {"wakeups", COUNT_BY_TRACE, SUM(trace.wait)},
    [COUNT_MEMORY_CALLS] = {"memory-calls", COUNT_BY_TRACE, SUM(trace.memory)},
    [COUNT_CONTEXT_SWITCHES] = {"switches", COUNT_BY_PRELOAD, SUM(context_switches)},
};

/* The cell with so many jobs instead, and the seed that counts are made with. */
static struct cell with_jobs(const struct cell *cell, uint64_t jobs)
{
    struct cell c = *cell;

    c.jobs = jobs;
    job_set_seed(&c.job, COUNT_SEED);
    if (c.warmup == CELL_WARMUP_AUTO) /* it would grow with the jobs */
        c.warmup = c.load.kind == LOAD_BATCH ? WARMUP_BATCH : WARMUP_LOOP;
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

/* N and 2N must have the same number of digits: the options are in memory that is counted. */
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

    if (cell->jobs == 0 || cell->load.kind == LOAD_OPEN || cell->load.duration_ns > 0 ||
        job_misbehaves(&cell->job))
        return 0;
    while (jobs > least) {
        struct cell c = with_jobs(cell, 3 * jobs);

        if (!job_traits(&cell->job).is_measured && cell_expected_ns(&c) <= SPAN_NS)
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

/* The totals of N jobs (which = 0) or of 2N jobs (1), from the least on. */
static void sort_totals(const struct count_series *s, unsigned which, double *sorted)
{
    for (unsigned i = 0; i < s->repeats; i++)
        sorted[i] = (double)s->totals[i][which];
    stats_sort(sorted, s->repeats);
}

bool count_least_agree(const struct count_series *s)
{
    double sorted[COUNT_REPEATS];

    for (unsigned which = 0; which < 2; which++) {
        sort_totals(s, which, sorted);
        if (s->repeats < 2 || sorted[1] > (1 + LEAST_SHARE) * sorted[0])
            return false;
    }
    return true;
}

double count_value(const struct count_series *s, enum metric_kind kind)
{
    double slopes[COUNT_REPEATS], more[COUNT_REPEATS];
    int64_t slope = 0;

    if (kind == METRIC_THREADS) {
        sort_totals(s, 0, slopes);
        sort_totals(s, 1, more);
        return (more[0] - slopes[0]) / (double)s->jobs;
    }
    if (count_agreeing(s, &slope) >= COUNT_AGREE)
        return (double)slope / (double)s->jobs;
    for (unsigned i = 0; i < s->repeats; i++)
        slopes[i] = (double)difference(s->totals[i]);
    return stats_median(slopes, s->repeats) / (double)s->jobs;
}

static bool talks(const struct cell *cell)
{
    return job_traits(&cell->job).connections > 0;
}

/* By tcp and blocking calls: each request is one call to send and one to receive, whatever the
 * target's speed. */
static bool is_plain_tcp(const struct cell *cell)
{
    return cell->model->io == MODEL_IO_BLOCKING && talks(cell) && !job_has(&cell->job, "http");
}

static bool may_wait(const struct job *job)
{
    for (size_t k = 0; k < job->count; k++)
        if (job->parts[k].type->wait_ns != NULL)
            return true;
    return job_has(job, "file");
}

/* Is it known what its parts wait for? Not so with a service, a resolver, or a plugin that has no
 * wait_ns(). */
static bool tells_waits(const struct job *job)
{
    for (size_t k = 0; k < job->count; k++) {
        const struct job_type *type = job->parts[k].type;

        if (type->wait_ns == NULL && !type->cpu_bound && !type->takes_no_time &&
            strcmp(type->name, "file") != 0)
            return false;
    }
    return true;
}

/* Does each reply come after the job began to wait for it, even on a busy machine? */
static bool waits_surely(const struct job *job)
{
    for (size_t k = 0; k < job->count; k++) {
        const struct job_part *part = &job->parts[k];

        if (part->type->sources > 0 && part->type->wait_ns(part, 0) < SURE_WAIT_NS)
            return false;
    }
    return job_spread(job, 0).scv == 0;
}

/* Without a delay, the target's speed decides how many connections there are, which of them have to
 * wait, and what that costs. The length of libcurl's texts depends on the time. A ring's loop
 * enters the kernel once for all requests of a pass, and how many that are is a race with those
 * that end. Which connections end up on which of several loops is one, too. And it is a race
 * whether a thread gets the stack of one that has ended. */
static bool is_settled(const struct cell *cell, enum count_metric metric)
{
    if (cell->load.kind != LOAD_BATCH || strcmp(cell->model->name, "threads") == 0 ||
        !tells_waits(&cell->job))
        return false;
    if (cell->model->io == MODEL_IO_RING && (cell->model->has_loops || may_wait(&cell->job)))
        return false;
    if (cell->model->has_loops && talks(cell))
        return false;
    if (!talks(cell) || is_plain_tcp(cell))
        return true;
    if (metric == COUNT_ALLOCATED_BYTES && job_has(&cell->job, "http"))
        return false;
    if (waits_surely(&cell->job))
        return true;
    return metric == COUNT_SYSCALLS && strcmp(cell->model->name, "tasks") != 0;
}

/* Do other threads run the jobs, or parts of them? */
static bool has_threads(const struct cell *cell)
{
    return cell->model->on_threads || cell->model->has_loops ||
           (cell->model->io == MODEL_IO_ASYNC && job_has(&cell->job, "file"));
}

/* How often the loop turns for timers that are due at nearly the same time depends on the clock,
 * and how often threads wait for each other does. What takes a time takes as many instructions as
 * the machine is fast. */
static enum metric_kind kind_of_instructions(const struct cell *cell)
{
    bool waits = job_wait_ns(&cell->job, 0) > 0;

    if (job_spread(&cell->job, 0).mean_cpu_ns > 0 || !tells_waits(&cell->job))
        return METRIC_SCHEDULED;
    if (waits && (cell->model->io != MODEL_IO_BLOCKING || cell->model->on_threads))
        return METRIC_SCHEDULED;
    return has_threads(cell) ? METRIC_THREADS : METRIC_INSTRUCTIONS;
}

enum metric_kind count_kind_by_design(const struct cell *cell, enum count_metric metric)
{
    bool batch = cell->load.kind == LOAD_BATCH && tells_waits(&cell->job);

    switch (metric) {
    case COUNT_INSTRUCTIONS:
        return kind_of_instructions(cell);
    case COUNT_SYSCALLS:
    case COUNT_ALLOCATIONS:
    case COUNT_ALLOCATED_BYTES:
        return is_settled(cell, metric) ? METRIC_EXACT : METRIC_SCHEDULED;
    case COUNT_PAGES: /* libcurl's depend on which connections wait */
        return batch && !job_has(&cell->job, "http") ? METRIC_PAGES : METRIC_SCHEDULED;
    case COUNT_WAKEUPS:
        return batch && !has_threads(cell) && !talks(cell) ? METRIC_WAKES : METRIC_SCHEDULED;
    default:
        return METRIC_SCHEDULED;
    }
}

/* Can the instructions of this cell be counted? Valgrind has too few threads for one a job, lets no
 * other thread run while one waits in io_uring, and how often a job looks for an answer depends on
 * its target. */
static bool has_instructions(const struct cell *cell)
{
    if (cell->model->io == MODEL_IO_RING && cell->model->has_loops)
        return false;
    return cell->load.kind == LOAD_BATCH && strcmp(cell->model->name, "threads") != 0 &&
           (!talks(cell) || is_plain_tcp(cell));
}

/* The counting of a plan while it goes on. */
struct counter {
    const struct plan *plan;
    uint64_t timeout_ns;
    struct interrupt *interrupt;
    struct progress *progress;
    struct target_proc target;
    struct err target_fault;
    bool available[COUNT_TOOLS];
    size_t done, total; /* processes */
};

/* Have there been enough repeats by this tool? */
static bool is_enough(const struct cell *cell, const struct count_cell *c, enum count_tool tool,
                      unsigned repeats)
{
    if (repeats == COUNT_REPEATS)
        return true;
    if (repeats < (tool == COUNT_BY_VALGRIND ? 1 : COUNT_AGREE))
        return false;
    for (enum count_metric m = 0; m < COUNT_METRICS; m++) {
        enum metric_kind kind = count_kind_by_design(cell, m);
        struct count_series series = c->metrics[m];
        int64_t slope;

        series.repeats = repeats;
        if (sources[m].tool != tool)
            continue;
        if (kind == METRIC_EXACT && count_agreeing(&series, &slope) < COUNT_AGREE)
            return false;
        if (kind == METRIC_THREADS && !count_least_agree(&series))
            return false;
    }
    return true;
}

/* Keep what a process counted: `which` is 0 for N jobs, 1 for 2N. */
static void keep(struct count_cell *c, enum count_tool tool, unsigned repeat, unsigned which,
                 const struct count_sums *sums)
{
    memcpy(c->libcurl, sums->libcurl, sizeof c->libcurl);
    for (size_t m = 0; m < COUNT_METRICS; m++)
        if (sources[m].tool == tool)
            memcpy(&c->metrics[m].totals[repeat][which], (const char *)sums + sources[m].at,
                   sizeof(uint64_t));
    for (size_t i = 0; i < COUNT_SYSCALLS_MAX && tool == COUNT_BY_TRACE && repeat == 0; i++)
        c->calls[i][which] = sums->trace.calls[i];
}

/* A tool that does not work here is named once, and does not fail the cell. */
static bool is_unavailable(int error)
{
    return error == -EPERM || error == -ENOSYS || error == -ELIBACC;
}

/* By names of plain ASCII that fit: a file of another's may name its functions in any other way,
 * and a baseline takes no others. Those that are alike then are one. */
static int add_function(void *functions, const char *const names[], size_t n, uint64_t own)
{
    char name[sizeof((struct count_function *)NULL)->name];
    json_int_t before;

    (void)n;
    snprintf(name, sizeof name, "%s", names[0]);
    text_make_printable(name);
    before = json_integer_value(json_object_get(functions, name));
    return json_object_set_new(functions, name, json_integer(before + (json_int_t)own)) == 0
               ? 0
               : -ENOMEM;
}

/* Put the function among those that make the most. */
static void rank_function(struct count_cell *c, const char *name, double instructions)
{
    struct count_function *f = c->functions, *end = f + COUNT_FUNCTIONS;

    while (f < end && f->name[0] != '\0' && f->instructions >= instructions)
        f++;
    if (f == end || instructions < 1)
        return;
    memmove(f + 1, f, (size_t)(end - f - 1) * sizeof *f);
    snprintf(f->name, sizeof f->name, "%s", name);
    f->instructions = instructions;
}

/* From callgrind's profiles of N and of 2N jobs. 0, or a negative errno with c->failure set. */
static int take_functions(struct count_cell *c, const int profiles[2], uint64_t jobs)
{
    json_t *functions[] = {json_object(), json_object()}, *count;
    const char *name;
    int r = 0;

    for (int which = 0; which < 2 && r == 0; which++)
        r = count_callgrind_read(profiles[which], add_function, functions[which]);
    json_object_foreach(functions[1], name, count)
    {
        json_int_t less = json_integer_value(json_object_get(functions[0], name));

        rank_function(c, name, (double)(json_integer_value(count) - less) / (double)jobs);
    }
    json_decref(functions[0]);
    json_decref(functions[1]);
    return r < 0 ? err_set(&c->failure, r, "cannot read callgrind's profile: %s", strerror(-r)) : 0;
}

static int run_one(struct counter *s, const struct cell *cell, struct count_cell *c,
                   struct count_proc *proc, unsigned repeat, unsigned which)
{
    struct cell counted = with_jobs(cell, count_jobs(cell, proc->tool) << which);
    struct count_sums sums;
    char name[CELL_NAME_SIZE];
    int r;

    if (interrupt_check(s->interrupt) != 0)
        return -EINTR;
    progress_run(s->progress, s->done, s->total, cell_name(cell, name, sizeof name),
                 (s->total - s->done) * GUESS_RUN_NS, "");
    proc->run.cell = &counted;
    r = count_proc_execute(proc, &sums, &c->failure);
    s->done++;
    if (r == -ECONNRESET && s->target.proc.pid != 0) {
        target_proc_ended(&s->target, &s->target_fault);
        c->failure = s->target_fault;
    }
    if (r == 0)
        keep(c, proc->tool, repeat, which, &sums);
    return r;
}

/* Count one cell by one tool. 0, also where the tool does not work here. */
static int count_by(struct counter *s, const struct cell *cell, struct count_cell *c,
                    enum count_tool tool)
{
    int profiles[] = {memfd_create("tva-profile", MFD_CLOEXEC),
                      memfd_create("tva-profile", MFD_CLOEXEC)};
    unsigned repeat = 0;
    struct count_proc proc = {
        .run = {.timeout_ns = s->timeout_ns ? s->timeout_ns : TIMEOUT_NS,
                .interrupt = s->interrupt,
                .target = job_needs_target(&cell->job) ? &s->target : NULL},
        .tool = tool,
    };
    int r = 0;

    while (r == 0 && !is_enough(cell, c, tool, repeat)) {
        proc.variation = repeat % COUNT_VARIATIONS;
        for (unsigned which = 0; which < 2 && r == 0; which++) {
            proc.profile_fd = repeat == 0 ? profiles[which] : 0;
            r = run_one(s, cell, c, &proc, repeat, which);
        }
        if (r == 0 && repeat == 0 && tool == COUNT_BY_VALGRIND)
            r = take_functions(c, profiles, count_jobs(cell, tool));
        repeat += r == 0;
    }
    for (size_t i = 0; i < 2; i++)
        if (profiles[i] >= 0)
            close(profiles[i]);
    for (size_t m = 0; m < COUNT_METRICS && r == 0; m++)
        if (sources[m].tool == tool) {
            c->metrics[m].repeats = repeat;
            c->metrics[m].jobs = count_jobs(cell, tool);
        }
    if (!is_unavailable(r))
        return r;
    progress_note(s->progress, "tva run: %s", c->failure.text);
    s->available[tool] = false;
    c->failure = (struct err){""};
    return 0;
}

static int count_cell(struct counter *s, const struct cell *cell, struct count_cell *c)
{
    int r = 0;

    if (count_jobs(cell, COUNT_BY_TRACE) == 0)
        return err_set(&c->failure, -ENOTSUP,
                       "it cannot be counted: a time ends it, or a schedule, and counts need a "
                       "number of jobs that can be doubled");
    if (job_needs_target(&cell->job) && s->target.proc.pid == 0) {
        c->failure = s->target_fault;
        return -ECONNRESET;
    }
    for (int tool = 0; tool < COUNT_TOOLS && r == 0; tool++) {
        if (s->available[tool] && (tool != COUNT_BY_VALGRIND || has_instructions(cell)))
            r = count_by(s, cell, c, (enum count_tool)tool);
    }
    return r;
}

static void check_tools(struct counter *s)
{
    for (int tool = 0; tool < COUNT_TOOLS; tool++) {
        struct err err = {""};

        s->available[tool] = count_tool_check((enum count_tool)tool, &err) == 0;
        if (!s->available[tool])
            progress_note(s->progress, "tva run: %s", err.text);
    }
}

static void start_target(struct counter *s)
{
    for (size_t i = 0; i < s->plan->count; i++) {
        if (!job_needs_target(&s->plan->cells[i].cell.job))
            continue;
        /* When it fails, the cells that need it say why. */
        (void)target_proc_start(&s->target, NULL, NULL, &s->target_fault);
        return;
    }
}

int count_measure(const struct plan *plan, uint64_t timeout_ns, struct interrupt *interrupt,
                  struct progress *progress, struct count_cell *cells)
{
    struct counter s = {
        .plan = plan,
        .timeout_ns = timeout_ns,
        .interrupt = interrupt,
        .progress = progress,
        .target = TARGET_PROC_NONE,
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

static const char *key_of(int metric)
{
    return metric_named(sources[metric].name)->key;
}

static json_t *totals_json(const struct count_series *s)
{
    json_t *list = json_array();
    int rc = 0;

    for (unsigned i = 0; i < s->repeats && rc == 0; i++)
        rc = json_array_append_new(list, json_pack("[o o]", result_new_count(s->totals[i][0]),
                                                   result_new_count(s->totals[i][1])));
    return result_built(list, rc);
}

/* Which calls of work a job makes, by name: those whose number grows with the jobs. */
static json_t *calls_json(const struct count_cell *c)
{
    json_t *calls = json_object();
    int rc = 0;

    for (size_t i = 0; i < COUNT_SYSCALLS_MAX && rc == 0; i++) {
        double jobs = (double)c->metrics[COUNT_SYSCALLS].jobs;
        double slope = ((double)c->calls[i][1] - (double)c->calls[i][0]) / jobs;
        const char *name = count_trace_syscall_name(i);
        char number[32];

        snprintf(number, sizeof number, "syscall_%zu", i);
        if (c->calls[i][0] != c->calls[i][1])
            rc = json_object_set_new(calls, name != NULL ? name : number, result_new_number(slope));
    }
    return result_built(calls, rc);
}

static json_t *functions_json(const struct count_cell *c)
{
    json_t *functions = json_object();
    int rc = 0;

    for (size_t i = 0; i < COUNT_FUNCTIONS && c->functions[i].name[0] != '\0' && rc == 0; i++)
        rc = json_object_set_new(functions, c->functions[i].name,
                                 result_new_number(c->functions[i].instructions));
    return result_built(functions, rc);
}

static enum metric_kind kind_of(const struct cell *cell, const struct count_cell *c, int metric)
{
    enum metric_kind kind = count_kind_by_design(cell, (enum count_metric)metric);
    int64_t slope;

    if (kind == METRIC_EXACT && count_agreeing(&c->metrics[metric], &slope) < COUNT_AGREE)
        return METRIC_SCHEDULED;
    return kind;
}

/* NULL when out of memory. */
static json_t *counts_json(const struct cell *cell, const struct count_cell *c)
{
    json_t *counts = json_object();
    int rc = 0;

    for (int m = 0; m < COUNT_METRICS && rc == 0; m++) {
        const struct count_series *s = &c->metrics[m];
        enum metric_kind kind = kind_of(cell, c, m);
        json_t *metric;

        if (s->repeats == 0)
            continue;
        metric = json_pack("{so ss s[o o] so}", "value", result_new_number(count_value(s, kind)),
                           "kind", metric_kinds[kind], "jobs", result_new_count(s->jobs),
                           result_new_count(2 * s->jobs), "totals", totals_json(s));
        if (metric != NULL && m == COUNT_SYSCALLS)
            rc = json_object_set_new(metric, "calls", calls_json(c));
        if (metric != NULL && m == COUNT_INSTRUCTIONS)
            rc = json_object_set_new(metric, "functions", functions_json(c));
        rc |= json_object_set_new(counts, key_of(m), metric);
    }
    return result_built(counts, rc);
}

static int add_differences(json_t *warnings, const struct cell *cell, const struct count_cell *c)
{
    int rc = 0;

    for (int m = 0; m < COUNT_METRICS; m++)
        if (c->metrics[m].repeats > 0 &&
            kind_of(cell, c, m) != count_kind_by_design(cell, (enum count_metric)m))
            rc |= result_add_sentence(
                warnings,
                "%s was another in each repeat of the count, so that it cannot be "
                "held to a number",
                key_of(m));
    return rc;
}

int count_add(json_t *result_cell, const struct cell *cell, const struct count_cell *c)
{
    json_t *reasons = json_object_get(result_cell, "reasons");
    json_t *warnings = json_object_get(result_cell, "warnings");
    int rc = json_object_set_new(result_cell, "counts", counts_json(cell, c));

    if (c->complete && c->failure.text[0] != '\0')
        rc |= result_add_sentence(count_jobs(cell, COUNT_BY_TRACE) == 0 ? warnings : reasons, "%s",
                                  c->failure.text);
    rc |= add_differences(warnings, cell, c);
    return rc == 0 ? 0 : -ENOMEM;
}
