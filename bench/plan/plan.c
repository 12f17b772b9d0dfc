#include "plan/plan.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/units.h"
#include "export/ranking.h"
#include "io/http_url.h"
#include "plan/jobs_file.h"

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
    line->load.drain_ns = PLAN_DRAIN_AUTO;
    line->warmup = CELL_WARMUP_AUTO;
    line->cpu = -1;
}

static bool are_open(const struct plan_load *load)
{
    return load->rates_count > 0 || load->changing.count > 0;
}

/* Does a rate that changes say by itself for how long? */
static bool has_times(const struct plan_load *load)
{
    return load->changing.count > 0 && load->changing.pieces[0].duration_ns > 0;
}

/* Are these open or closed loops? */
static bool are_loops(const struct plan_load *load)
{
    return are_open(load) || load->clients_count > 0;
}

#define OVERRIDE_LIST(to, from, list)                                                              \
    if ((from)->list##_count > 0) {                                                                \
        memcpy((to)->list, (from)->list, sizeof(to)->list);                                        \
        (to)->list##_count = (from)->list##_count;                                                 \
    }

static void override_open(struct plan_load *load, const struct plan_load *over)
{
    if (over->has_arrivals) {
        load->arrivals = over->arrivals;
        load->has_arrivals = true;
    }
    if (over->limit > 0)
        load->limit = over->limit;
    if (over->drain_ns != PLAN_DRAIN_AUTO)
        load->drain_ns = over->drain_ns;
}

/* A time and a number of jobs exclude each other: what is given replaces the other one. */
static void override_load(struct plan_line *line, const struct plan_line *given)
{
    struct plan_load *load = &line->load;
    const struct plan_load *over = &given->load;

    if (are_loops(over)) { /* both kinds are refused later */
        memcpy(load->rates, over->rates, sizeof load->rates);
        memcpy(load->clients, over->clients, sizeof load->clients);
        load->rates_count = over->rates_count;
        load->clients_count = over->clients_count;
        load->changing = over->changing;
    }
    OVERRIDE_LIST(load, over, poisons)
    if (are_loops(load) && over->duration_ns > 0) {
        load->duration_ns = over->duration_ns;
        if (given->counts_count == 0)
            line->counts_count = 0;
    } else if (are_loops(load) && given->counts_count > 0) {
        load->duration_ns = 0;
    }
    if (load->changing.count > 0)
        line->counts_count = 0;
    if (has_times(load))
        load->duration_ns = 0;
    if (are_open(load)) {
        override_open(load, over);
    } else {
        load->has_arrivals = false;
        load->limit = 0;
        load->drain_ns = PLAN_DRAIN_AUTO;
    }
}

void plan_line_override(struct plan_line *line, const struct plan_line *over)
{
    OVERRIDE_LIST(line, over, models)
    OVERRIDE_LIST(line, over, jobs)
    OVERRIDE_LIST(line, over, counts)
    OVERRIDE_LIST(line, over, threads)
    OVERRIDE_LIST(line, over, ios)
    OVERRIDE_LIST(line, over, faults)
    override_load(line, over);
    if (over->stack_size != 0)
        line->stack_size = over->stack_size;
    if (over->warmup != CELL_WARMUP_AUTO && (over->load.warmup_ns == 0 || are_loops(&line->load))) {
        line->warmup = over->warmup;
        line->load.warmup_ns = over->load.warmup_ns;
    }
    if (over->timer_slack_ns != 0)
        line->timer_slack_ns = over->timer_slack_ns;
    if (over->cpu >= 0)
        line->cpu = over->cpu;
    if (over->url != NULL)
        line->url = over->url;
    if (over->ca != NULL)
        line->ca = over->ca;
    if (over->ledger != NULL)
        line->ledger = over->ledger;
    OVERRIDE_LIST(line, over, targets)
    line->remote = line->remote || over->remote;
    if (over->jobs_file != NULL)
        line->jobs_file = over->jobs_file;
    if (over->rounds != 0)
        line->rounds = over->rounds;
}

/* Are a fault's jobs this model's? A model that the line has by `--io uring` alone goes by the name
 * of the model that waits in libuv. */
