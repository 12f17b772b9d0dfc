#include "harness/harness.h"

#include "base/hash.h"
#include "base/text.h"
#include "base/units.h"
#include "harness/proc.h"
#include "harness/run_proc.h"
#include "harness/target_proc.h"
#include "load/generator.h"
#include "load/load.h"
#include "measure/sample.h"
#include "summary/run_values.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_FACTOR  10 /* a run may take so many times its ideal time */
#define TIMEOUT_NS      (60 * NS_PER_S)
#define PRECISE_TIME_NS (300 * NS_PER_S) /* time limit when a precision is asked for */
#define CONFIDENCE_MIN  0.95
#define LARGE_BYTES     (1 << 20) /* blocks that malloc gives back when they are freed */
#define TIMER_SLEEPS    10000     /* enough for a p99.9 */
#define TIMER_SLEEP_NS  (100 * NS_PER_US)
#define SO_FAR_SIZE     512

/* Guesses before a cell has run: the start of a process, and a run without an ideal time. */
#define GUESS_START_NS   (30 * NS_PER_MS)
#define GUESS_UNKNOWN_NS (200 * NS_PER_MS)

struct harness {
    const struct plan *plan;
    struct harness_options options;
    struct harness_cell *cells; /* parallel to the plan's */
    size_t *order;
    size_t done, total; /* runs; those of cells given up count as done */
    unsigned rounds;    /* begun */
    uint64_t begin_ns;
    enum harness_end end;
    struct target_proc target;
    struct err target_fault; /* "" while it runs or was never started */
    int keep_fault;          /* what keep() returned below 0 */
    struct interrupt *interrupt;
    struct progress *progress;
};

struct harness *harness_create(const struct plan *plan, const struct harness_options *options)
{
    struct harness *h = calloc(1, sizeof *h);

    if (h == NULL)
        return NULL;
    /* Without this, malloc keeps large blocks on the heap once it has seen some freed, and the
     * memory of a summary of millions of jobs is never given back. */
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    h->plan = plan;
    h->options = *options;
    if (options->precision > 0 && options->time_limit_ns == 0)
        h->options.time_limit_ns = PRECISE_TIME_NS;
    h->total = plan_runs(plan);
    h->target = TARGET_PROC_NONE;
    h->cells = calloc(plan->count, sizeof *h->cells);
    h->order = calloc(plan->count, sizeof *h->order);
    if (h->cells == NULL || h->order == NULL)
        goto err1;
    for (size_t i = 0; i < plan->count; i++) {
        struct harness_cell *c = &h->cells[i];
        size_t rounds = options->precision > 0 ? PLAN_ROUNDS_MAX : plan->cells[i].rounds;

        c->ideal_ns = cell_expected_ns(&plan->cells[i].cell);
        c->runs = calloc(rounds, sizeof *c->runs);
        c->headlines_s = calloc(rounds, sizeof *c->headlines_s);
        if (c->runs == NULL || c->headlines_s == NULL)
            goto err1;
    }
    return h;

err1:
    harness_destroy(h);
    return NULL;
}

void harness_destroy(struct harness *h)
{
    for (size_t i = 0; h->cells != NULL && i < h->plan->count; i++) {
        for (unsigned k = 0; k < h->cells[i].count; k++)
            run_record_deinit(&h->cells[i].runs[k]);
        free(h->cells[i].runs);
        free(h->cells[i].headlines_s);
    }
    free(h->cells);
    free(h->order);
    free(h);
}

const struct harness_cell *harness_cell(const struct harness *h, size_t index)
{
    return &h->cells[index];
}

/* How many runs the cell will have, as far as is known now. */
static unsigned rounds_of(const struct harness *h, size_t index)
{
    unsigned planned = h->plan->cells[index].rounds;

    return h->options.precision > 0 && h->rounds > planned ? h->rounds : planned;
}

/* How long one more run of a cell will take, by its finished runs, else by theory. */
static uint64_t expected_ns(const struct harness *h, size_t index)
{
    const struct harness_cell *c = &h->cells[index];

    if (c->count > c->failures)
        return c->spent_ns / (c->count - c->failures);
    return GUESS_START_NS + (c->ideal_ns ? c->ideal_ns : GUESS_UNKNOWN_NS);
}

static uint64_t left_ns(const struct harness *h)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < h->plan->count; i++)
        if (!h->cells[i].given_up)
            sum += (rounds_of(h, i) - h->cells[i].count) * expected_ns(h, i);
    return sum;
}

