#include "summary/document.h"

#include "load/load.h"
#include "measure/sysinfo.h"
#include "result/result.h"
#include "summary/inject_json.h"
#include "summary/ledger.h"
#include "summary/load_json.h"
#include "summary/over_time.h"
#include "summary/summary.h"
#include "summary/timeline.h"
#include "summary/trust.h"
#include "summary/trust_load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *known_or_null(int64_t n)
{
    return n >= 0 ? json_integer(n) : json_null();
}

static json_t *context_json(const struct sysinfo_context *c,
                            const struct stats_distribution *timer_error)
{
    json_t *limits = json_pack("{so so so}", "open_files", known_or_null(c->limit_open_files),
                               "processes", known_or_null(c->limit_processes), "max_map_count",
                               known_or_null(c->limit_max_map_count));
    json_t *vm = c->virtual_machine < 0 ? json_null() : json_boolean(c->virtual_machine);

    return json_pack("{ss ss ss ss sI so so sI ss ss ss ss ss sI sI so so}", "date", c->date,
                     "host", c->host, "kernel", c->kernel, "cpu", c->cpu, "cores",
                     (json_int_t)c->cores, "governor", text_or_null(c->governor), "virtual_machine",
                     vm, "memory_bytes", (json_int_t)c->memory_bytes, "compiler", c->compiler,
                     "build_type", c->build_type, "libuv", c->libuv, "libc", c->libc, "commit",
                     c->commit, "timer_slack_ns", (json_int_t)c->timer_slack_ns,
                     "uv_threadpool_size", (json_int_t)c->uv_threadpool_size, "limits", limits,
                     "timer_error_ns",
                     timer_error != NULL ? summary_distribution(timer_error) : json_null());
}

json_t *document_create(const struct document_session *session)
{
    struct sysinfo_context context;

    sysinfo_read(&context);
    return json_pack("{si ss sb ss so so so so so}", "schema_version", RESULT_SCHEMA_VERSION,
                     "tva_version", context.version, "partial", (int)session->partial, "ended_by",
                     session->ended_by != NULL ? session->ended_by : "rounds", "suite",
                     text_or_null(session->suite), "seed", result_new_count(session->seed),
                     "rounds", result_new_count(session->rounds), "context",
                     context_json(&context, session->timer_error), "cells", json_array());
}

static json_t *param_json(const struct job *job, size_t index)
{
    const struct param *p = &job->type->params[index];
    uint64_t value = job->params[index];
    char word[64];

    if (p->kind == PARAM_TEXT)
        return json_string(job_text(job, index));
    if (p->kind == PARAM_SWITCH)
        return json_boolean(value != 0);
    if (p->kind == PARAM_CHOICE)
        return json_string(param_format(p, value, word, sizeof word));
    return result_new_count(value);
}

static json_t *params_json(const struct job *job)
{
    json_t *params = json_object();
    int rc = 0;

    for (size_t i = 0; i < job->type->n_params; i++)
        rc |= json_object_set_new(params, job->type->params[i].name, param_json(job, i));
    if (rc == 0)
        return params;
    json_decref(params);
    return NULL;
}

/* Who the cell is: everything but its measurements. */
static json_t *identity_json(const struct summary_input *in)
{
    const struct cell *cell = in->cell;
    char name[CELL_NAME_SIZE], group[CELL_NAME_SIZE], spec[JOB_TEXT_SIZE];
    bool threads = cell->model->uses_threads;

    return json_pack("{ss ss ss ss ss so so so so so so}", "name",
                     cell_name(cell, name, sizeof name), "group",
                     cell_group(cell, group, sizeof group), "job", cell->job.type->name, "spec",
                     job_format(&cell->job, spec, sizeof spec), "model", cell->model->name,
                     "params", params_json(&cell->job), "load", load_json(&cell->load), "jobs",
                     result_new_count(load_json_jobs(in)), "threads",
                     threads ? result_new_count(cell->threads) : json_null(), "stack_bytes",
                     result_new_count(cell_stack_size(cell)), "runs", result_new_count(in->count));
}

/* The ledger of the first run, and the errors of all; null when none was carried out. Takes errors.
 */
static json_t *ledger_json(const struct summary_input *in, json_t *errors)
{
    json_t *ledger = in->count > 0 ? ledger_of_run(in->runs[0]) : json_null();

    if (json_is_null(ledger))
        json_decref(errors);
    else if (json_object_set_new(ledger, "errors", errors) != 0) {
        json_decref(ledger);
        return NULL;
    }
    return ledger;
}

