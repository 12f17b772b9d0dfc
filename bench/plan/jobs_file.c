#include "plan/jobs_file.h"

#include "job/plugin.h"
#include "plan/conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct jobs_file {
    struct conf conf;
    struct job_names names; /* the names are in the lines of conf */
};

/* A name has to look like one part of a sum. */
static int check_name(const struct jobs_file *file, const char *name, struct err *err)
{
    for (const char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL)
            return err_set(err, -EINVAL,
                           "a name has letters, digits, - _ and . alone, and \"%s\" has others",
                           name);
    if (plugin_is_taken(name))
        return err_set(err, -EINVAL, "%s is the name of a job that tva has already", name);
    for (size_t i = 0; i < file->names.count; i++)
        if (strcmp(file->names.of[i].name, name) == 0)
            return err_set(err, -EINVAL, "job %s is defined twice", name);
    if (file->names.count == JOB_NAMES_MAX)
        return err_set(err, -EINVAL, "more than %d jobs", JOB_NAMES_MAX);
    return 0;
}

/* Collect the names first: so a job that is used above its definition is known, and refused. */
static int read_names(struct jobs_file *file, struct err *err)
{
    struct err fault = {""};

    for (size_t i = 0; i < file->conf.count; i++) {
        const struct conf_line *line = &file->conf.lines[i];
        int r;

        if (!line->is_section)
            continue;
        r = check_name(file, line->text, &fault);
        if (r < 0)
            return conf_fault(&file->conf, line, &fault, r, err);
        file->names.of[file->names.count++].name = line->text;
    }
    return 0;
}

/* The lines of the section that begins at line *at, which is behind them then. */
static int read_job(struct jobs_file *file, struct job_named *named, size_t *at, struct err *err)
{
    const struct conf_line *section = &file->conf.lines[*at], *line;
    struct job job = {.count = 0};
    struct err fault = {""};

    for (++*at; *at < file->conf.count; ++*at) {
        int r;

        line = &file->conf.lines[*at];
        if (line->is_section)
            break;
        r = job_add(&job, line->text, &file->names, &fault);
        if (r < 0)
            return conf_fault(&file->conf, line, &fault, r, err);
    }
    named->job = job;
    if (job.count > 0)
        return 0;
    err_set(&fault, -EINVAL, "job %s has no parts", named->name);
    return conf_fault(&file->conf, section, &fault, -EINVAL, err);
}

static int read_jobs(struct jobs_file *file, struct err *err)
{
    const struct conf_line *first = file->conf.lines;
    const struct err before = {"a job before the first name, as in [checkout]"};
    size_t at = 0;
    int r = read_names(file, err);

    if (r == 0 && file->conf.count > 0 && !first->is_section)
        return conf_fault(&file->conf, first, &before, -EINVAL, err);
    for (size_t i = 0; i < file->names.count && r == 0; i++)
        r = read_job(file, &file->names.of[i], &at, err);
    file->names.used = 0; /* by texts outside of it */
    return r;
}

int jobs_file_create(const char *path, struct jobs_file **out, struct err *err)
{
    struct jobs_file *file = calloc(1, sizeof *file);
    int r;

    if (file == NULL)
        return err_set(err, -ENOMEM, "out of memory for the jobs file %s", path);
    r = conf_read(path, "jobs file", &file->conf, err);
    if (r == 0)
        r = read_jobs(file, err);
    if (r == 0)
        *out = file;
    else
        jobs_file_destroy(file);
    return r;
}

void jobs_file_destroy(struct jobs_file *file)
{
    if (file == NULL)
        return;
    conf_deinit(&file->conf);
    free(file);
}

struct job_names *jobs_file_names(struct jobs_file *file)
{
    return file != NULL ? &file->names : NULL;
}