static void keep(struct harness *h, size_t index, const struct run_record *record)
{
    struct harness_cell *c = &h->cells[index];
    struct run_record *kept = &c->runs[c->count];
    bool shown = progress_shows_runs(h->progress) && run_carried_out(record);

    c->headlines_s[c->count++] = shown ? run_headline_s(record, &h->plan->cells[index].cell) : NAN;
    *kept = *record;
    h->done++;
    if (h->options.keep != NULL && h->keep_fault == 0)
        h->keep_fault = h->options.keep(h->options.keep_arg, index, kept);
}

/* Keep a record of a run that failed, with its sentence in `failure`. */
static void keep_failed(struct harness *h, size_t index, const struct err *failure)
{
    struct run_record record = {.failure = *failure};
    char name[CELL_NAME_SIZE];

    h->cells[index].failures++;
    keep(h, index, &record);
    progress_note(h->progress, "%s: %s: %s",
                  h->options.command != NULL ? h->options.command : "tva run",
                  cell_name(&h->plan->cells[index].cell, name, sizeof name), failure->text);
}

/* Which ranks a run lacks that goes into the result without their share. */
static void tell_lost_ranks(const struct harness *h, size_t index, const struct run_record *record)
{
    char name[CELL_NAME_SIZE];

    for (size_t q = 0; q < record->ranks_count; q++)
        if (record->ranks[q].failure.text[0] != '\0')
            progress_note(h->progress, "%s: %s: rank %zu (host %s): %s",
                          h->options.command != NULL ? h->options.command : "tva run",
                          cell_name(&h->plan->cells[index].cell, name, sizeof name), q,
                          record->ranks[q].host, record->ranks[q].failure.text);
}

/* Keep one last failed run of a cell, and measure no more of it. */
static void give_up(struct harness *h, size_t index, const struct err *failure)
{
    struct harness_cell *c = &h->cells[index];

    keep_failed(h, index, failure);
    h->done += rounds_of(h, index) - c->count;
    c->given_up = true;
}

/* Fail the cells that need the target and are not complete. */
static void fail_target_cells(struct harness *h)
{
    for (size_t i = 0; i < h->plan->count; i++) {
        const struct harness_cell *c = &h->cells[i];

        if (job_needs_target(&h->plan->cells[i].cell.job) && c->count < rounds_of(h, i) &&
            !c->given_up)
            give_up(h, i, &h->target_fault);
    }
}

/* Fail the cells that the limits of this process rule out, before anything is measured. */
static void check_limits(struct harness *h)
{
    for (size_t i = 0; i < h->plan->count; i++) {
        struct cell cell = h->plan->cells[i].cell;
        struct err err = {""};

        cell.share.count = h->options.ranks != NULL ? h->options.ranks->count : 0;
        if (cell_check_limits(&cell, &err) < 0)
            give_up(h, i, &err);
    }
}

static void start_target(struct harness *h)
{
    for (size_t i = 0; i < h->plan->count; i++) {
        if (!job_needs_target(&h->plan->cells[i].cell.job) || h->cells[i].given_up)
            continue;
        if (target_proc_start(&h->target, NULL, NULL, &h->target_fault) < 0)
            fail_target_cells(h);
        return;
    }
}

static uint64_t timeout_of(const struct harness *h, const struct harness_cell *c)
{
    uint64_t ns =
        h->options.timeout_ns ? h->options.timeout_ns : TIMEOUT_NS + TIMEOUT_FACTOR * c->ideal_ns;
    uint64_t left_ns = h->options.until_ns - clock_now_ns(); /* not 0: the run begins before it */

    return h->options.until_ns > 0 && left_ns < ns ? left_ns : ns;
}

static bool is_over(const struct harness *h)
{
    return h->options.until_ns > 0 && clock_now_ns() >= h->options.until_ns;
}

/* The cell with the seed of its next run, as one of the ranks has it. A batch keeps its seed: its
 * ideal is of those very jobs.
 */
static struct cell seeded_cell(const struct harness *h, size_t index)
{
    const struct plan_cell *planned = &h->plan->cells[index];
    unsigned number = planned->runs_before + h->cells[index].count;
    struct cell cell = planned->cell;

    cell.share.count = h->options.ranks != NULL ? h->options.ranks->count : 0;
    if (h->options.vary_seed && cell.load.kind != LOAD_BATCH && number > 0)
        job_set_seed(&cell.job, /* --seed takes 63 bits */
                     hash_mix(job_seed(&cell.job) ^ hash_mix(number)) >> 1);
    return cell;
}

static int execute_with_target(const struct harness *h, const struct run_proc *run,
                               struct run_record *record, struct err *failure)
{
    const struct harness_ranks *ranks = h->options.ranks;