static bool is_planted_in(const struct plan_line *line, const struct plan_fault *fault,
                          const struct model *model)
{
    if (fault->model == NULL || fault->model == model)
        return true;
    for (size_t m = 0; m < line->models_count; m++)
        if (line->models[m] == model)
            return false;
    return fault->model->on_ring == model;
}

struct inject_fault plan_line_faults(const struct plan_line *line, const struct model *model)
{
    struct inject_fault all = {0};

    for (size_t i = 0; i < line->faults_count; i++)
        if (is_planted_in(line, &line->faults[i], model))
            inject_fault_override(&all, &line->faults[i].fault);
    return all;
}

void plan_deinit(struct plan *plan)
{
    free(plan->cells);
}

int plan_line_parse_jobs(struct plan_line *line, struct err *err)
{
    bool unread = line->jobs_file != NULL && line->names == NULL;
    struct jobs_file *file = NULL;
    int r = unread ? jobs_file_create(line->jobs_file, &file, err) : 0;
    struct job_names *names = unread ? jobs_file_names(file) : line->names;

    for (size_t i = 0; i < line->jobs_count && r == 0; i++) {
        struct job *job = &line->specs[line->specs_count];

        job->count = 0;
        r = job_add(job, line->jobs[i], names, err);
        line->specs_count += r == 0;
    }
    if (r == 0 && file != NULL && names->used == 0)
        r = err_set(err, -EINVAL, PLAN_JOBS_FILE_UNUSED);
    line->jobs_count = 0;
    line->jobs_file = NULL;
    jobs_file_destroy(file);
    return r;
}

/* Are the servers of the line allowed? 0 or -EINVAL with *err set. */
static int check_servers(const struct plan_line *line, struct err *err)
{
    char address[ADDRESS_TEXT];
    struct err why = {""};

    if (line->url != NULL && http_url_parse(line->url, line->remote, NULL, &why) < 0)
        return err_set(err, -EINVAL, "--url %.*s", TEXT_FIT(why.text, 400));
    for (size_t i = 0; i < line->targets_count; i++)
        if (!line->remote && !address_is_loopback(line->targets[i].sin_addr))
            return err_set(err, -EINVAL,
                           "--target %s is not on this machine; --remote allows it, and its server "
                           "gets all the load that is asked for",
                           address_format(&line->targets[i], address, sizeof address));
    if ((line->ca != NULL || line->ledger != NULL) && line->url == NULL)
        return err_set(err, -EINVAL, "--%s is for --url, and there is none",
                       line->ca != NULL ? "ca" : "ledger");
    if (line->remote && line->url == NULL && line->targets_count == 0)
        return err_set(err, -EINVAL, "--remote is for --url and --target, and there is neither");
    return 0;
}

/* Give what the line says of servers to the jobs that take it. */
static int set_servers(struct plan_line *line, struct err *err)
{
    const char *const values[][2] = {
        {"remote", line->remote && line->url != NULL ? "on" : NULL},
        {"url", line->url},
        {"ca", line->ca},
        {"ledger", line->ledger},
    };
    int r = check_servers(line, err);

    for (size_t i = 0; i < line->specs_count && r == 0; i++) {
        job_set_target(&line->specs[i], &line->targets[0]);
        for (size_t k = 0; k < sizeof values / sizeof *values && r == 0; k++) {
            if (values[k][1] == NULL)
                continue;
            r = job_set_text(&line->specs[i], values[k][0], values[k][1], err);
            if (r == -ENOENT)
                r = 0;
        }
        if (r == 0)
            r = job_check(&line->specs[i], err);
        if (r == 0)
            r = job_check_here(&line->specs[i], err);
    }
    return r;
}

