#include "summary/document.h"

#include "base/array.h"
#include "base/text.h"
#include "job/plugin.h"
#include "measure/sysinfo.h"
#include "result/result.h"
#include "summary/trust.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What document_finish() needs of a cell, to compare the cells of a group. */
struct kept {
    json_t *json; /* the document's */
    struct cell cell;
    char group[CELL_NAME_SIZE];
    struct ledger ledger; /* of the first run */
    bool served;          /* there is one, and all that was offered was served */
    bool sound;
};

struct document {
    const struct document_session *session;
    json_t *json, *cells;
    unsigned cores;
    struct kept *kept;
    size_t count, capacity;
};

static json_t *text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *known_or_null(int64_t n)
{
    return n >= 0 ? json_integer(n) : json_null();
}

static json_t *count_if(uint64_t n, bool applies)
{
    return applies ? result_new_count(n) : json_null();
}

static json_t *seconds_if(uint64_t ns, bool applies)
{
    return applies ? result_new_number(clock_seconds(ns)) : json_null();
}

static json_t *primitives_json(const struct primitives *p)
{
    if (p == NULL)
        return json_null();
    return json_pack("{so so so so so so so}", "page_ns", result_new_number(p->page_ns),
                     "thread_ns", result_new_number(p->thread_ns), "wake_ns",
                     result_new_number(p->wake_ns), "syscall_ns", result_new_number(p->syscall_ns),
                     "clock_ns", result_new_number(p->clock_ns), "thread_kernel_bytes",
                     result_new_number(p->kernel.thread_bytes), "connection_kernel_bytes",
                     result_new_number(p->kernel.connection_bytes));
}

static json_t *context_json(const struct sysinfo_context *c,
                            const struct stats_distribution *timer_error,
                            const struct primitives *primitives)
{
    json_t *limits, *vm;

    limits = json_pack("{so so so}", "open_files", known_or_null(c->limit_open_files), "processes",
                       known_or_null(c->limit_processes), "max_map_count",
                       known_or_null(c->limit_max_map_count));
    vm = c->virtual_machine < 0 ? json_null() : json_boolean(c->virtual_machine);

    return json_pack(
        "{ss ss ss ss ss sI so so so sI ss ss ss ss* ss ss sI sI so so so}", "date", c->date,
        "host", c->host, "kernel", c->kernel, "architecture", c->architecture, "cpu", c->cpu,
        "cores", (json_int_t)c->cores, "cpu_quota", result_new_number(c->cpu_quota), "governor",
        text_or_null(c->governor), "virtual_machine", vm, "memory_bytes",
        (json_int_t)c->memory_bytes, "compiler", c->compiler, "build_type", c->build_type, "libuv",
        c->libuv, "liburing", c->liburing[0] != '\0' ? c->liburing : NULL, "libc", c->libc,
        "commit", c->commit, "timer_slack_ns", (json_int_t)c->timer_slack_ns, "uv_threadpool_size",
        (json_int_t)c->uv_threadpool_size, "limits", limits, "timer_error_ns",
        timer_error != NULL ? summary_json_distribution(timer_error) : json_null(), "primitives",
        primitives_json(primitives));
}

static json_t *clock_json(int64_t offset_ns, uint64_t error_ns)
{
    return json_pack("{sI so}", "offset_ns", (json_int_t)offset_ns, "error_ns",
                     result_new_count(error_ns));
}

static json_t *ranks_json(const struct document_rank *ranks, size_t count)
{
    json_t *list = json_array();
    int rc = 0;

    for (size_t q = 0; q < count; q++) {
        const struct document_rank *r = &ranks[q];
        double passed_ns = (double)(r->end.at_ns - r->start.at_ns);
        double drift = (double)(r->end.offset_ns - r->start.offset_ns) / passed_ns;

        rc |= json_array_append_new(
            list, json_pack("{so ss so so so so}", "rank", result_new_count(q), "host", r->host,
                            "cores", result_new_count(r->cores), "clock_start",
                            clock_json(r->start.offset_ns, r->start.error_ns), "clock_end",
                            clock_json(r->end.offset_ns, r->end.error_ns), "clock_drift_ppm",
                            result_new_number(passed_ns > 0 ? 1e6 * drift : NAN)));
    }
    return result_built(list, rc);
}

json_t *document_context(void)
{
    struct sysinfo_context context;

    sysinfo_read(&context);
    return context_json(&context, NULL, NULL);
}

struct document *document_create(const struct document_session *session)
{
    struct document *d = calloc(1, sizeof *d);
    struct sysinfo_context context;

