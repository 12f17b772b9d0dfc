#include "sweep/sweep_axis.h"

#include "base/suggest.h"
#include "base/units.h"
#include "load/load_check.h"
#include "options_help.h"
#include "sweep/sweep_range.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define RATE_MIN 1e-3
#define RATE_MAX 1e7

static bool uses_threads(const struct cell *cell)
{
    return cell->model->uses_threads;
}

static bool jobs_given(const struct plan_line *line)
{
    return line->counts_count > 0;
}

static void apply_jobs(struct plan_line *line, double value)
{
    line->counts[0] = (uint64_t)value;
    line->counts_count = 1;
}

static bool clients_given(const struct plan_line *line)
{
    return line->load.clients_count > 0;
}

static void apply_clients(struct plan_line *line, double value)
{
    line->load.clients[0] = (uint64_t)value;
    line->load.clients_count = 1;
}

static bool rates_given(const struct plan_line *line)
{
    return line->load.rates_count > 0;
}

static void apply_rate(struct plan_line *line, double value)
{
    line->load.rates[0] = value;
    line->load.rates_count = 1;
}

static bool poisons_given(const struct plan_line *line)
{
    return line->load.poisons_count > 0;
}

static void apply_poison(struct plan_line *line, double value)
{
    line->load.poisons[0] = value;
    line->load.poisons_count = 1;
}

static bool threads_given(const struct plan_line *line)
{
    return line->threads_count > 0;
}

static void apply_threads(struct plan_line *line, double value)
{
    line->threads[0] = (unsigned)value;
    line->threads_count = 1;
}

static const struct sweep_axis_type types[] = {
    {"jobs", "%s jobs at once", "jobs in a batch: its concurrency", SWEEP_COUNT, 1, CELL_JOBS_MAX,
     NULL, NULL, jobs_given, apply_jobs},
    {"clients", "%s clients", "clients of a closed loop", SWEEP_COUNT, 1, LOAD_CLIENTS_MAX, NULL,
     NULL, clients_given, apply_clients},
    {"rate", "%s", "arrivals of an open loop", SWEEP_RATE, RATE_MIN, RATE_MAX, NULL, NULL,
     rates_given, apply_rate},
    {"threads", "%s threads", "size of the pool, of models that have one", SWEEP_COUNT, 1,
     CELL_THREADS_MAX, NULL, uses_threads, threads_given, apply_threads},
    {"poison", "%s poison", "share of the jobs that block the loop", SWEEP_SHARE, 0, 1, NULL, NULL,
     poisons_given, apply_poison},
    {"duration", "jobs of %s", "the job's parameter of that name", SWEEP_DURATION, 0, 0, "sleep",
     NULL, NULL, NULL},
    {"cpu", "%s CPU share", "share of its time that job mixed computes", SWEEP_SHARE, 0, 1, "mixed",
     NULL, NULL, NULL},
};

#define TYPES_COUNT (sizeof types / sizeof *types)

/* Any numeric parameter of the job, as job.NAME. */
static const struct sweep_axis_type job_param = {
    .name = "job.PARAMETER",
    .summary = "any number among the job's parameters",
};

#define JOB_PREFIX "job."

static const struct sweep_axis_type *find_type(const char *name, struct err *err)
{
    const char *names[TYPES_COUNT + 1];

    if (strncmp(name, JOB_PREFIX, strlen(JOB_PREFIX)) == 0)
        return &job_param;
    for (size_t i = 0; i < TYPES_COUNT; i++) {
        names[i] = types[i].name;
        if (strcmp(name, names[i]) == 0)
            return &types[i];
    }
    names[TYPES_COUNT] = job_param.name;
    suggest_unknown("axis", name, names, TYPES_COUNT + 1, err);
    return NULL;
}

static const struct param *find_param(const struct job *job, const char *name)
{
    for (size_t i = 0; i < job->type->n_params; i++)
        if (strcmp(job->type->params[i].name, name) == 0)
            return &job->type->params[i];
    return NULL;
}

/* The unit of a parameter's values, and what one of them is in the unit that axes use. false for
 * words. */
static bool unit_of_param(const struct param *p, enum sweep_unit *unit, double *scale)
{
    *scale = 1;
    switch (p->kind) {
    case PARAM_COUNT:
        *unit = SWEEP_COUNT;
        return true;
    case PARAM_SIZE:
        *unit = SWEEP_BYTES;
        return true;
    case PARAM_DURATION:
        *unit = SWEEP_DURATION;
        *scale = (double)NS_PER_S;
        return true;
    case PARAM_SHARE:
        *unit = SWEEP_SHARE;
        *scale = PARAM_SHARE_ONE;
        return true;
    default:
        return false;
    }
}

static int unknown_param(const char *name, const struct job *job, struct err *err)
{
    const char *names[PARAM_MAX];
    char what[64];

    for (size_t i = 0; i < job->type->n_params; i++)
        names[i] = job->type->params[i].name;
    if (job->type->n_params == 0)
        return err_set(err, -EINVAL, "job %s has no parameter \"%s\", and none to sweep over",
                       job->type->name, name);
    snprintf(what, sizeof what, "parameter of job %s:", job->type->name);
    return suggest_unknown(what, name, names, job->type->n_params, err);
}

