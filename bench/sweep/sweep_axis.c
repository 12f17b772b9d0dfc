#include "sweep/sweep_axis.h"

#include "base/suggest.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/options.h"
#include "load/load.h"
#include "math/bracket.h"
#include "math/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define JOB_PREFIX "job."
#define RATE_MIN   1e-3
#define RATE_MAX   1e7
#define DIGITS     4
#define TOLERANCE  1e-9 /* of a range's end: steps in floating point may miss it by this */

/* What can be swept. The value becomes the only one of a list in the line, of doubles for shares
 * and rates, else of uint64_t; or it becomes a parameter of the job. */
struct sweep_axis_kind {
    const char *name;    /* as in --over NAME= */
    const char *phrase;  /* a value in a sentence, as "%s jobs at once" */
    const char *summary; /* for --help */
    enum sweep_unit unit;
    double min, max;
    bool is_param;
    const char *job;     /* the job when none is given; NULL: the usual one */
    bool needs_threads;  /* makes no difference to models without a pool */
    size_t at, count_at; /* the list, and its count, in struct plan_line */
};

#define LIST(member)                                                                               \
    .at = offsetof(struct plan_line, member), .count_at = offsetof(struct plan_line, member##_count)

static const struct sweep_axis_kind kinds[] = {
    {"jobs", "%s jobs at once", "jobs in a batch: its concurrency", SWEEP_COUNT, 1, CELL_JOBS_MAX,
     LIST(counts)},
    {"clients", "%s clients", "clients of a closed loop", SWEEP_COUNT, 1, LOAD_CLIENTS_MAX,
     LIST(load.clients)},
    {"rate", "%s", "arrivals of an open loop", SWEEP_RATE, RATE_MIN, RATE_MAX, LIST(load.rates)},
    {"threads", "%s threads", "size of the pool, or number of loops, in models that have them",
     SWEEP_COUNT, 1, CELL_THREADS_MAX, .needs_threads = true, LIST(threads)},
    {"poison", "%s poison", "share of the jobs that block the loop", SWEEP_SHARE, 0, 1,
     LIST(load.poisons)},
    {"duration", "jobs of %s", "parameter duration of the job; default job sleep", SWEEP_DURATION,
     0, 0, .is_param = true, .job = "sleep"},
    {"cpu", "%s CPU share", "share of its time that job mixed computes", SWEEP_SHARE, 0, 0,
     .is_param = true, .job = "mixed"},
};

#define KINDS_COUNT (sizeof kinds / sizeof *kinds)

/* Any number among the job's parameters, as job.NAME. */
static const struct sweep_axis_kind param_kind = {
    "job.PARAMETER", NULL,
    "any number among the job's parameters; job.2.PARAMETER: its second part's", .is_param = true};

static const struct sweep_axis_kind *find_kind(const char *name, struct err *err)
{
    const char *names[KINDS_COUNT + 1];

    if (strncmp(name, JOB_PREFIX, strlen(JOB_PREFIX)) == 0)
        return &param_kind;
    for (size_t i = 0; i < KINDS_COUNT; i++) {
        names[i] = kinds[i].name;
        if (strcmp(name, names[i]) == 0)
            return &kinds[i];
    }
    names[KINDS_COUNT] = param_kind.name;
    suggest_unknown("axis", name, names, KINDS_COUNT + 1, err);
    return NULL;
}

const char *sweep_axis_job(const char *text)
{
    size_t len = strcspn(text, "=");

    for (size_t i = 0; i < KINDS_COUNT; i++)
        if (strlen(kinds[i].name) == len && strncmp(kinds[i].name, text, len) == 0)
            return kinds[i].job;
    return NULL;
}

void sweep_axis_write_help(FILE *out)
{
    struct table *list = table_list();

    for (size_t i = 0; i < KINDS_COUNT; i++)
        table_entry(list, kinds[i].name, kinds[i].summary);
    table_entry(list, param_kind.name, param_kind.summary);
    options_write_list(list, out);
}

/* How values are read, by enum sweep_unit; `scale`: a parameter's values a unit of the axis. */
static const struct {
    const char *name; /* in the document */
    const char *example;
    int (*parse_whole)(const char *text, uint64_t *out); /* values of a parameter, or else */
    int (*parse)(const char *text, double *out);         /* values of the axis */
    double scale;
} units[] = {
    [SWEEP_COUNT] = {"count", "64", units_parse_count, NULL, 1},
    [SWEEP_BYTES] = {"bytes", "4k", units_parse_size, NULL, 1},
    [SWEEP_DURATION] = {"s", "10ms", units_parse_duration, NULL, (double)NS_PER_S},
    [SWEEP_SHARE] = {"share", "5%", NULL, units_parse_share, PARAM_SHARE_ONE},
    [SWEEP_RATE] = {"1/s", "500/s", NULL, load_parse_rate, 1},
};

const char *sweep_axis_unit_name(enum sweep_unit unit)
{
    return units[unit].name;
}

static int parse_value(enum sweep_unit unit, const char *text, double *out)
{
    uint64_t whole = 0;
    int r;

    if (units[unit].parse != NULL)
        return units[unit].parse(text, out);
    r = units[unit].parse_whole(text, &whole);
    if (r == 0)
        *out = (double)whole / units[unit].scale;
    return r;
}

char *sweep_axis_format(enum sweep_unit unit, double value, char *buf, size_t size)
{
    switch (unit) {
    case SWEEP_COUNT:
        snprintf(buf, size, "%.0f", value);
        break;
    case SWEEP_BYTES:
        return units_exact_size((uint64_t)value, buf, size);
    case SWEEP_DURATION:
        return units_exact_duration((uint64_t)llround(value * (double)NS_PER_S), buf, size);
    case SWEEP_SHARE:
        snprintf(buf, size, "%.*g%%", DIGITS, value * 100);
        break;
    case SWEEP_RATE:
        return load_format_rate(value, buf, size);
    }
    return buf;
}

double sweep_axis_round(enum sweep_unit unit, double value)
{
    if (unit == SWEEP_COUNT || unit == SWEEP_BYTES)
        return round(value);
    value = bracket_round(value, DIGITS);
    if (unit == SWEEP_DURATION)
        value = round(value * (double)NS_PER_S) / (double)NS_PER_S;
    return value;
}

static int take_value(const struct sweep_axis *axis, const char *text, double *out, struct err *err)
{
    char low[48], high[48];
    int r = parse_value(axis->unit, text, out);

    if (r == -EINVAL)
        return err_set(err, r, "--over %s: \"%s\" is no value; write for example %s", axis->name,
                       text, units[axis->unit].example);
    if (r == 0 && *out >= axis->min && *out <= axis->max)
        return 0;
    return err_set(err, -EINVAL, "--over %s: %s is out of range; valid: %s to %s", axis->name, text,
                   sweep_axis_format(axis->unit, axis->min, low, sizeof low),
                   sweep_axis_format(axis->unit, axis->max, high, sizeof high));
}

/* Rounding may make a value equal to the last one, which is there already. */
static int append(struct sweep_axis *axis, double value, struct err *err)
{
    if (axis->count > 0 && axis->values[axis->count - 1] == value)
        return 0;
    if (axis->count == SWEEP_AXIS_VALUES_MAX)
        return err_set(err, -EINVAL,
                       "--over %s has more than %d values: widen the step or narrow the range",
                       axis->name, SWEEP_AXIS_VALUES_MAX);
    axis->values[axis->count++] = value;
    return 0;
}

/* The factor of "x1.5". */
static int take_factor(const struct sweep_axis *axis, const char *text, double *out,
                       struct err *err)
{
    char *end;
    double factor = strtod(text + 1, &end);

    if (strspn(text + 1, "0123456789.") != strlen(text + 1) || end == text + 1 || *end != '\0')
        return err_set(err, -EINVAL, "--over %s: \"%s\" is no factor; write for example x1.5 or x2",
                       axis->name, text);
    *out = factor;
    if (factor > 1)
        return 0;
    return err_set(err, -EINVAL,
                   "--over %s: the factor must be above 1, or %s never reaches the end", axis->name,
                   text);
}

static int multiply(struct sweep_axis *axis, double from, double to, const char *step,
                    struct err *err)
{
    double factor = 0;
    int r = take_factor(axis, step, &factor, err);

    if (r == 0 && from <= 0)
        r = err_set(err, -EINVAL,
                    "--over %s: a factor leads nowhere from 0; begin above 0, or add with +",
                    axis->name);
    axis->log = true;
    for (double x = from; r == 0 && x <= to * (1 + TOLERANCE); x *= factor)
        r = append(axis, sweep_axis_round(axis->unit, x), err);
    return r;
}

static int add(struct sweep_axis *axis, double from, double to, const char *step, struct err *err)
{
    double difference = 0;

    if (parse_value(axis->unit, step + 1, &difference) < 0)
        return err_set(err, -EINVAL, "--over %s: \"%s\" is no step; write for example +%s",
                       axis->name, step, units[axis->unit].example);
    if (!(difference > 0))
        return err_set(err, -EINVAL,
                       "--over %s: the step must be above 0, or it never reaches the end",
                       axis->name);
    /* Multiply: adding up would add up the rounding errors. */
    for (size_t i = 0; from + (double)i * difference <= to * (1 + TOLERANCE); i++) {
        int r = append(axis, sweep_axis_round(axis->unit, from + (double)i * difference), err);

        if (r < 0)
            return r;
    }
    return 0;
}

/* "a..b:xF" or "a..b:+D" */
static int take_stretch(struct sweep_axis *axis, char *text, struct err *err)
{
    char *to_text = strstr(text, "..") + 2, *step = strchr(to_text, ':');
    double from = 0, to = 0;
    int r;

    if (step == NULL || (step[1] != 'x' && step[1] != '+'))
        return err_set(err, -EINVAL,
                       "--over %s: \"%s\" has no step: write %s:xF to multiply or %s:+D to add",
                       axis->name, text, text, text);
    *step++ = '\0';
    to_text[-2] = '\0';
    r = take_value(axis, text, &from, err);
    if (r == 0)
        r = take_value(axis, to_text, &to, err);
    if (r < 0)
        return r;
    if (from > to)
        return err_set(err, -EINVAL,
                       "--over %s: the range %s..%s is empty: its end is below its "
                       "begin",
                       axis->name, text, to_text);
    return *step == 'x' ? multiply(axis, from, to, step, err) : add(axis, from, to, step, err);
}

static int take_item(struct sweep_axis *axis, char *item, struct err *err)
{
    double value = 0;
    int r;

    if (strstr(item, "..") != NULL)
        return take_stretch(axis, item, err);
    r = take_value(axis, item, &value, err);
    return r == 0 ? append(axis, value, err) : r;
}

/* Fill in values, count and log. 0, or -EINVAL with *err set. */
static int parse_range(const char *text, struct sweep_axis *axis, struct err *err)
{
    char copy[SWEEP_AXIS_TEXT_MAX], *rest = copy, *item;
    int r = 0;

    /* Except for shares, lists are mostly powers of something. */
    axis->log = strstr(text, "..") == NULL && axis->unit != SWEEP_SHARE;
    snprintf(copy, sizeof copy, "%s", text);
    while (r == 0 && (item = strsep(&rest, ",")) != NULL)
        r = take_item(axis, item, err);
    if (r < 0)
        return r;
    axis->count = stats_sort_unique(axis->values, axis->count);
    if (axis->values[0] <= 0)
        axis->log = false;
    return 0;
}

/* Has the parameter numbers? Its kind is the unit then. */
static bool has_unit(const struct param *p)
{
    return p->kind <= PARAM_SHARE;
}

/* Take unit and limits from a job that has the parameter. */
static int take_param(struct sweep_axis *axis, const struct param *p, bool first, struct err *err)
{
    if (!has_unit(p) || (!first && axis->unit != (enum sweep_unit)p->kind))
        return err_set(err, -EINVAL,
                       first ? "%s is no number, so there is nothing to sweep over"
                             : "%s is something else in each of these jobs: sweep one of them",
                       axis->name);
    axis->unit = (enum sweep_unit)p->kind;
    axis->min = fmax(first ? 0 : axis->min, (double)p->min / units[axis->unit].scale);
    axis->max = fmin(first ? INFINITY : axis->max, (double)p->max / units[axis->unit].scale);
    return 0;
}

/* Find the parameter in the jobs; one at least has to have it, and each has to know which it is. */
static int settle_param(struct sweep_axis *axis, const struct plan_line *line, struct err *err)
{
    struct err why = {""}, none = {""};
    bool found = false;

    for (size_t i = 0; i < line->specs_count; i++) {
        struct job job = line->specs[i];
        const struct param *p;
        uint64_t *value;
        int r = job_find_param(&job, axis->param, &p, &value, &why);

        if (r == 0)
            r = take_param(axis, p, !found, &why);
        if (r < 0 && r != -ENOENT)
            return err_set(err, -EINVAL, "%s", why.text);
        if (i == 0)
            none = why;
        found = found || r == 0;
    }
    return found ? 0 : err_set(err, -EINVAL, "%s", none.text);
}

int sweep_axis_parse(const char *text, const struct plan_line *line, struct sweep_axis *out,
                     struct err *err)
{
    const char *equals = strchr(text, '=');
    int r = 0;

    *out = (struct sweep_axis){0};
    if (equals == NULL || equals == text || equals[1] == '\0')
        return err_set(err, -EINVAL,
                       "--over \"%s\" is no axis: write NAME=RANGE, as in rate=100..2000:x1.5",
                       text);
    if ((size_t)(equals - text) >= sizeof out->name || strlen(text) >= sizeof out->text)
        return err_set(err, -EINVAL, "--over \"%.*s...\" is too long", TEXT_FIT(text, 40));
    snprintf(out->name, sizeof out->name, "%.*s", (int)(equals - text), text);
    snprintf(out->text, sizeof out->text, "%s", text);
    out->kind = find_kind(out->name, err);
    if (out->kind == NULL)
        return -EINVAL;
    out->unit = out->kind->unit;
    out->min = out->kind->min;
    out->max = out->kind->max;
    if (out->kind->is_param) {
        const char *param = out->kind == &param_kind ? out->name + strlen(JOB_PREFIX) : out->name;

        snprintf(out->param, sizeof out->param, "%.*s", (int)sizeof out->param - 1, param);
        r = settle_param(out, line, err);
    } else if (*(const size_t *)(const void *)((const char *)line + out->kind->count_at) > 0) {
        r = err_set(err, -EINVAL, "--over %s: --%s is given too; give one of them", out->name,
                    out->name);
    }
    return r == 0 ? parse_range(equals + 1, out, err) : r;
}

void sweep_axis_rate(struct sweep_axis *out)
{
    *out = (struct sweep_axis){
        .kind = find_kind("rate", NULL), .name = "rate", .text = "rate", .log = true};
    out->unit = out->kind->unit;
}

bool sweep_axis_applies(const struct sweep_axis *axis, const struct cell *cell)
{
    struct job job = cell->job;
    const struct param *param;
    uint64_t *value;

    if (axis->param[0] != '\0')
        return job_find_param(&job, axis->param, &param, &value, NULL) != -ENOENT;
    return !axis->kind->needs_threads || cell->model->uses_threads;
}

static int apply_param(const struct sweep_axis *axis, double value, struct job *job,
                       struct err *err)
{
    const struct param *param;
    uint64_t *at;
    int r = job_find_param(job, axis->param, &param, &at, err);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    *at = (uint64_t)llround(value * units[param->kind].scale);
    return job_check(job, err);
}

static const uint64_t *value_of(const struct sweep_axis *axis, struct job *job)
{
    const struct param *param;
    uint64_t *value;

    return job_find_param(job, axis->param, &param, &value, NULL) == 0 ? value : NULL;
}

bool sweep_axis_same(const struct sweep_axis *a, const struct sweep_axis *b,
                     const struct plan_line *line)
{
    bool same = strcmp(a->name, b->name) == 0;

    for (size_t i = 0; i < line->specs_count && a->param[0] != '\0' && b->param[0] != '\0'; i++) {
        struct job job = line->specs[i];
        const uint64_t *value = value_of(a, &job);

        same = same || (value != NULL && value == value_of(b, &job));
    }
    return same;
}

int sweep_axis_check_both(const struct sweep_axis *a, const struct sweep_axis *b,
                          const struct plan_line *line, struct err *err)
{
    const struct param *p;
    uint64_t *value;
    struct err why;

    for (size_t i = 0; i < line->specs_count; i++) {
        struct job job = line->specs[i];

        if (job_find_param(&job, a->param, &p, &value, NULL) < 0)
            continue;
        *value = p->def + 1; /* so it is given */
        if (job_find_param(&job, b->param, &p, &value, &why) == -EINVAL)
            return err_set(err, -EINVAL, "--over %s: %s", b->name, why.text);
    }
    return 0;
}

static void apply_list(const struct sweep_axis_kind *kind, double value, struct plan_line *line)
{
    void *at = (char *)line + kind->at, *count = (char *)line + kind->count_at;

    if (kind->unit == SWEEP_SHARE || kind->unit == SWEEP_RATE)
        *(double *)at = value;
    else
        *(uint64_t *)at = (uint64_t)value;
    *(size_t *)count = 1;
}

int sweep_axis_apply(const struct sweep_axis *axis, double value, struct plan_line *line,
                     struct err *err)
{
    int r = 0;

    if (axis->param[0] == '\0')
        apply_list(axis->kind, value, line);
    else
        for (size_t i = 0; i < line->specs_count && r == 0; i++)
            r = apply_param(axis, value, &line->specs[i], err);
    return r;
}

char *sweep_axis_phrase(const struct sweep_axis *axis, double value, char *buf, size_t size)
{
    const char *phrase = axis->kind->phrase;
    const char *at = phrase != NULL ? strstr(phrase, "%s") : NULL;
    char text[48];

    sweep_axis_format(axis->unit, value, text, sizeof text);
    if (at == NULL) {
        snprintf(buf, size, "%s %s", axis->param, text);
    } else {
        bool one = axis->unit == SWEEP_COUNT && value == 1; /* of "%s jobs at once" */
        size_t noun = one ? strcspn(at + 2, "s") : strlen(at + 2);

        snprintf(buf, size, "%.*s%s%.*s%s", (int)(at - phrase), phrase, text, (int)noun, at + 2,
                 at + 2 + noun + one);
    }
    return buf;
}
