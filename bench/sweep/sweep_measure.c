#include "sweep/sweep.h"

#include "base/hash.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What harness and sweep have to tell each other. */
struct link {
    struct sweep *sweep;
    const size_t *indexes; /* of the sweep's cells, parallel to the plan's */
    struct err *err;
};

static int keep(void *arg, size_t index, struct run_record *record)
{
    struct link *link = arg;
    struct sweep *s = link->sweep;
    struct sweep_cell *cell = &s->cells[link->indexes[index]];
    struct sweep_run run = {.stored = sweep_state_count(s->state)};
    int r = figures_of_run(record, &run.figures);

    if (r < 0)
        return err_set(link->err, r, "out of memory");
    r = sweep_state_append(s->state, cell->key, record, link->err);
    if (r == 0)
        r = sweep_add_run(cell, &run, link->err);
    run_record_deinit(record);
    *record = (struct run_record){0};
    return r;
}

static int keep_failures(struct sweep *s, const struct harness *h, const size_t *indexes, size_t n,
                         struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < n; i++) {
        const struct harness_cell *c = harness_cell(h, i);

        for (unsigned k = 0; k < c->count && r == 0; k++) {
            struct sweep_run run = {.failure = c->runs[k].failure};

            if (run.failure.text[0] != '\0')
                r = sweep_add_run(&s->cells[indexes[i]], &run, err);
        }
    }
    return r;
}

static int carry_out(struct sweep *s, const struct plan *plan, const size_t *indexes, bool shown,
                     struct err *err)
{
    struct progress quiet;
    struct link link = {s, indexes, err};
    struct harness_options options = {
        .seed = s->settings->seed ^ hash_mix(s->probes),
        .timeout_ns = s->settings->timeout_ns,
        .vary_seed = true,
        .command = "tva sweep",
        .keep = keep,
        .keep_arg = &link,
    };
    struct harness *h = harness_create(plan, &options);
    int r;

    if (h == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    progress_init(&quiet, true);
    r = harness_measure(h, s->interrupt, shown ? s->progress : &quiet);
    if (r == 0)
        r = keep_failures(s, h, indexes, plan->count, err);
    harness_destroy(h);
    return r;
}

/* Are there runs of it to be made? Not of a cell that has failed as often as the harness allows. */
static bool is_wanted(const struct sweep *s, const struct sweep_cell *cell)
{
    size_t failures = 0;

    for (size_t i = 0; i < cell->runs_count; i++)
        failures += cell->runs[i].failure.text[0] != '\0';
    return cell->runs_count < s->settings->rounds && failures < HARNESS_FAILURES_MAX;
}

size_t sweep_runs_left(const struct sweep *s)
{
    size_t left = 0;

    for (size_t i = 0; i < s->cells_count; i++)
        if (is_wanted(s, &s->cells[i]))
            left += s->settings->rounds - s->cells[i].runs_count;
    return left;
}

int sweep_measure(struct sweep *s, const size_t *indexes, size_t n, bool shown, struct err *err)
{
    struct plan plan = {.cells = calloc(n + 1, sizeof *plan.cells), .capacity = n + 1};
    size_t *wanted = calloc(n + 1, sizeof *wanted);
    int r = 0;

    if (plan.cells == NULL || wanted == NULL)
        r = err_set(err, -ENOMEM, "out of memory");
    for (size_t i = 0; i < n && r == 0; i++) {
        const struct sweep_cell *c = &s->cells[indexes[i]];

        if (!is_wanted(s, c))
            continue;
        plan.cells[plan.count] = (struct plan_cell){
            .cell = c->cell,
            .rounds = s->settings->rounds - (unsigned)c->runs_count,
            .runs_before = (unsigned)c->runs_count,
        };
        wanted[plan.count++] = indexes[i];
    }
    if (r == 0 && plan.count > 0)
        r = carry_out(s, &plan, wanted, shown, err);
    free(plan.cells);
    free(wanted);
    return r;
}

size_t sweep_values(const struct sweep_cell *cell, enum figure figure, double *out)
{
    size_t n = 0;

    for (size_t i = 0; i < cell->runs_count; i++) {
        const struct sweep_run *run = &cell->runs[i];

        if (run->failure.text[0] == '\0' && !isnan(run->figures.values[figure]))
            out[n++] = run->figures.values[figure];
    }
    return n;
}

bool sweep_may_search(const struct sweep *s)
{
    return clock_now_ns() < s->search_end_ns;
}

char *sweep_search_left(const struct sweep *s, char *buf, size_t size)
{
    uint64_t now_ns = clock_now_ns();

    snprintf(buf, size, "%.0f s",
             s->search_end_ns > now_ns ? clock_seconds(s->search_end_ns - now_ns) : 0);
    return buf;
}
