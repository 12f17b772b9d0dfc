#include "plan/plan.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_JOB     "sleep:duration=10ms"
#define DEFAULT_URL_JOB "http"

void plan_line_init(struct plan_line *line)
{
    memset(line, 0, sizeof *line);
    plan_load_init(&line->load);
    line->warmup = CELL_WARMUP_AUTO;
    line->cpu = -1;
}

/* A time and a number of jobs exclude each other: what `over` gives replaces the other one. */
static void override_load(struct plan_line *line, const struct plan_line *over)
{
    plan_load_override(&line->load, &over->load);
    if (!plan_load_loops(&line->load))
        return;
    if (over->counts_count > 0 && over->load.duration_ns == 0)
        line->load.duration_ns = 0;
    if (over->load.duration_ns > 0 && over->counts_count == 0)
        line->counts_count = 0;
}

void plan_line_override(struct plan_line *line, const struct plan_line *over)
{
#define OVERRIDE_LIST(list)                                                                        \
    if (over->list##_count > 0) {                                                                  \
        memcpy(line->list, over->list, sizeof line->list);                                         \
        line->list##_count = over->list##_count;                                                   \
    }
    OVERRIDE_LIST(models)
    OVERRIDE_LIST(specs)
    OVERRIDE_LIST(counts)
    OVERRIDE_LIST(threads)
    OVERRIDE_LIST(faults)
#undef OVERRIDE_LIST
    override_load(line, over);
    if (over->stack_size != 0)
        line->stack_size = over->stack_size;
    if (over->warmup != CELL_WARMUP_AUTO &&
        (over->load.warmup_ns == 0 || plan_load_loops(&line->load))) {
        line->warmup = over->warmup;
        line->load.warmup_ns = over->load.warmup_ns;
    }
    if (over->timer_slack_ns != 0)
        line->timer_slack_ns = over->timer_slack_ns;
    if (over->cpu >= 0)
        line->cpu = over->cpu;
    if (over->url != NULL)
        line->url = over->url;
    if (over->rounds != 0)
        line->rounds = over->rounds;
}

int plan_fault_parse(const char *text, struct plan_fault *out, struct err *err)
{
    char model[INJECT_MODEL_SIZE];
    int r = inject_fault_parse(text, model, &out->fault, err);

    out->model = NULL;
    if (r < 0 || model[0] == '\0')
        return r;
    out->model = model_find(model, err);
    return out->model != NULL ? 0 : -EINVAL;
}

struct inject_fault plan_line_faults(const struct plan_line *line, const struct model *model)
{
    struct inject_fault all = {0};

    for (size_t i = 0; i < line->faults_count; i++)
        if (line->faults[i].model == NULL || line->faults[i].model == model)
            inject_fault_override(&all, &line->faults[i].fault);
    return all;
}

void plan_deinit(struct plan *plan)
{
    free(plan->cells);
}

/* Give the line's URL to the jobs that take one. */
static int set_url(struct plan_line *line, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < line->specs_count && line->url != NULL && r == 0; i++) {
        r = job_set_text(&line->specs[i], "url", line->url, err);
        if (r == -ENOENT)
            r = 0;
    }
    return r;
}

/* Fill in the defaults, so that each list has an entry to combine. */
static int complete(struct plan_line *line, struct err *err)
{
    struct cell def = cell_default();
    int r = plan_load_check(&line->load, line->counts_count > 0, err);

    if (r < 0)
        return r;
    if (line->models_count == 0)
        while (line->models_count < models_count && line->models_count < PLAN_LIST_MAX) {
            line->models[line->models_count] = models[line->models_count];
            line->models_count++;
        }
    if (line->specs_count == 0)
        r = job_parse(line->url != NULL ? DEFAULT_URL_JOB : DEFAULT_JOB,
                      &line->specs[line->specs_count++], err);
    if (line->counts_count == 0)
        line->counts[line->counts_count++] = plan_load_loops(&line->load) ? 0 : def.jobs;
    if (line->threads_count == 0)
        line->threads[line->threads_count++] = def.threads;
    if (line->stack_size == 0)
        line->stack_size = def.stack_size;
    if (line->rounds == 0)
        line->rounds = PLAN_ROUNDS_DEFAULT;
    return r == 0 ? set_url(line, err) : r;
}

static bool holds(const struct plan *plan, const struct cell *cell)
{
    char args[PLAN_ARGS_SIZE], other[PLAN_ARGS_SIZE];

    plan_cell_args(cell, args, sizeof args);
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan_cell_args(&plan->cells[i].cell, other, sizeof other), args) == 0)
            return true;
    return false;
}

static int append(struct plan *plan, const struct plan_cell *entry, struct err *err)
{
    if (holds(plan, &entry->cell))
        return 0;
    if (array_grow(&plan->cells, plan->count, &plan->capacity, sizeof *plan->cells) < 0)
        return err_set(err, -ENOMEM, "out of memory for a plan of %zu cells", plan->count + 1);
    plan->cells[plan->count++] = *entry;
    return 0;
}

/* One job and load under every model and pool size of the line. */
static int add_group(struct plan *plan, const struct plan_line *line, struct plan_cell *entry,
                     struct err *err)
{
    int r = 0;

    for (size_t m = 0; m < line->models_count; m++) {
        size_t sizes = line->models[m]->uses_threads ? line->threads_count : 1;

        entry->cell.model = line->models[m];
        entry->cell.inject = plan_line_faults(line, line->models[m]);
        for (size_t t = 0; t < sizes && r == 0; t++) {
            entry->cell.threads = (unsigned)line->threads[t];
            r = append(plan, entry, err);
        }
    }
    return r;
}