    if (d == NULL)
        return NULL;
    sysinfo_read(&context);
    d->session = session;
    d->cores = (unsigned)context.cores;
    d->json = json_pack(
        "{si ss sb ss so so so so so}", "schema_version", RESULT_SCHEMA_VERSION, "tva_version",
        context.version, "partial", (int)session->partial, "ended_by",
        session->ended_by != NULL ? session->ended_by : "rounds", "suite",
        text_or_null(session->suite), "seed", result_new_count(session->seed), "rounds",
        result_new_count(session->rounds), "context",
        context_json(&context, session->timer_error, session->primitives), "cells", json_array());
    d->cells = json_object_get(d->json, "cells");
    if (d->json != NULL &&
        (session->ranks_count == 0 ||
         json_object_set_new(json_object_get(d->json, "context"), "ranks",
                             ranks_json(session->ranks, session->ranks_count)) == 0))
        return d;
    document_destroy(d);
    return NULL;
}

void document_destroy(struct document *d)
{
    if (d == NULL)
        return;
    json_decref(d->json);
    free(d->kept);
    free(d);
}

static json_t *param_json(const struct job_part *part, size_t index)
{
    const struct param *p = &part->type->params[index];
    uint64_t value = part->params[index];
    char word[64];

    if (p->kind == PARAM_TEXT)
        return json_string(job_text(part, index));
    if (p->kind == PARAM_SWITCH)
        return json_boolean(value != 0);
    if (p->kind == PARAM_CHOICE)
        return json_string(param_format(p, value, NULL, word, sizeof word));
    return result_new_count(value);
}

/* In a sum with the number of the part, as "2.delay". */
static json_t *params_json(const struct job *job)
{
    json_t *params = json_object();
    char name[64];
    int rc = 0;

    for (size_t k = 0; k < job->count; k++) {
        const struct job_part *part = &job->parts[k];

        for (size_t i = 0; i < part->type->n_params; i++) {
            name[0] = '\0';
            if (job->count > 1)
                text_add(name, sizeof name, "%zu.", k + 1);
            text_add(name, sizeof name, "%s", part->type->params[i].name);
            rc |= json_object_set_new(params, name, param_json(part, i));
        }
    }
    return result_built(params, rc);
}

/* The text, and a row for each piece: its first and its last rate, and how long it goes. */
static json_t *rates_json(const struct load_rates *rates)
{
    char text[LOAD_RATES_TEXT_SIZE];
    json_t *pieces = json_array();
    int rc = 0;

    for (size_t i = 0; i < rates->count; i++) {
        const struct load_piece *p = &rates->pieces[i];

        rc |= json_array_append_new(pieces,
                                    json_pack("[o, o, o]", result_new_number(p->from_per_s),
                                              result_new_number(p->to_per_s),
                                              result_new_number(clock_seconds(p->duration_ns))));
    }
    return json_pack("{ss so}", "text", load_rates_format(rates, text, sizeof text), "pieces",
                     result_built(pieces, rc));
}