    run_proc_prepare(run);
    return ranks != NULL ? ranks->execute(ranks->arg, run, record, failure)
                         : run_proc_execute(run, record, failure);
}

/* Run it; with a target of its own where that has to misbehave, since its times count from the
 * first request. What happens to that one concerns no other run. */
static int execute(const struct harness *h, struct run_proc *run, struct run_record *record,
                   struct err *failure)
{
    struct target_proc own = TARGET_PROC_NONE;
    char pathology[JOB_TEXT_SIZE];
    int r;

    if (*job_pathology(&run->cell->job, pathology, sizeof pathology) == '\0')
        return execute_with_target(h, run, record, failure);
    if (run->target == NULL)
        return err_set(failure, -EINVAL,
                       "pathology is for a target that tva starts; here it is for 'tva serve "
                       "--pathology %s'",
                       pathology);
    r = target_proc_start(&own, NULL, pathology, failure);
    if (r == 0) {
        run->target = &own;
        r = execute_with_target(h, run, record, failure);
    }
    if (r == -ECONNRESET)
        target_proc_ended(&own, failure);
    target_proc_stop(&own);
    return r == -ECONNRESET || r == -EHOSTDOWN ? -EIO : r;
}

/* The median of the cell's runs so far; NAN when there is none. */
static double median_so_far(const struct harness_cell *c)
{
    double values[PLAN_ROUNDS_MAX];
    struct stats_median m;
    size_t n = 0;

    for (unsigned k = 0; k < c->count; k++)
        if (isfinite(c->headlines_s[k]))
            values[n++] = c->headlines_s[k];
    if (n == 0)
        return NAN;
    stats_median_of(values, n, &m);
    return m.median;
}

/* "tasks 10.1 ms, pool(6) 171 ms": the medians so far of the cells that do the same work as this
 * one, the fastest first. */
static void add_medians(const struct harness *h, size_t index, char *buf, size_t size)
{
    char group[CELL_NAME_SIZE], other[CELL_NAME_SIZE], name[CELL_NAME_SIZE], text[32];
    double last = 0, next;
    size_t found = 0;

    cell_group(&h->plan->cells[index].cell, group, sizeof group);
    do {
        next = INFINITY;
        for (size_t i = 0; i < h->plan->count; i++) {
            double median = median_so_far(&h->cells[i]);

            if (median > last && median < next &&
                strcmp(group, cell_group(&h->plan->cells[i].cell, other, sizeof other)) == 0) {
                next = median;
                found = i;
            }
        }
        if (next < INFINITY)
            text_add(buf, size, "%s%.*s %s", last > 0 ? ", " : "",
                     (int)strcspn(cell_name(&h->plan->cells[found].cell, name, sizeof name), " "),
                     name, units_format_duration(next * NS_PER_S, text, sizeof text));
        last = next;
    } while (last < INFINITY);
}

/* 0, even when the run failed; -EINTR when a signal came; or what keep() returned. */
static int run_once(struct harness *h, size_t index)
{
    const struct cell *cell = &h->plan->cells[index].cell;
    struct harness_cell *c = &h->cells[index];
    struct cell seeded = seeded_cell(h, index);
    struct run_proc run = {
        .cell = &seeded,
        .timeout_ns = timeout_of(h, c),
        .timeout_option = h->options.until_ns > 0 ? NULL : "--timeout",
        .interrupt = h->interrupt,
        .target = job_needs_target(&cell->job) ? &h->target : NULL,
    };
    struct run_record record;
    struct err failure = {""};
    uint64_t begin_ns;
    char name[CELL_NAME_SIZE], so_far[SO_FAR_SIZE] = "";
    int r;

    if (progress_shows_runs(h->progress))
        add_medians(h, index, so_far, sizeof so_far);
    progress_run(h->progress, h->done, h->total, cell_name(cell, name, sizeof name), left_ns(h),
                 so_far);
    begin_ns = clock_now_ns();
    r = execute(h, &run, &record, &failure);
    if (r == -EINTR)
        return r;
    if (r == -ECONNRESET && h->target.proc.pid != 0) {
        target_proc_ended(&h->target, &failure);
        r = -EHOSTDOWN;
    }
    if (r == -EHOSTDOWN) {
        h->target_fault = failure;
        fail_target_cells(h);
        return 0;
    }
    if (r == 0 && record.failure.text[0] != '\0') {
        failure = record.failure;
        run_record_deinit(&record);
        r = -EIO;
    }
    if (r == 0) {
        c->spent_ns += clock_now_ns() - begin_ns;
        tell_lost_ranks(h, index, &record);
        keep(h, index, &record);
    } else if (c->failures + 1 < HARNESS_FAILURES_MAX) {
        keep_failed(h, index, &failure);
    } else {
        give_up(h, index, &failure);
    }
    return h->keep_fault;
}