/* One job and count under every load of the line. */
static int add_loads(struct plan *plan, const struct plan_line *line, struct plan_cell *entry,
                     struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < plan_load_count(&line->load) && r == 0; i++) {
        entry->cell.load = plan_load_at(&line->load, i, entry->cell.jobs, line->warmup);
        r = load_check(&entry->cell.load, entry->cell.jobs, cell_warmup_jobs(&entry->cell), err);
        if (r == 0)
            r = add_group(plan, line, entry, err);
    }
    return r;
}

int plan_add(struct plan *plan, const struct plan_line *line, bool hyperfine, struct err *err)
{
    struct plan_line full = *line;
    struct plan_cell entry = {.cell = cell_default(), .hyperfine = hyperfine};
    int r = complete(&full, err);

    entry.rounds = (unsigned)full.rounds;
    entry.cell.stack_size = (size_t)full.stack_size;
    entry.cell.warmup = full.warmup;
    entry.cell.timer_slack_ns = full.timer_slack_ns;
    entry.cell.cpu = full.cpu;
    for (size_t s = 0; s < full.specs_count; s++)
        for (size_t n = 0; n < full.counts_count && r == 0; n++) {
            entry.cell.job = full.specs[s];
            entry.cell.jobs = full.counts[n];
            r = add_loads(plan, &full, &entry, err);
        }
    return r;
}

static int check_url(const struct plan *plan, const struct plan_line *line, struct err *err)
{
    for (size_t i = 0; i < plan->count && line->url != NULL; i++) {
        const struct job *job = &plan->cells[i].cell.job;

        if (job->type->needs_target && !job_needs_target(job))
            return 0;
    }
    return line->url == NULL
               ? 0
               : err_set(err, -EINVAL, "--url is for http jobs, and there is none: add --job http");
}

int plan_check_used(const struct plan *plan, const struct plan_line *line, struct err *err)
{
    bool any_open = false, any_loop = false;
    int r = check_url(plan, line, err);

    for (size_t i = 0; i < plan->count; i++) {
        any_open = any_open || plan->cells[i].cell.load.kind == LOAD_OPEN;
        any_loop = any_loop || plan->cells[i].cell.load.kind != LOAD_BATCH;
    }
    return r == 0 ? plan_load_check_used(&line->load, any_open, any_loop, err) : r;
}

void plan_warn_unused_faults(const struct plan *plan, const struct plan_line *line,
                             const char *name)
{
    for (size_t i = 0; i < line->faults_count; i++) {
        const struct model *model = line->faults[i].model;
        size_t k = 0;

        while (k < plan->count && plan->cells[k].cell.model != model)
            k++;
        if (model != NULL && k == plan->count)
            fprintf(stderr,
                    "%s: --inject model=%s: no cell is of this model, so nothing is planted\n",
                    name, model->name);
    }
}

void plan_set_seed(struct plan *plan, uint64_t seed)
{
    for (size_t i = 0; i < plan->count; i++)
        plan->cells[i].cell.job.seed = seed;
}

unsigned plan_rounds(const struct plan *plan)
{
    unsigned most = 0;

    for (size_t i = 0; i < plan->count; i++)
        if (plan->cells[i].rounds > most)
            most = plan->cells[i].rounds;
    return most;
}

size_t plan_runs(const struct plan *plan)
{
    size_t runs = 0;

    for (size_t i = 0; i < plan->count; i++)
        runs += plan->cells[i].rounds;
    return runs;
}

void plan_shuffle(const struct plan *plan, uint64_t seed, unsigned round, size_t *order)
{
    uint64_t state = hash_mix(seed ^ hash_mix(round));

    for (size_t i = 0; i < plan->count; i++)
        order[i] = i;
    for (size_t i = plan->count; i > 1; i--) {
        size_t j, last = order[i - 1];

        state = hash_mix(state);
        j = (size_t)(state % i);
        order[i - 1] = order[j];
        order[j] = last;
    }
}

char *plan_cell_args(const struct cell *c, char *buf, size_t size)
{
    char spec[JOB_TEXT_SIZE], value[32], faults[INJECT_TEXT_SIZE];
    struct cell def = cell_default();

    snprintf(buf, size, "--model %s --job %s", c->model->name,
             job_format(&c->job, spec, sizeof spec));
    if (c->load.kind == LOAD_BATCH || c->jobs > 0)
        text_add(buf, size, " --jobs %" PRIu64, c->jobs);
    plan_load_args(&c->load, buf, size);
    if (c->model->uses_threads)
        text_add(buf, size, " --threads %u", c->threads);
    if (c->stack_size != def.stack_size)
        text_add(buf, size, " --stack-size %s",
                 units_exact_size(c->stack_size, value, sizeof value));
    if (c->warmup != CELL_WARMUP_AUTO && c->load.warmup_ns == 0)
        text_add(buf, size, " --warmup %" PRIu64, c->warmup);
    if (c->timer_slack_ns != 0)
        text_add(buf, size, " --timer-slack %s",
                 units_exact_duration(c->timer_slack_ns, value, sizeof value));
    if (c->cpu >= 0)
        text_add(buf, size, " --pin %d", c->cpu);
    if (inject_fault_present(&c->inject))
        text_add(buf, size, " --inject %s", inject_fault_format(&c->inject, faults, sizeof faults));
    return buf;
}
