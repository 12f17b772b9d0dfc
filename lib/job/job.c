#include "job/job.h"

#include "base/hash.h"
#include "base/suggest.h"
#include "base/text.h"
#include "job/plugin.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct job_type *const job_types[] = {
    &job_sleep, /* waits for a timer */
    &job_file,  /* reads or writes blocks of a file */
    &job_tcp,   /* requests and replies over loopback */
    &job_http,  /* GETs */
    &job_dns,   /* names looked up by the system */
    &job_cpu,   /* computes */
    &job_mixed, /* a sum: computes for a share of its time, waits for the rest */
    &job_null,  /* does nothing: what the harness costs */
};
const size_t job_types_count = sizeof job_types / sizeof *job_types;

/* ---- Text ---- */

/* How long the first part of a sum is: up to a + between blanks or newlines. */
static size_t part_length(const char *text)
{
    size_t len = 0;

    for (; text[len] != '\0'; len++)
        if (text[len] == '+' && (len == 0 || isspace((unsigned char)text[len - 1])) &&
            (text[len + 1] == '\0' || isspace((unsigned char)text[len + 1])))
            break;
    return len;
}

/* A parser that gets these names loads no plugin by its path: a document must not run code that it
 * names. The struct stays empty. */
static struct job_names no_paths;

/* The type with this name or path, or the named job; NULL with *err set. */
static const void *find(const char *name, const struct job_names *names, struct err *err)
{
    const void *all[sizeof job_types / sizeof *job_types + JOB_NAMES_MAX];
    struct err why = {""};
    const struct job_type *brought = plugin_is_path(name) && names != &no_paths
                                         ? plugin_load(name, &why)
                                         : plugin_find(name, &why);
    size_t n = 0;

    if (brought == NULL && why.text[0] != '\0')
        err_set(err, -EINVAL, "%s", why.text);
    if (brought != NULL || why.text[0] != '\0')
        return brought;
    for (size_t i = 0; i < job_types_count; i++)
        all[n++] = job_types[i];
    for (size_t i = 0; names != NULL && i < names->count; i++)
        all[n++] = &names->of[i];
    return suggest_find("job", name, all, n, err);
}

static bool is_named(const void *found, const struct job_names *names)
{
    for (size_t i = 0; names != NULL && i < names->count; i++)
        if (found == &names->of[i])
            return true;
    return false;
}

static int add_named(struct job *job, const struct job_named *named, const char *params,
                     struct err *err)
{
    if (params != NULL)
        return err_set(err, -EINVAL, "job %s takes no parameters: it stands for others",
                       named->name);
    if (named->job.count == 0)
        return err_set(err, -EINVAL,
                       "job %s is not defined yet: a job can use those above it, and not itself",
                       named->name);
    if (named->job.count > JOB_PARTS_MAX - job->count)
        return err_set(err, -EINVAL, "a job has at most %d parts", JOB_PARTS_MAX);
    memcpy(job->parts + job->count, named->job.parts, named->job.count * sizeof *job->parts);
    job->count += named->job.count;
    return 0;
}

/* "tcp:delay=10ms", or the name of a job. Cuts the text at the colon. */
static int add_part(struct job *job, char *text, struct job_names *names, struct err *err)
{
    const char *name = strsep(&text, ":"), *params = text;
    struct job_part *part = &job->parts[job->count];
    const void *found = find(name, names, err);
    char owner[80];
    int r;

    if (found == NULL)
        return -EINVAL;
    if (is_named(found, names)) {
        names->used++;
        return add_named(job, found, params, err);
    }
    if (job->count == JOB_PARTS_MAX)
        return err_set(err, -EINVAL, "a job has at most %d parts", JOB_PARTS_MAX);
    *part = (struct job_part){.type = found};
    snprintf(owner, sizeof owner, "job %s", part->type->name);
    r = param_parse(part->type->params, part->type->n_params, owner, params, part->params,
                    &part->texts, err);
    job->count += r == 0;
    return r;
}