size_t harness_imprecise(const struct harness *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->plan->count; i++) {
        const struct harness_cell *c = &h->cells[i];

        n += !c->given_up && harness_precision_of(&h->plan->cells[i].cell, c->runs, c->count) >
                                 h->options.precision;
    }
    return n;
}

/* Add one round to those that were planned. */
static void add_round(struct harness *h)
{
    for (size_t i = 0; i < h->plan->count; i++)
        h->total += !h->cells[i].given_up && h->cells[i].count == rounds_of(h, i);
}

/* Is there another round to measure? If not, h->end says why. */
static bool goes_on(struct harness *h)
{
    bool planned = h->rounds < plan_rounds(h->plan);

    h->end = h->options.precision > 0 ? HARNESS_PRECISION : HARNESS_ROUNDS;
    if (!planned && (h->options.precision <= 0 || harness_imprecise(h) == 0))
        return false;
    h->end = HARNESS_TIME_LIMIT;
    if (h->rounds > 0 && h->options.time_limit_ns > 0 &&
        clock_now_ns() - h->begin_ns >= h->options.time_limit_ns)
        return false;
    h->end = HARNESS_ROUNDS;
    if (h->rounds == PLAN_ROUNDS_MAX)
        return false;
    if (!planned)
        add_round(h);
    return true;
}

static int measure_round(struct harness *h, unsigned round)
{
    plan_shuffle(h->plan, h->options.seed, round, h->order);
    for (size_t k = 0; k < h->plan->count; k++) {
        size_t i = h->order[k];
        int r;

        if (round >= rounds_of(h, i) || h->cells[i].given_up || is_over(h))
            continue;
        r = interrupt_check(h->interrupt) ? -EINTR : run_once(h, i);
        if (r < 0)
            return r;
    }
    return 0;
}

int harness_measure(struct harness *h, struct interrupt *interrupt, struct progress *progress)
{
    int r = 0;

    h->interrupt = interrupt;
    h->progress = progress;
    h->begin_ns = clock_now_ns();
    proc_raise_file_limit();
    check_limits(h);
    start_target(h);
    while (r == 0 && goes_on(h)) {
        h->rounds++;
        r = measure_round(h, h->rounds - 1);
        if (r == 0 && h->done < h->total)
            progress_round(progress, h->rounds, plan_rounds(h->plan), h->done, h->total,
                           left_ns(h));
    }
    if (r == -EINTR)
        h->end = HARNESS_INTERRUPT;
    progress_end(progress);
    target_proc_stop(&h->target);
    return r;
}

enum harness_end harness_ended_by(const struct harness *h)
{
    return h->end;
}

unsigned harness_rounds(const struct harness *h)
{
    return h->rounds;
}

double harness_precision_of(const struct cell *cell, const struct run_record *runs, size_t n)
{
    double values[PLAN_ROUNDS_MAX], reach = INFINITY;
    struct stats_median m;
    size_t known = 0;

    for (size_t i = 0; i < n; i++) {
        double value = run_carried_out(&runs[i]) ? run_headline_s(&runs[i], cell) : NAN;

        if (isfinite(value))
            values[known++] = value;
    }
    if (known > 0)
        stats_median_of(values, known, &m);
    if (known > 0 && m.confidence >= CONFIDENCE_MIN && m.median > 0)
        reach = fmax(m.ci_high - m.median, m.median - m.ci_low) / m.median;
    return reach;
}

static bool has_open_loop(const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cells[i].cell.load.kind == LOAD_OPEN)
            return true;
    return false;
}

int harness_timer_error(const struct plan *plan, struct stats_distribution *out, struct err *err)
{
    uint64_t *errors_ns;
    int r = -ENOMEM;

    *out = (struct stats_distribution){0};
    if (!has_open_loop(plan))
        return 0;
    errors_ns = malloc(TIMER_SLEEPS * sizeof *errors_ns);
    if (errors_ns != NULL)
        r = generator_timer_errors(errors_ns, TIMER_SLEEPS, TIMER_SLEEP_NS);
    if (r == 0)
        stats_distribution_of(errors_ns, TIMER_SLEEPS, out);
    free(errors_ns);
    return r < 0 ? err_set(err, r, "cannot measure the timers: %s", strerror(-r)) : 0;
}