/* Do the options of the load go together? `counted`: the line gives a number of jobs. */
static int check_load(const struct plan_load *load, bool counted, struct err *err)
{
    bool open = are_open(load), loops = are_loops(load);
    const struct {
        bool wrong;
        const char *why;
    } faults[] = {
        {open && load->clients_count > 0,
         "--rate and --clients exclude each other: an open loop has a rate, a closed loop has "
         "clients"},
        {load->has_arrivals && !open, "--arrivals needs --rate: only an open loop has arrivals"},
        {load->limit > 0 && !open,
         "--limit needs --rate: a closed loop has at most its clients in the system, a batch all "
         "its jobs"},
        {load->drain_ns != PLAN_DRAIN_AUTO && !open,
         "--drain needs --rate: all jobs of a batch or a closed loop are served"},
        {load->duration_ns > 0 && !loops,
         "--duration needs --rate or --clients: a batch lasts until its jobs are done"},
        {load->warmup_ns > 0 && !loops,
         "--warmup by time needs --rate or --clients: a batch warms up by a number of jobs"},
        {load->duration_ns > 0 && has_times(load), "--duration is for a rate without times: that "
                                                   "of --rate says for how long each piece goes"},
        {load->changing.count > 0 && counted,
         "--jobs and a rate that changes exclude each other: such a rate goes for a time"},
        {load->duration_ns > 0 && counted,
         "--duration and --jobs exclude each other: jobs are wanted for a time or up to a number"},
    };

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].wrong)
            return err_set(err, -EINVAL, "%s", faults[i].why);
    return 0;
}

static size_t at_least_one(size_t n)
{
    return n > 0 ? n : 1;
}

static size_t count_loads(const struct plan_load *load)
{
    return at_least_one(load->rates_count + load->clients_count + (load->changing.count > 0)) *
           at_least_one(load->poisons_count);
}

/* Make it a load whose rate changes. */
static void set_rates(struct load *load, const struct load_rates *rates)
{
    load->rates = *rates;
    if (rates->pieces[0].duration_ns == 0)
        load->rates.pieces[0].duration_ns = load->duration_ns;
    load->duration_ns = load_rates_duration_ns(&load->rates);
    load->rate_per_s = load_rates_mean_per_s(&load->rates);
}

/* Load number `index` of the line, with defaults filled in. `jobs`: those of the cell, 0 for a run
 * by time. */
static struct load load_at(const struct plan_line *line, size_t index, uint64_t jobs)
{
    const struct plan_load *load = &line->load;
    size_t loop = index / at_least_one(load->poisons_count);
    struct load out = {0};

    if (load->poisons_count > 0)
        out.poison = load->poisons[index % load->poisons_count];
    if (!are_loops(load))
        return out;
    if (jobs == 0)
        out.duration_ns = load->duration_ns > 0 ? load->duration_ns : LOAD_DURATION_DEFAULT_NS;
    if (loop == load->rates_count && load->changing.count > 0)
        set_rates(&out, &load->changing);
    out.warmup_ns = load->warmup_ns;
    if (line->warmup == CELL_WARMUP_AUTO && jobs == 0)
        out.warmup_ns = load_warmup_default_ns(&out);
    if (load->clients_count > 0) {
        out.kind = LOAD_CLOSED;
        out.clients = load->clients[loop];
        return out;
    }
    out.kind = LOAD_OPEN;
    out.arrivals = load->has_arrivals ? load->arrivals : LOAD_POISSON;
    if (out.rates.count == 0)
        out.rate_per_s = load->rates[loop];
    out.limit = load->limit;
    out.drain_ns =
        load->drain_ns != PLAN_DRAIN_AUTO ? load->drain_ns : load_drain_default_ns(&out, jobs);
    return out;
}

/* As many as it takes to tell the cells of a group apart. */
static uint64_t rounds_default(const struct plan_line *line)
{
    size_t cells = 0, needed;

    for (size_t m = 0; m < line->models_count; m++)
        cells += (line->models[m]->on_ring != NULL ? line->ios_count : 1) *
                 (line->models[m]->uses_threads ? line->threads_count : 1);
    needed = ranking_runs_needed(cells);
    return needed > PLAN_ROUNDS_DEFAULT ? needed : PLAN_ROUNDS_DEFAULT;
}

