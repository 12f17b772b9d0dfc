#include "job/job.h"

#include "base/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct job_type *const job_types[] = {
    &job_sleep, /* waits for a timer */
    &job_file,  /* reads or writes blocks of a file */
    &job_tcp,   /* requests and replies over loopback */
    &job_http,  /* GETs over loopback */
    &job_cpu,   /* computes */
    &job_mixed, /* computes for a share of its time, waits for the rest */
    &job_null,  /* does nothing: what the harness costs */
};
const size_t job_types_count = sizeof job_types / sizeof *job_types;

int job_parse(const char *text, struct job *out, struct err *err)
{
    size_t len = strcspn(text, ":");
    const struct job_type *type;
    struct job job;
    char name[64], owner[64];
    int r;

    snprintf(name, sizeof name, "%.*s", (int)len, text);
    type = suggest_find("job", name, job_types, job_types_count, err);
    if (type == NULL)
        return -EINVAL;
    job = (struct job){.type = type};
    snprintf(owner, sizeof owner, "job %s", type->name);
    r = param_parse(type->params, type->n_params, owner, text[len] ? text + len + 1 : NULL,
                    job.params, &job.texts, err);
    if (r == 0 && type->check != NULL)
        r = type->check(&job, err);
    if (r == 0)
        *out = job;
    return r;
}

char *job_format(const struct job *job, char *buf, size_t size)
{
    char separator = ':';
    size_t used = (size_t)snprintf(buf, size, "%s", job->type->name);

    for (size_t i = 0; i < job->type->n_params && used < size; i++) {
        const struct param *p = &job->type->params[i];
        char value[PARAM_TEXTS_MAX];

        if (i > 0 && job->params[i] == p->def)
            continue;
        param_format(p, job->params[i], &job->texts, value, sizeof value);
        used += (size_t)snprintf(buf + used, size - used, "%c%s=%s", separator, p->name, value);
        separator = ',';
    }
    return buf;
}

int job_set_text(struct job *job, const char *name, const char *text, struct err *err)
{
    const struct job_type *type = job->type;
    char owner[64];

    snprintf(owner, sizeof owner, "job %s", type->name);
    for (size_t i = 0; i < type->n_params; i++) {
        const struct param *p = &type->params[i];
        int r;

        if (p->kind != PARAM_TEXT || strcmp(p->name, name) != 0)
            continue;
        r = param_set_text(p, owner, text, &job->params[i], &job->texts, err);
        return r == 0 && type->check != NULL ? type->check(job, err) : r;
    }
    return -ENOENT;
}

const char *job_text(const struct job *job, size_t index)
{
    return param_text(&job->type->params[index], job->params[index], &job->texts);
}

bool job_needs_target(const struct job *job)
{
    return job->type->needs_target &&
           !(job->type->goes_elsewhere != NULL && job->type->goes_elsewhere(job));
}

const char *job_error_text(const struct job *job, int error)
{
    const char *text = job->type->explain != NULL ? job->type->explain(error) : NULL;

    return text != NULL ? text : strerror(-error);
}

bool job_pinned(const struct job *job, const struct io *io)
{
    return job->type->pinned != NULL && job->type->pinned(job, io);
}

struct job_spread job_spread(const struct job *job)
{
    struct job_spread alike = {0};

    if (job->type->spread != NULL)
        return job->type->spread(job);
    if (job->type->wait_ns != NULL)
        alike.mean_wait_ns = (double)job->type->wait_ns(job, 0);
    return alike;
}

int job_prepare(struct job *job, struct io *io, struct err *err)
{
    return job->type->prepare ? job->type->prepare(job, io, err) : 0;
}

int job_run(struct job *job, struct io *io, uint64_t index, struct job_ledger *ledger)
{
    return job->type->run(io, job, index, ledger);
}

void job_finish(struct job *job, struct io *io)
{
    if (job->type->finish)
        job->type->finish(job, io);
}