/* Find the parameter in one of the jobs: it says unit and limits. */
static int settle_param(struct sweep_axis *axis, const struct plan_line *line,
                        struct sweep_limits *limits, struct err *err)
{
    const struct param *p = NULL;
    double scale;

    for (size_t i = 0; i < line->specs_count && p == NULL; i++)
        p = find_param(&line->specs[i], axis->param);
    if (p == NULL)
        return unknown_param(axis->param, &line->specs[0], err);
    if (!unit_of_param(p, &axis->unit, &scale))
        return err_set(err, -EINVAL, "%s is no number, so there is nothing to sweep over",
                       axis->name);
    *limits = (struct sweep_limits){axis->unit, (double)p->min / scale, (double)p->max / scale};
    return 0;
}

const char *sweep_axis_job(const char *text)
{
    size_t len = strcspn(text, "=");

    for (size_t i = 0; i < TYPES_COUNT; i++)
        if (strlen(types[i].name) == len && strncmp(types[i].name, text, len) == 0)
            return types[i].job;
    return NULL;
}

int sweep_axis_parse(const char *text, const struct plan_line *line, struct sweep_axis *out,
                     struct err *err)
{
    const char *equals = strchr(text, '=');
    struct sweep_limits limits;
    int r = 0;

    *out = (struct sweep_axis){0};
    if (equals == NULL || equals == text || equals[1] == '\0')
        return err_set(err, -EINVAL,
                       "--over \"%s\" is no axis: write NAME=RANGE, as in rate=100..2000:x1.5",
                       text);
    if ((size_t)(equals - text) >= sizeof out->name || strlen(text) >= sizeof out->text)
        return err_set(err, -EINVAL, "--over \"%.40s...\" is too long", text);
    snprintf(out->name, sizeof out->name, "%.*s", (int)(equals - text), text);
    snprintf(out->text, sizeof out->text, "%s", text);
    out->type = find_type(out->name, err);
    if (out->type == NULL)
        return -EINVAL;
    out->unit = out->type->unit;
    limits = (struct sweep_limits){out->unit, out->type->min, out->type->max};
    if (out->type->apply == NULL) {
        const char *param = out->type == &job_param ? out->name + strlen(JOB_PREFIX) : out->name;

        snprintf(out->param, sizeof out->param, "%.*s", (int)sizeof out->param - 1, param);
        r = settle_param(out, line, &limits, err);
    } else if (out->type->given(line)) {
        r = err_set(err, -EINVAL, "--over %s: --%s is given too; give one of them", out->name,
                    out->name);
    }
    if (r == 0)
        r = sweep_range_parse(equals + 1, out->name, &limits, out, err);
    return r;
}

void sweep_axis_rate(struct sweep_axis *out)
{
    *out = (struct sweep_axis){.type = find_type("rate", NULL), .name = "rate", .text = "rate"};
    out->unit = out->type->unit;
    out->log = true;
}

bool sweep_axis_applies(const struct sweep_axis *axis, const struct cell *cell)
{
    if (axis->param[0] != '\0')
        return find_param(&cell->job, axis->param) != NULL;
    return axis->type->applies == NULL || axis->type->applies(cell);
}

static int apply_param(const struct sweep_axis *axis, double value, struct job *job,
                       struct err *err)
{
    const struct param *p = find_param(job, axis->param);
    enum sweep_unit unit;
    double scale;

    if (p == NULL || !unit_of_param(p, &unit, &scale))
        return 0;
    job->params[p - job->type->params] = (uint64_t)llround(value * scale);
    return job->type->check != NULL ? job->type->check(job, err) : 0;
}

int sweep_axis_apply(const struct sweep_axis *axis, double value, struct plan_line *line,
                     struct err *err)
{
    int r = 0;

    if (axis->param[0] == '\0')
        axis->type->apply(line, value);
    else
        for (size_t i = 0; i < line->specs_count && r == 0; i++)
            r = apply_param(axis, value, &line->specs[i], err);
    return r;
}

char *sweep_axis_format(const struct sweep_axis *axis, double value, char *buf, size_t size)
{
    return sweep_value_format(axis->unit, value, buf, size);
}

char *sweep_axis_phrase(const struct sweep_axis *axis, double value, char *buf, size_t size)
{
    const char *phrase = axis->type->phrase;
    const char *at = phrase != NULL ? strstr(phrase, "%s") : NULL;
    char text[48];

    sweep_axis_format(axis, value, text, sizeof text);
    if (at == NULL)
        snprintf(buf, size, "%s %s", axis->param, text);
    else
        snprintf(buf, size, "%.*s%s%s", (int)(at - phrase), phrase, text, at + 2);
    return buf;
}

const char *sweep_axis_unit(const struct sweep_axis *axis)
{
    static const char *const names[] = {
        [SWEEP_COUNT] = "count", [SWEEP_BYTES] = "bytes", [SWEEP_DURATION] = "s",
        [SWEEP_SHARE] = "share", [SWEEP_RATE] = "1/s",
    };

    return names[axis->unit];
}

void sweep_axis_help(FILE *out)
{
    for (size_t i = 0; i < TYPES_COUNT; i++)
        options_help_entry(out, 14, types[i].name, types[i].summary);
    options_help_entry(out, 14, job_param.name, job_param.summary);
}
