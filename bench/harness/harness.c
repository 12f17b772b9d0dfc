#include "harness.h"

#include "base/hash.h"
#include "harness_internal.h"
#include "memory_warm.h"
#include "proc.h"
#include "run_proc.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#define LARGE_BYTES (1 << 20) /* blocks that go back to the system when freed */

/* Before a cell has run: what a process costs to start, and what a run takes of which nothing is
 * known. */
#define GUESS_START_NS   (30 * NS_PER_MS)
#define GUESS_UNKNOWN_NS (200 * NS_PER_MS)

struct harness *harness_create(const struct plan *plan, const struct harness_options *options)
{
    struct harness *h = calloc(1, sizeof *h);

    if (h == NULL)
        return NULL;
    /* By itself malloc learns from large blocks that are freed to keep the next ones on the heap,
     * where what a summary of millions of jobs took stays behind. */
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    h->plan = plan;
    h->options = *options;
    h->total = plan_runs(plan);
    h->target = (struct target_proc){.proc.fd = -1, .out_fd = -1};
    h->cells = calloc(plan->count, sizeof *h->cells);
    h->order = calloc(plan->count, sizeof *h->order);
    if (h->cells == NULL || h->order == NULL)
        goto err1;
    for (size_t i = 0; i < plan->count; i++) {
        h->cells[i].ideal_ns = cell_expected_ns(&plan->cells[i].cell);
        h->cells[i].runs = calloc(options->precision > 0 ? PLAN_ROUNDS_MAX : plan->cells[i].rounds,
                                  sizeof *h->cells[i].runs);
        if (h->cells[i].runs == NULL)
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
    }
    free(h->cells);
    free(h->order);
    free(h);
}

const struct harness_cell *harness_cell(const struct harness *h, size_t index)
{
    return &h->cells[index];
}

/* What one more run of a cell will take: learned from its finished ones, else from theory. */
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
            sum += (harness_rounds_of(h, i) - h->cells[i].count) * expected_ns(h, i);
    return sum;
}

/* Keep a record of a run that failed, with its sentence in `failure`. */
static void keep_failed(struct harness *h, size_t index, const struct err *failure)
{
    struct harness_cell *c = &h->cells[index];
    char name[CELL_NAME_SIZE];

    c->runs[c->count] = (struct run_record){.failure = *failure};
    c->count++;
    c->failures++;
    h->done++;
    progress_note(h->progress, "%s: %s: %s",
                  h->options.command != NULL ? h->options.command : "tva run",
                  cell_name(&h->plan->cells[index].cell, name, sizeof name), failure->text);
}

/* One last failed run of a cell that is not complete, and no more. */
static void give_up(struct harness *h, size_t index, const struct err *failure)
{
    struct harness_cell *c = &h->cells[index];

    keep_failed(h, index, failure);
    h->done += harness_rounds_of(h, index) - c->count;
    c->given_up = true;
}

/* Fail all cells that would need the target and are not complete. */
static void fail_target_cells(struct harness *h)
{
    for (size_t i = 0; i < h->plan->count; i++) {
        const struct plan_cell *planned = &h->plan->cells[i];

        if (!job_needs_target(&planned->cell.job) || h->cells[i].count >= harness_rounds_of(h, i) ||
            h->cells[i].given_up)
            continue;
        give_up(h, i, &h->target_fault);
    }
}

/* Cells that the limits of this process rule out fail before anything is measured. */
static void check_limits(struct harness *h)
{
    for (size_t i = 0; i < h->plan->count; i++) {
        struct err err = {""};

        if (cell_check_limits(&h->plan->cells[i].cell, &err) == 0)
            continue;
        give_up(h, i, &err);
    }
}

static void start_target(struct harness *h)
{
    for (size_t i = 0; i < h->plan->count; i++) {
        if (!job_needs_target(&h->plan->cells[i].cell.job) || h->cells[i].given_up)
            continue;
        if (target_proc_start(&h->target, &h->target_fault) < 0)
            fail_target_cells(h);
        return;
    }
}

static uint64_t timeout_of(const struct harness *h, const struct harness_cell *c)
{
    return h->options.timeout_ns ? h->options.timeout_ns
                                 : HARNESS_TIMEOUT_NS + HARNESS_TIMEOUT_FACTOR * c->ideal_ns;
}

/* The cell with the seed of its next run. Of a batch that stays: its ideal is of those very jobs.
 */
static struct cell seeded_cell(const struct harness *h, size_t index)
{
    const struct plan_cell *planned = &h->plan->cells[index];
    unsigned number = planned->runs_before + h->cells[index].count;
    struct cell cell = planned->cell;

    if (h->options.vary_seed && cell.load.kind != LOAD_BATCH && number > 0)
        cell.job.seed = hash_mix(cell.job.seed ^ hash_mix(number)) >> 1; /* --seed is signed */
    return cell;
}

/* 0, also when the run failed; -EINTR when a signal came; what keep() says. */
static int run_once(struct harness *h, size_t index)
{
    const struct cell *cell = &h->plan->cells[index].cell;
    struct harness_cell *c = &h->cells[index];
    struct cell seeded = seeded_cell(h, index);
    struct run_proc run = {
        .cell = &seeded,
        .timeout_ns = timeout_of(h, c),
        .interrupt = h->interrupt,
        .target = job_needs_target(&cell->job) ? &h->target : NULL,
    };
    struct run_record record;
    struct err failure = {""};
    uint64_t begin_ns, touched = memory_warm_estimate(cell);
    char name[CELL_NAME_SIZE];
    int r;

    progress_run(h->progress, h->done, h->total, cell_name(cell, name, sizeof name), left_ns(h));
    if (touched > HARNESS_WARM_BYTES)
        memory_warm(touched);
    if (run.target != NULL)
        target_proc_keep_off(&h->target, cell->cpu);
    begin_ns = clock_now_ns();
    r = run_proc_execute(&run, &record, &failure);
    if (r == -EINTR)
        return r;
    if (r == -ECONNRESET && h->target.proc.pid != 0) {
        target_proc_ended(&h->target, &h->target_fault);
        fail_target_cells(h);
        return 0;
    }
    if (r == 0 && record.failure.text[0] != '\0') {
        failure = record.failure;
        run_record_deinit(&record);
        r = -EIO;
    }
    if (r < 0) {
        if (c->failures + 1 < HARNESS_FAILURES_MAX)
            keep_failed(h, index, &failure);
        else
            give_up(h, index, &failure);
        return 0;
    }
    if (h->options.keep != NULL) {
        r = h->options.keep(h->options.keep_arg, index, &record);
        if (r < 0) {
            run_record_deinit(&record);
            return r;
        }
    }
    c->runs[c->count++] = record;
    c->spent_ns += clock_now_ns() - begin_ns;
    h->done++;
    return 0;
}

static int measure_round(struct harness *h, unsigned round)
{
    plan_shuffle(h->plan, h->options.seed, round, h->order);
    for (size_t k = 0; k < h->plan->count; k++) {
        size_t i = h->order[k];
        int r;

        if (round >= harness_rounds_of(h, i) || h->cells[i].given_up)
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
    while (r == 0 && harness_goes_on(h)) {
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