/* Fill in the defaults, so that each list has an entry to combine. */
static int complete(struct plan_line *line, struct err *err)
{
    struct cell def = cell_default();
    int r = check_load(&line->load, line->counts_count > 0, err);

    if (r < 0)
        return r;
    if (line->models_count == 0)
        for (size_t m = 0; m < models_count && line->models_count < PLAN_LIST_MAX; m++)
            if (!models[m]->on_request)
                line->models[line->models_count++] = models[m];
    r = plan_line_parse_jobs(line, err);
    if (r == 0 && line->specs_count == 0)
        r = job_parse(line->url != NULL ? DEFAULT_URL_JOB : DEFAULT_JOB,
                      &line->specs[line->specs_count++], err);
    if (line->counts_count == 0)
        line->counts[line->counts_count++] = are_loops(&line->load) ? 0 : def.jobs;
    if (line->threads_count == 0)
        line->threads[line->threads_count++] = 0; /* the model's default */
    if (line->ios_count == 0)
        line->ios[line->ios_count++] = MODEL_IO_ASYNC; /* changes no model */
    if (line->stack_size == 0)
        line->stack_size = def.stack_size;
    if (line->rounds == 0)
        line->rounds = rounds_default(line);
    return r == 0 ? set_servers(line, err) : r;
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

/* One job and load under a model with every pool size of the line. */
static int add_model(struct plan *plan, const struct plan_line *line, const struct model *model,
                     struct plan_cell *entry, struct err *err)
{
    size_t sizes = model->uses_threads ? line->threads_count : 1;
    int r = 0;

    entry->cell.model = model;
    entry->cell.inject = plan_line_faults(line, model);
    for (size_t t = 0; t < sizes && r == 0; t++) {
        entry->cell.threads = (unsigned)line->threads[t];
        if (entry->cell.threads == 0)
            entry->cell.threads = model_threads_default(model);
        r = append(plan, entry, err);
    }
    return r;
}

/* One job and load under every model of the line, over every io of the line that it can have. */
static int add_group(struct plan *plan, const struct plan_line *line, struct plan_cell *entry,
                     struct err *err)
{
    int r = 0;

    for (size_t m = 0; m < line->models_count; m++)
        for (size_t i = 0; i < line->ios_count && r == 0; i++) {
            const struct model *ring = line->models[m]->on_ring;
            bool on_ring = line->ios[i] == MODEL_IO_RING && ring != NULL;

            r = add_model(plan, line, on_ring ? ring : line->models[m], entry, err);
        }
    return r;
}

/* One job and count under every load of the line. */
static int add_loads(struct plan *plan, const struct plan_line *line, struct plan_cell *entry,
                     struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < count_loads(&line->load) && r == 0; i++) {
        entry->cell.load = load_at(line, i, entry->cell.jobs);
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

static bool has_io(const struct plan *plan, enum model_io io)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cells[i].cell.model->io == io)
            return true;
    return false;
}

int plan_check_used(const struct plan *plan, const struct plan_line *line, struct err *err)
{
    const struct plan_load *load = &line->load;
    const char *open = load->has_arrivals                  ? "--arrivals"
                       : load->limit > 0                   ? "--limit"
                       : load->drain_ns != PLAN_DRAIN_AUTO ? "--drain"
                                                           : NULL;
    const char *loop = load->duration_ns > 0 ? "--duration"
                       : load->warmup_ns > 0 ? "--warmup by time"
                                             : NULL;
    bool any_url = false, any_target = false, any_open = false, any_loop = false;

    for (size_t i = 0; i < plan->count; i++) {
        const struct cell *cell = &plan->cells[i].cell;

        any_url = any_url || job_has(&cell->job, "http");
        any_target = any_target || job_takes_target(&cell->job);
        any_open = any_open || cell->load.kind == LOAD_OPEN;
        any_loop = any_loop || cell->load.kind != LOAD_BATCH;
    }
    if (line->url != NULL && !any_url)
        return err_set(err, -EINVAL, "--url is for http jobs, and there is none: add --job http");
    if (line->targets_count > 0 && !any_target)
        return err_set(err, -EINVAL,
                       "--target is for tcp jobs and http jobs without a url, and there is none: "
                       "add --job tcp");
    if (open != NULL && !any_open)
        return err_set(err, -EINVAL, "%s is for open loops, and there is none: add --rate", open);
    if (loop != NULL && !any_loop)
        return err_set(err, -EINVAL, "%s is for loops, and there is none: add --rate or --clients",
                       loop);
    for (size_t i = 0; i < line->ios_count; i++)
        if (!has_io(plan, line->ios[i]))
            return err_set(err, -EINVAL,
                           "no cell waits in %s as --io wants it: add --model tasks or loops",
                           line->ios[i] == MODEL_IO_RING ? "io_uring" : "libuv");
    return 0;
}