/* Null where a figure is not one of this kind of load. */
static json_t *load_json(const struct load *load)
{
    bool open = load->kind == LOAD_OPEN, loop = load->kind != LOAD_BATCH;
    json_t *object =
        json_pack("{ss so so so so so so so so}", "kind", load_kind_name(load->kind), "rate_per_s",
                  open ? result_new_number(load->rate_per_s) : json_null(), "arrivals",
                  open ? json_string(load_arrivals_name(load->arrivals)) : json_null(), "clients",
                  count_if(load->clients, load->kind == LOAD_CLOSED), "duration_s",
                  seconds_if(load->duration_ns, load->duration_ns > 0), "warmup_s",
                  seconds_if(load->warmup_ns, loop && load->warmup_ns > 0), "limit",
                  count_if(load->limit, load->limit > 0), "drain_s",
                  seconds_if(load->drain_ns, open), "poison", result_new_number(load->poison));

    if (load->rates.count > 0 &&
        json_object_set_new(object, "rates", rates_json(&load->rates)) < 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* The number of jobs that a run counted: the cell's, or, of a load by time, the median over the
 * runs. 0 without runs. */
static uint64_t jobs_of(const struct cell_runs *in, const struct summary *s)
{
    if (in->cell->jobs > 0 || in->count == 0)
        return in->cell->jobs;
    return (uint64_t)ceil(s->quantities[RUN_JOBS].median.median);
}

/* Who the cell is: everything but its measurements. */
static json_t *identity_json(const struct cell_runs *in, const struct summary *s)
{
    const struct cell *cell = in->cell;
    char name[CELL_NAME_SIZE], group[CELL_NAME_SIZE], spec[JOB_TEXT_SIZE], types[JOB_TEXT_SIZE];

    return json_pack(
        "{ss ss ss ss ss so so so so so so so so}", "name", cell_name(cell, name, sizeof name),
        "group", cell_group(cell, group, sizeof group), "job",
        job_format_types(&cell->job, types, sizeof types), "spec",
        job_format(&cell->job, spec, sizeof spec), "model", cell->model->name, "params",
        params_json(&cell->job), "load", load_json(&cell->load), "jobs",
        result_new_count(jobs_of(in, s)), "threads",
        count_if(cell->threads, cell->model->uses_threads), "stack_bytes",
        result_new_count(cell_stack_size(cell)), "timer_slack_ns",
        in->count > 0 ? result_new_count(in->runs[0]->timer_slack_ns) : json_null(), "target_loops",
        count_if(in->count > 0 ? in->runs[0]->target_loops : 0,
                 in->count > 0 && in->runs[0]->target_loops > 0),
        "runs", result_new_count(in->count));
}

/* The key `injected`, where faults were planted: all other cells are what they seem. */
static int add_injected(json_t *cell, const struct inject_fault *f)
{
    char text[INJECT_TEXT_SIZE];

    if (!inject_fault_present(f))
        return 0;
    return json_object_set_new(
        cell, "injected",
        json_pack("{ss sf so so sf so}", "text", inject_fault_format(f, text, sizeof text),
                  "slowdown", (double)f->slowdown / PARAM_SHARE_ONE, "syscalls_per_job",
                  result_new_count(f->syscalls), "allocations_per_job", result_new_count(f->allocs),
                  "stall_s", clock_seconds(f->stall_ns), "leak_bytes_per_job",
                  result_new_count(f->leak_bytes)));
}

/* Failed jobs by errno name. */
static json_t *errors_json(const struct summary_errors *errors)
{
    json_t *object = json_object();
    int rc = 0;

    for (size_t i = 0; i < errors->count; i++) {
        const char *name = strerrorname_np(errors->of[i].code);
        char number[32];

        snprintf(number, sizeof number, "errno %d", errors->of[i].code);
        rc |= json_object_set_new(object, name != NULL ? name : number,
                                  result_new_count(errors->of[i].count));
    }
    return result_built(object, rc);
}

/* Everything that was measured goes into the cell. 0 or -1. */
static int add_measurements(json_t *cell, const struct trust_input *t, const struct kept *kept,
                            bool counts_only)
{
    const struct cell_runs *in = t->in;
    json_t *reasons = json_array(), *warnings = json_array();
    int rc = 0;

    if (t->runs_count > 0 || !counts_only)
        rc |= trust_add_reasons(reasons, t);
    rc |= trust_add_warnings(warnings, t);
    rc |= json_object_set_new(cell, "valid", json_boolean(json_array_size(reasons) == 0));
    rc |= json_object_set_new(cell, "reasons", reasons);
    rc |= json_object_set_new(cell, "warnings", warnings);
    rc |= json_object_set_new(cell, "ledger",
                              in->count > 0
                                  ? ledger_write(&kept->ledger, errors_json(&t->summary->errors))
                                  : json_null());
    return rc | summary_json_add(cell, in, t->summary);
}

int document_add_libcurl(struct document *d, const char *version)
{
    if (version[0] == '\0')
        return 0;
    return json_object_set_new(json_object_get(d->json, "context"), "libcurl",
                               json_string(version)) == 0
               ? 0
               : -ENOMEM;
}

/* Say in the context which builds of plugins the job has. 0 or -1. */
static int add_plugins(struct document *d, const struct job *job)
{
    json_t *context = json_object_get(d->json, "context");
    int rc = 0;

    for (size_t k = 0; k < job->count && rc == 0; k++) {
        const struct job_type *type = job->parts[k].type;
        struct plugin_file file = plugin_of(type);

        if (file.path == NULL || plugin_is_taken(type->name))
            continue;
        if (json_object_get(context, "plugins") == NULL)
            json_object_set_new(context, "plugins", json_object());
        rc = json_object_set_new(
            json_object_get(context, "plugins"), type->name,
            json_pack("{ss ss}", "file", strrchr(file.path, '/') + 1, "build", file.build));
    }
    return rc;
}

static json_t *cell_json(const struct document *d, const struct trust_input *t,
                         const struct kept *kept)
{
    json_t *cell = identity_json(t->in, t->summary);

    if (cell != NULL && add_injected(cell, &t->in->cell->inject) == 0 &&
        add_measurements(cell, t, kept, d->session->counts_only) == 0 &&
        json_array_append(d->cells, cell) == 0) {
        json_decref(cell); /* the list has it */
        return cell;
    }
    json_decref(cell);
    return NULL;
}

/* How many cores the runs could use: of ranks, those of each host once. */
static unsigned cores_of(const struct cell *cell, const struct run_record *run, unsigned own)
{
    unsigned cores = 0;

    for (size_t q = 0; q < run->ranks_count; q++) {
        size_t before = 0;

        while (strcmp(run->ranks[before].host, run->ranks[q].host) != 0)
            before++;
        cores += cell->cpu < 0 ? run->ranks[q].cores : before == q;
    }
    return cores > 0 ? cores : cell->cpu >= 0 ? 1 : own;
}

json_t *document_add_cell(struct document *d, const struct cell *cell,
                          const struct run_record *runs, size_t runs_count)
{
    const struct run_record **carried_out = calloc(runs_count + 1, sizeof(struct run_record *));
    struct cell whole = *cell; /* as ranks carried it out together, where there are several */
    struct cell_runs in = {.cell = &whole, .runs = carried_out};
    struct summary summary = {.values = NULL};
    struct trust_input t = {&in, &summary, runs, runs_count, d->session->timer_error};
    const struct primitives *primitives = d->session->primitives;
    struct kept *kept;
    json_t *json = NULL;
    int rc = 0;

    if (carried_out == NULL || array_grow(&d->kept, d->count, &d->capacity, sizeof *kept) < 0)
        goto out;
    kept = &d->kept[d->count];
    in.target_cores = cell->cpu >= 0 && d->cores > 1 ? d->cores - 1 : d->cores;
    in.kernel = primitives != NULL ? primitives->kernel : KERNEL_MEMORY_UNKNOWN;
    for (size_t i = 0; i < runs_count; i++)
        if (run_carried_out(&runs[i]))
            carried_out[in.count++] = &runs[i];
    whole.share.count = in.count > 0 ? (unsigned)carried_out[0]->ranks_count : 0;
    in.cores = in.count > 0 ? cores_of(cell, carried_out[0], d->cores) : d->cores;
    *kept = (struct kept){.cell = *cell};
    cell_group(cell, kept->group, sizeof kept->group);
    if (in.count > 0) {
        kept->ledger = run_ledger(carried_out[0]);
        rc = summary_of(&in, &summary);
        kept->served = summary.refused == 0 && summary.unserved == 0;
    }
    if (rc == 0 && in.count > 0)
        rc = document_add_libcurl(d, carried_out[0]->libcurl);
    if (rc == 0)
        rc = add_plugins(d, &cell->job);
    if (rc == 0)
        json = kept->json = cell_json(d, &t, kept);
    d->count += json != NULL;
out:
    summary_deinit(&summary);
    free(carried_out);
    return json;
}

/* Which of two that differ is right cannot be known here: both are marked. 0 or -ENOMEM. */
static int add_difference(const struct document *d, const struct kept *mine)
{
    for (const struct kept *k = d->kept; k < d->kept + d->count; k++) {
        char difference[128], name[CELL_NAME_SIZE];
        const char *why = job_why_unlike(&mine->cell.job);

        if (k != mine && mine->sound && k->sound && strcmp(mine->group, k->group) == 0 &&
            ledger_differs(&mine->ledger, &k->ledger, cell_jobs_vary(&mine->cell), difference,
                           sizeof difference))
            return result_add_sentence(
                json_object_get(mine->json, "reasons"), "did other work than \"%s\": %s; %s",
                cell_name(&k->cell, name, sizeof name), difference,
                why != NULL ? why
                            : "times of unequal work cannot be compared, so find out which of "
                              "them is wrong");
    }
    return 0;
}

static bool has_reasons(const struct kept *k)
{
    return json_array_size(json_object_get(k->json, "reasons")) > 0;
}

json_t *document_finish(struct document *d, size_t *invalid)
{
    json_t *json = json_incref(d->json);
    size_t found = 0;

    for (size_t i = 0; i < d->count; i++)
        d->kept[i].sound = d->kept[i].served && !has_reasons(&d->kept[i]);
    for (size_t i = 0; i < d->count; i++) {
        struct kept *k = &d->kept[i];
        bool valid = add_difference(d, k) == 0; /* no memory for the sentence: not valid either */

        valid = valid && !has_reasons(k);
        json_object_set_new(k->json, "valid", json_boolean(valid));
        found += !valid;
    }
    if (invalid != NULL)
        *invalid = found;
    document_destroy(d);
    return json;
}
