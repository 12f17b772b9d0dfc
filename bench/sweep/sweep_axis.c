#include "sweep/sweep_axis.h"

#include "base/suggest.h"
#include "base/units.h"
#include "sweep/sweep_range.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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
    out->type = sweep_axis_type_find(out->name, err);
    if (out->type == NULL)
        return -EINVAL;
    out->unit = out->type->unit;
    limits = (struct sweep_limits){out->unit, out->type->min, out->type->max};
    if (out->type->apply == NULL) {
        const char *param = out->type == &sweep_axis_type_param
                                ? out->name + strlen(SWEEP_AXIS_JOB_PREFIX)
                                : out->name;

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
    *out = (struct sweep_axis){
        .type = sweep_axis_type_find("rate", NULL), .name = "rate", .text = "rate"};
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