void plan_leave_out(struct plan *plan, const struct plan_line *line, const char *name)
{
    for (size_t m = 0; m < models_count && line->models_count + line->ios_count == 0; m++) {
        size_t before = plan->count, kept = 0;
        struct err why = {""};

        if (model_check(models[m], &why) == 0)
            continue;
        for (size_t i = 0; i < before; i++)
            if (plan->cells[i].cell.model != models[m])
                plan->cells[kept++] = plan->cells[i];
        plan->count = kept;
        if (kept < before && name != NULL)
            fprintf(stderr, "%s: the model %s is left out: %s\n", name, models[m]->name, why.text);
    }
}

void plan_warn_unused_faults(const struct plan *plan, const struct plan_line *line,
                             const char *name)
{
    for (size_t i = 0; i < line->faults_count; i++) {
        const struct plan_fault *fault = &line->faults[i];
        size_t k = 0;

        while (k < plan->count && !is_planted_in(line, fault, plan->cells[k].cell.model))
            k++;
        if (fault->model != NULL && k == plan->count)
            fprintf(stderr,
                    "%s: --inject model=%s: no cell is of this model, so nothing is planted\n",
                    name, fault->model->name);
    }
}

void plan_set_seed(struct plan *plan, uint64_t seed)
{
    for (size_t i = 0; i < plan->count; i++)
        job_set_seed(&plan->cells[i].cell.job, seed);
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

static void add_duration(char *buf, size_t size, const char *option, uint64_t ns)
{
    char text[32];

    if (ns > 0)
        text_add(buf, size, " %s %s", option, units_exact_duration(ns, text, sizeof text));
}

static void add_load(const struct load *load, char *buf, size_t size)
{
    char text[LOAD_RATES_TEXT_SIZE];

    if (load->kind == LOAD_OPEN) {
        text_add(buf, size, " --rate %s",
                 load->rates.count > 0 ? load_rates_format(&load->rates, text, sizeof text)
                                       : load_format_rate(load->rate_per_s, text, sizeof text));
        text_add(buf, size, " --arrivals %s", load_arrivals_name(load->arrivals));
        text_add(buf, size, " --drain %s", units_exact_duration(load->drain_ns, text, sizeof text));
    }
    if (load->kind == LOAD_CLOSED)
        text_add(buf, size, " --clients %" PRIu64, load->clients);
    if (load->limit > 0)
        text_add(buf, size, " --limit %" PRIu64, load->limit);
    add_duration(buf, size, "--duration", load->rates.count > 0 ? 0 : load->duration_ns);
    add_duration(buf, size, "--warmup", load->warmup_ns);
    if (load->poison > 0)
        text_add(buf, size, " --poison %s", load_format_share(load->poison, text, sizeof text));
}

char *plan_cell_args(const struct cell *c, char *buf, size_t size)
{
    char spec[JOB_TEXT_SIZE], value[32], faults[INJECT_TEXT_SIZE];
    struct cell def = cell_default();

    job_format(&c->job, spec, sizeof spec);
    snprintf(buf, size, "--model %s --job ", c->model->name);
    text_add_word(buf, size, spec);
    if (c->load.kind == LOAD_BATCH || c->jobs > 0)
        text_add(buf, size, " --jobs %" PRIu64, c->jobs);
    add_load(&c->load, buf, size);
    if (c->model->uses_threads)
        text_add(buf, size, " --threads %u", c->threads);
    if (c->stack_size != def.stack_size)
        text_add(buf, size, " --stack-size %s",
                 units_exact_size(c->stack_size, value, sizeof value));
    if (c->warmup != CELL_WARMUP_AUTO && c->load.warmup_ns == 0)
        text_add(buf, size, " --warmup %" PRIu64, c->warmup);
    if (c->job.parts[0].target.sin_port != 0)
        text_add(buf, size, " --target %s%s",
                 address_format(&c->job.parts[0].target, value, sizeof value),
                 address_is_loopback(c->job.parts[0].target.sin_addr) ? "" : " --remote");
    add_duration(buf, size, "--timer-slack", c->timer_slack_ns);
    if (c->cpu >= 0)
        text_add(buf, size, " --pin %d", c->cpu);
    if (inject_fault_present(&c->inject))
        text_add(buf, size, " --inject %s", inject_fault_format(&c->inject, faults, sizeof faults));
    return buf;
}