/* Say which part is at fault where there are several, and what separates parts if it has a +. */
static int refuse_part(bool has_plus, size_t number, bool several, int r, struct err *err)
{
    const char *hint = has_plus ? " (a + between two parts has blanks around it)" : "";
    struct err why;

    if (err == NULL)
        return r;
    why = *err;
    if (several)
        return err_set(err, r, "part %zu: %s%s", number, why.text, hint);
    return err_set(err, r, "%s%s", why.text, hint);
}

/* Cut the first part off the text, without the blanks around it; *rest: what follows, or NULL. */
static char *cut_part(char **rest)
{
    char *part = *rest, *end = part + part_length(part);

    *rest = *end != '\0' ? end + 1 : NULL;
    while (end > part && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    while (isspace((unsigned char)*part))
        part++;
    return part;
}

static int check_part(const struct job_part *part, bool alone, struct err *err);
static int check_length(const struct job *job, struct err *err);

int job_add(struct job *job, const char *text, struct job_names *names, struct err *err)
{
    bool several = text[part_length(text)] != '\0';
    char *copy = strdup(text), *rest = copy;
    size_t number = 1, before = job->count;
    int r = 0;

    if (copy == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    for (; r == 0 && rest != NULL; number++) {
        char *part = cut_part(&rest);
        bool has_plus = strchr(part, '+') != NULL;
        size_t k = job->count;

        if (*part == '\0' && several)
            r = err_set(err, -EINVAL, "a part is missing beside a +");
        else
            r = add_part(job, part, names, err);
        for (; r == 0 && k < job->count; k++)
            r = check_part(&job->parts[k], !several && job->count == 1, err);
        if (r < 0)
            refuse_part(has_plus, number, several, r, err);
    }
    free(copy);
    if (r == 0 && before == 1) /* it was alone so far */
        r = check_part(&job->parts[0], false, err);
    return r == 0 ? check_length(job, err) : r;
}

int job_parse(const char *text, struct job *out, struct err *err)
{
    struct job job = {.count = 0};
    int r = job_add(&job, text, &no_paths, err);

    if (r == 0)
        *out = job;
    return r;
}

/* The parameter that is given and excludes this one; NULL: none. */
static const struct param *given_instead(const struct job_part *part, const struct param *p)
{
    for (size_t i = 0; p->either && i < part->type->n_params; i++) {
        const struct param *other = &part->type->params[i];

        if (other != p && other->either && part->params[i] != other->def)
            return other;
    }
    return NULL;
}

/* Does the text of the part show parameter number `index`? */
static bool is_shown(const struct job_part *part, size_t index)
{
    const struct param *p = &part->type->params[index];

    return part->params[index] != p->def || (index == 0 && given_instead(part, p) == NULL);
}

static void format_part(const struct job_part *part, char *buf, size_t size)
{
    char separator = ':', value[PARAM_TEXTS_MAX];

    text_add(buf, size, "%s", part->type->name);
    for (size_t i = 0; i < part->type->n_params; i++) {
        const struct param *p = &part->type->params[i];

        if (!is_shown(part, i))
            continue;
        text_add(buf, size, "%c%s=%s", separator, p->name,
                 param_format(p, part->params[i], &part->texts, value, sizeof value));
        separator = ',';
    }
}

char *job_format(const struct job *job, char *buf, size_t size)
{
    buf[0] = '\0';
    for (size_t k = 0; k < job->count; k++) {
        text_add(buf, size, k > 0 ? " + " : "");
        format_part(&job->parts[k], buf, size);
    }
    return buf;
}

char *job_format_types(const struct job *job, char *buf, size_t size)
{
    buf[0] = '\0';
    for (size_t k = 0; k < job->count; k++)
        text_add(buf, size, "%s%s", k > 0 ? " + " : "", job->parts[k].type->name);
    return buf;
}

/* ---- Parameters ---- */

void job_set_seed(struct job *job, uint64_t seed)
{
    for (size_t k = 0; k < job->count; k++)
        job->parts[k].seed = k == 0 ? seed : hash_mix(seed ^ hash_mix(k));
}

void job_set_target(struct job *job, const struct sockaddr_in *target)
{
    for (size_t k = 0; k < job->count; k++)
        job->parts[k].target = *target;
}

static const struct param *param_of(const struct job_part *part, const char *name)
{
    for (size_t i = 0; i < part->type->n_params; i++)
        if (strcmp(part->type->params[i].name, name) == 0)
            return &part->type->params[i];
    return NULL;
}

int job_set_text(struct job *job, const char *name, const char *text, struct err *err)
{
    int r = -ENOENT;

    for (size_t k = 0; k < job->count && (r == 0 || r == -ENOENT); k++) {
        struct job_part *part = &job->parts[k];
        const struct param *p = param_of(part, name);
        char owner[64], given[128];
        uint64_t *value;

        if (p == NULL)
            continue;
        value = &part->params[p - part->type->params];
        snprintf(owner, sizeof owner, "job %s", part->type->name);
        snprintf(given, sizeof given, "%s=%s", name, text);
        r = p->kind == PARAM_TEXT ? param_set_text(p, owner, text, value, &part->texts, err)
                                  : param_parse(p, 1, owner, given, value, NULL, err);
    }
    return r;
}

/* No part has this parameter. */
static int refuse_param(const struct job *job, const char *name, struct err *err)
{
    const char *names[PARAM_MAX];
    char what[JOB_TEXT_SIZE];
    const struct job_type *type = job->parts[0].type;

    job_format_types(job, what, sizeof what);
    if (job->count > 1)
        return err_set(err, -ENOENT,
                       "no part of job %s has a parameter \"%s\"; write job.2.NAME for NAME of "
                       "the second part",
                       what, name);
    if (type->n_params == 0)
        return err_set(err, -ENOENT, "job %s has no parameter \"%s\": it takes none", what, name);
    for (size_t i = 0; i < type->n_params; i++)
        names[i] = type->params[i].name;
    snprintf(what, sizeof what, "parameter of job %s:", type->name);
    suggest_unknown(what, name, names, type->n_params, err);
    return -ENOENT;
}

/* Several parts have it, the first of them with this number. */
static int refuse_several(const struct job *job, const char *name, size_t first, struct err *err)
{
    char what[JOB_TEXT_SIZE];

    return err_set(err, -EINVAL,
                   "several parts of job %s have a parameter \"%s\": write which, as in job.%zu.%s",
                   job_format_types(job, what, sizeof what), name, first, name);
}

int job_find_param(struct job *job, const char *name, const struct param **param, uint64_t **value,
                   struct err *err)
{
    const struct param *instead = NULL;
    char *end, owner[64];
    unsigned long number = isdigit((unsigned char)*name) ? strtoul(name, &end, 10) : 0;
    const char *own = number > 0 && *end == '.' ? end + 1 : name;
    size_t first = 0;

    *param = NULL;
    for (size_t k = 0; k < job->count; k++) {
        struct job_part *part = &job->parts[k];
        const struct param *p = param_of(part, own);

        if (p == NULL || (own != name && number != k + 1))
            continue;
        if (*param != NULL)
            return refuse_several(job, name, first, err);
        first = k + 1;
        *param = p;
        *value = &part->params[p - part->type->params];
        instead = given_instead(part, p);
        snprintf(owner, sizeof owner, "job %s", part->type->name);
    }
    if (*param == NULL)
        return refuse_param(job, name, err);
    return instead != NULL ? param_refuse_both(owner, *param, instead, err) : 0;
}

const char *job_text(const struct job_part *part, size_t index)
{
    return param_text(&part->type->params[index], part->params[index], &part->texts);
}

/* ---- What follows from the parts ---- */

static struct job_spread spread_of(const struct job_part *part)
{
    const struct job_type *type = part->type;
    struct job_spread s = {0};

    if (type->spread != NULL) {
        s = type->spread(part);
    } else {
        s.mean_wait_ns = type->wait_ns != NULL ? (double)type->wait_ns(part, 0) : 0;
        s.mean_cpu_ns = type->cpu_ns != NULL ? (double)type->cpu_ns(part, 0) : 0;
    }
    if (type->cpu_bound)
        s.whole = s.mean_cpu_ns > 0;
    else if (type->sources > 0) /* without a delay, all its time is the network's */
        s.whole = s.mean_wait_ns > 0;
    else
        s.whole = type->wait_ns != NULL || type->takes_no_time;
    return s;
}

static bool is_measured(const struct job_part *part)
{
    return part->type->cpu_bound && spread_of(part).mean_cpu_ns == 0;
}

typedef int check_fn(const struct job_part *part, struct err *err);

/* A type's own check, which may be NULL. */
static int ask_type(check_fn *check, const struct job_part *part, struct err *err)
{
    struct err why = {""};

    if (check == NULL || check(part, &why) == 0)
        return 0;
    if (why.text[0] == '\0')
        err_set(&why, -EINVAL, "job %s refuses its parameters, and does not say why",
                part->type->name);
    return err_set(err, -EINVAL, "%s", why.text);
}

static int check_part(const struct job_part *part, bool alone, struct err *err)
{
    if (plugin_try(part, err) < 0)
        return -EINVAL;
    if (!alone && is_measured(part) && spread_of(part).scv > 0)
        return err_set(err, -EINVAL,
                       "job %s: beside other parts its rounds cannot be drawn, since only a "
                       "measurement tells how long they take: draw its time",
                       part->type->name);
    return ask_type(part->type->check, part, err);
}

static int check_length(const struct job *job, struct err *err)
{
    char text[JOB_TEXT_SIZE + 1];

    if (strlen(job_format(job, text, sizeof text)) < JOB_TEXT_SIZE)
        return 0;
    return err_set(err, -EINVAL, "the job's text is longer than %d characters", JOB_TEXT_SIZE - 1);
}

int job_check(const struct job *job, struct err *err)
{
    bool several = job->count > 1;

    for (size_t k = 0; k < job->count; k++)
        if (check_part(&job->parts[k], !several, err) < 0)
            return refuse_part(false, k + 1, several, -EINVAL, err);
    return check_length(job, err);
}

int job_check_here(const struct job *job, struct err *err)
{
    for (size_t k = 0; k < job->count; k++)
        if (ask_type(job->parts[k].type->check_here, &job->parts[k], err) < 0)
            return refuse_part(false, k + 1, job->count > 1, -EINVAL, err);
    return 0;
}

static bool takes_target(const struct job_part *part)
{
    return part->type->needs_target &&
           !(part->type->goes_elsewhere != NULL && part->type->goes_elsewhere(part));
}

bool job_takes_target(const struct job *job)
{
    for (size_t k = 0; k < job->count; k++)
        if (takes_target(&job->parts[k]))
            return true;
    return false;
}

bool job_needs_target(const struct job *job)
{
    for (size_t k = 0; k < job->count; k++)
        if (takes_target(&job->parts[k]) && job->parts[k].target.sin_port == 0)
            return true;
    return false;
}

char *job_pathology(const struct job *job, char *buf, size_t size)
{
    buf[0] = '\0';
    for (size_t k = 0; k < job->count; k++) {
        const struct param *p = param_of(&job->parts[k], "pathology");
        const char *text = p != NULL && p->kind == PARAM_TEXT && job->parts[k].type->needs_target
                               ? job_text(&job->parts[k], (size_t)(p - job->parts[k].type->params))
                               : "";

        text_add(buf, size, "%s%s", *buf != '\0' && *text != '\0' ? "+" : "", text);
    }
    return buf;
}

bool job_misbehaves(const struct job *job)
{
    char text[JOB_TEXT_SIZE];

    return *job_pathology(job, text, sizeof text) != '\0';
}

bool job_has(const struct job *job, const char *type)
{
    for (size_t k = 0; k < job->count; k++)
        if (strcmp(job->parts[k].type->name, type) == 0)
            return true;
    return false;
}

/* Does it take time, and none but CPU time? */
static bool only_computes(const struct job_part *part)
{
    const struct job_type *type = part->type;

    return type->cpu_bound || (type->cpu_ns != NULL && type->cpu_ns(part, 0) > 0 &&
                               (type->wait_ns == NULL || type->wait_ns(part, 0) == 0));
}

struct job_traits job_traits(const struct job *job)
{
    struct job_traits t = {.computes = false};
    size_t computing = 0, idle = 0;

    for (size_t k = 0; k < job->count; k++) {
        const struct job_type *type = job->parts[k].type;

        t.computes = t.computes || type->cpu_bound || type->cpu_ns != NULL;
        computing += only_computes(&job->parts[k]);
        idle += type->takes_no_time;
        t.is_measured = t.is_measured || is_measured(&job->parts[k]);
        t.connections += type->sources > 0;
        if (type->sources > 0 && (t.sources == 0 || type->sources < t.sources))
            t.sources = type->sources;
        t.fds += type->fds;
        t.fds_blocking += type->fds_blocking;
        if (type->stack_blocking > t.stack_blocking)
            t.stack_blocking = type->stack_blocking;
    }
    t.only_computes = computing > 0 && computing + idle == job->count;
    return t;
}

const char *job_why_unlike(const struct job *job)
{
    const char *why = NULL;

    for (size_t k = 0; k < job->count && why == NULL; k++)
        if (job->parts[k].type->why_unlike != NULL)
            why = job->parts[k].type->why_unlike(&job->parts[k]);
    return why;
}

const char *job_error_text(const struct job *job, int error)
{
    const char *text = NULL;

    for (size_t k = 0; k < job->count && text == NULL; k++)
        if (job->parts[k].type->explain != NULL)
            text = job->parts[k].type->explain(error);
    return text != NULL ? text : strerror(-error);
}

char *job_said(const struct job *job, char *buf, size_t size)
{
    buf[0] = '\0';
    for (size_t k = 0; k < job->count && buf[0] == '\0'; k++)
        if (job->parts[k].type->said != NULL)
            snprintf(buf, size, "%s", job->parts[k].type->said(&job->parts[k]));
    return buf;
}

bool job_pinned(const struct job *job, const struct io *io)
{
    for (size_t k = 0; k < job->count; k++) {
        const struct job_part *part = &job->parts[k];

        if (part->type->pinned != NULL && part->type->pinned(part, io))
            return true;
    }
    return false;
}

uint64_t job_wait_ns(const struct job *job, uint64_t index)
{
    uint64_t sum_ns = 0;

    for (size_t k = 0; k < job->count; k++) {
        const struct job_part *part = &job->parts[k];

        if (part->type->wait_ns != NULL)
            sum_ns = clock_add_ns(sum_ns, part->type->wait_ns(part, index));
    }
    return sum_ns;
}

/* A part that both waits and computes may do it in any order. */
uint64_t job_edge_ns(const struct job *job, uint64_t index, bool last)
{
    uint64_t sum_ns = 0;

    for (size_t k = 0; k < job->count; k++) {
        const struct job_part *part = &job->parts[last ? job->count - 1 - k : k];
        const struct job_type *type = part->type;

        if (type->cpu_bound || (type->cpu_ns != NULL && type->cpu_ns(part, index) > 0))
            break;
        if (type->wait_ns != NULL)
            sum_ns = clock_add_ns(sum_ns, type->wait_ns(part, index));
    }
    return sum_ns;
}

uint64_t job_cpu_ns(const struct job *job, uint64_t index, uint64_t measured_ns)
{
    uint64_t sum_ns = 0;
    bool measured = false;
    double share_ns;

    for (size_t k = 0; k < job->count; k++) {
        const struct job_part *part = &job->parts[k];
        uint64_t ns = part->type->cpu_ns != NULL ? part->type->cpu_ns(part, index) : 0;

        measured = measured || (part->type->cpu_bound && ns == 0);
        sum_ns = clock_add_ns(sum_ns, ns);
    }
    share_ns = measured ? (double)measured_ns * job_cpu_share(job, index) : 0;
    return clock_add_ns(sum_ns, share_ns < 0x1p64 ? (uint64_t)share_ns : UINT64_MAX);
}

struct job_spread job_spread(const struct job *job, uint64_t measured_ns)
{
    struct job_spread sum = {.whole = true};
    double variance = 0, mean;
    bool measured = false;

    for (size_t k = 0; k < job->count; k++) {
        const struct job_part *part = &job->parts[k];
        struct job_spread s = spread_of(part);

        mean = s.mean_wait_ns + s.mean_cpu_ns;
        variance += s.scv * mean * mean;
        sum.scv = s.scv;
        sum.mean_wait_ns += s.mean_wait_ns;
        sum.mean_cpu_ns += s.mean_cpu_ns;
        sum.draws += s.draws;
        measured = measured || is_measured(part);
        sum.whole = sum.whole && (s.whole || is_measured(part));
    }
    if (measured) {
        sum.mean_cpu_ns += (double)measured_ns;
        sum.whole = sum.whole && measured_ns > 0;
    }
    if (job->count == 1)
        return sum;
    mean = sum.mean_wait_ns + sum.mean_cpu_ns;
    sum.scv = variance > 0 ? variance / (mean * mean) : 0;
    return sum;
}

struct job job_measured(const struct job *job)
{
    struct job measured = {.count = 0};

    for (size_t k = 0; k < job->count; k++)
        if (is_measured(&job->parts[k]))
            measured.parts[measured.count++] = job->parts[k];
    return measured;
}

double job_cpu_share(const struct job *job, uint64_t index)
{
    const struct job_part *only = &job->parts[0];

    return job->count == 1 && only->type->cpu_share != NULL ? only->type->cpu_share(only, index)
                                                            : 1;
}

/* ---- Doing it ---- */

/* Undo the first n parts, of those that are kept or of all. */
static void finish_parts(struct job *job, size_t n, bool kept, struct io *io)
{
    for (size_t k = 0; k < n; k++) {
        struct job_part *part = &job->parts[k];

        if (part->type->finish != NULL && (!kept || part->type->keeps_open))
            part->type->finish(part, io);
    }
}

static int prepare_parts(struct job *job, bool kept, struct io *io, struct err *err)
{
    int r = 0;

    for (size_t k = 0; k < job->count; k++) {
        struct job_part *part = &job->parts[k];

        if (part->type->prepare != NULL && (!kept || part->type->keeps_open))
            r = part->type->prepare(part, io, err);
        if (r < 0) {
            finish_parts(job, k, kept, io);
            return r;
        }
    }
    return 0;
}

int job_prepare(struct job *job, struct io *io, struct err *err)
{
    return prepare_parts(job, false, io, err);
}

void job_finish(struct job *job, struct io *io)
{
    finish_parts(job, job->count, false, io);
}

int job_prepare_kept(struct job *job, struct io *io, struct err *err)
{
    return prepare_parts(job, true, io, err);
}

void job_finish_kept(struct job *job, struct io *io)
{
    finish_parts(job, job->count, true, io);
}

int job_run(struct job *job, struct io *io, uint64_t index, struct job_ledger *ledger)
{
    struct job_part *part = job->parts;

    for (size_t left = job->count; left > 1; left--, part++) {
        int r = part->type->run(io, part, index, ledger);

        if (r != 0)
            return r;
    }
    return part->type->run(io, part, index, ledger); /* a jump: one part costs no loop */
}