/* Everything that was measured goes into the cell. 0 or -1. */
static int add_measurements(json_t *cell, const struct summary_input *in,
                            const struct run_record *runs, size_t runs_count,
                            const json_t *timer_error)
{
    json_t *reasons = json_array(), *warnings = json_array(), *errors = json_object();
    json_t *curves, *summary = summary_create(in, &curves);
    int rc = summary != NULL ? 0 : -1;

    for (size_t i = 0; i < in->count; i++)
        rc |= ledger_add_errors(errors, in->runs[i]);
    rc |= trust_add_reasons(reasons, in->cell, runs, runs_count, errors);
    rc |= trust_load_add_reasons(reasons, in, summary, timer_error);
    rc |= trust_add_warnings(warnings, in, summary);
    rc |= json_object_set_new(cell, "valid", json_boolean(json_array_size(reasons) == 0));
    rc |= json_object_set_new(cell, "reasons", reasons);
    rc |= json_object_set_new(cell, "warnings", warnings);
    rc |= json_object_set_new(cell, "arrivals", load_json_arrivals(in));
    rc |= json_object_set_new(cell, "ledger", ledger_json(in, errors));
    rc |= json_object_set_new(cell, "summary", summary);
    rc |= json_object_update(cell, curves);
    rc |= json_object_set_new(cell, "timeline", timeline_create(in));
    rc |= json_object_set_new(cell, "over_time", over_time_create(in));
    json_decref(curves);
    return rc;
}

int document_add_libcurl(json_t *result, const char *version)
{
    if (version[0] == '\0')
        return 0;
    return json_object_set_new(json_object_get(result, "context"), "libcurl",
                               json_string(version)) == 0
               ? 0
               : -ENOMEM;
}

int document_add_cell(json_t *result, const struct cell *cell, const struct run_record *runs,
                      size_t runs_count)
{
    const struct run_record **carried_out = calloc(runs_count + 1, sizeof(struct run_record *));
    const json_t *timer_error =
        json_object_get(json_object_get(result, "context"), "timer_error_ns");
    struct summary_input in = {.cell = cell, .runs = carried_out};
    json_t *object = NULL;
    int rc = -ENOMEM;

    if (carried_out == NULL)
        return -ENOMEM;
    in.cores = cell->cpu >= 0 ? 1 : (unsigned)result_number(result, "context.cores");
    for (size_t i = 0; i < runs_count; i++)
        if (runs[i].failure.text[0] == '\0')
            carried_out[in.count++] = &runs[i];
    object = identity_json(&in);
    if (object != NULL && inject_json_add(object, &cell->inject) == 0 &&
        add_measurements(object, &in, runs, runs_count, timer_error) == 0 &&
        (in.count == 0 || document_add_libcurl(result, carried_out[0]->libcurl) == 0) &&
        json_array_append(json_object_get(result, "cells"), object) == 0)
        rc = 0;
    json_decref(object);
    free(carried_out);
    return rc;
}

/* A ledger that can be compared: of a cell whose own runs and jobs are sound, and which has served
 * all that was offered. */
static const json_t *sound_ledger(const json_t *cell)
{
    if (result_number(cell, "arrivals.refused") > 0 || result_number(cell, "arrivals.unserved") > 0)
        return NULL;
    return json_is_true(json_object_get(cell, "valid")) ? json_object_get(cell, "ledger") : NULL;
}

/* See cell_jobs_vary(). */
static bool jobs_vary(const json_t *cell)
{
    return strcmp(result_string(cell, "load.kind"), load_kind_name(LOAD_CLOSED)) == 0 &&
           isfinite(result_number(cell, "load.duration_s"));
}

/* Which of two that differ is right cannot be known here: both are marked. 0 or -ENOMEM. */
static int add_difference(json_t *cells, const json_t *cell)
{
    const json_t *mine = sound_ledger(cell), *other;
    size_t k;

    json_array_foreach(cells, k, other)
    {
        const json_t *theirs = sound_ledger(other);
        char difference[128];

        if (other != cell && mine != NULL && theirs != NULL &&
            strcmp(result_string(other, "group"), result_string(cell, "group")) == 0 &&
            ledger_differs(mine, theirs, jobs_vary(cell), difference, sizeof difference))
            return result_add_sentence(
                json_object_get(cell, "reasons"),
                "did other work than \"%s\": %s; times of unequal work cannot be "
                "compared, so find out which of them is wrong",
                result_string(other, "name"), difference);
    }
    return 0;
}

size_t document_check_ledgers(json_t *result)
{
    json_t *cells = json_object_get(result, "cells"), *cell;
    size_t i, invalid = 0;

    json_array_foreach(cells, i, cell)
    {
        if (add_difference(cells, cell) != 0) /* no memory for the sentence */
            json_object_set_new(cell, "valid", json_false());
    }
    json_array_foreach(cells, i, cell)
    {
        bool valid = json_is_true(json_object_get(cell, "valid")) &&
                     json_array_size(json_object_get(cell, "reasons")) == 0;

        json_object_set_new(cell, "valid", json_boolean(valid));
        invalid += !valid;
    }
    return invalid;
}
