/* tva export: a result in the form that another tool reads. */
#include "cli/options_file.h"
#include "cli/output.h"
#include "cmd.h"
#include "export/export.h"
#include "export/export_cell.h"
#include "plan/options.h"
#include "report/report.h"
#include "result/result.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { KEY_LIST = OPTIONS_KEY_FREE };

struct export_options {
    struct options_file file;
    const char *output; /* NULL: not given */
    const struct exporter *format;
    bool list;
    struct err *err;
};

static const struct argp_option options[] = {
    {"format", 'f', "NAME", 0, "Which form; --list has their names", 0},
    {"output", 'o', "FILE", 0,
     "Where it goes: a file, - for standard output (the default), or a folder for formats with one "
     "file a cell",
     0},
    {"list", KEY_LIST, 0, 0, "Show the formats and leave", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct export_options *o = state->input;

    switch (key) {
    case 'f':
        o->format = export_find(arg, o->err);
        return o->format != NULL ? 0 : EINVAL;
    case 'o':
        o->output = arg;
        return 0;
    case KEY_LIST:
        o->list = true;
        return 0;
    case ARGP_KEY_NO_ARGS:
        return o->list ? 0 : options_file(key, arg, &o->file);
    default:
        return options_file(key, arg, &o->file);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[RUN.json]",
    .doc = "Write a result (" OUTPUT_LATEST_RUN " by default) in the form that another tool reads.",
};

static int list_formats(struct err *err)
{
    for (size_t i = 0; i < exporters_count; i++)
        printf("%-24s  %s\n", exporters[i]->name, exporters[i]->summary);
    return report_flush(stdout, err);
}

static bool to_stdout(const struct export_options *o)
{
    return o->output == NULL || strcmp(o->output, "-") == 0;
}

/* What has been asked for is complete and possible; else EINVAL with *err set. */
static int check(const struct export_options *o)
{
    if (o->format == NULL)
        return err_set(o->err, EINVAL, "say which format with --format; --list has their names");
    if (o->format->write == NULL && to_stdout(o))
        return err_set(o->err, EINVAL, "%s is one file a cell; name a folder for them with -o",
                       o->format->name);
    return 0;
}

struct left_out {
    const struct exporter *format;
    size_t cells;
};

static int count_left_out(const struct export_cell *c, void *arg)
{
    struct left_out *left_out = arg;

    left_out->cells += left_out->format->lack(c) != NULL;
    return 0;
}

static int name_left_out(const struct export_cell *c, void *arg)
{
    const struct left_out *left_out = arg;
    const char *lack = left_out->format->lack(c);

    if (lack == NULL)
        return 0;
    fputs("  ", stderr);
    for (const char *at = c->name; *at != '\0'; at++)
        fputc(iscntrl((unsigned char)*at) ? ' ' : *at, stderr);
    fprintf(stderr, ": %s\n", lack);
    return 0;
}

struct dropped {
    const struct exporter *format;
    size_t figures;
};

static int count_dropped(const struct export_cell *c, void *arg)
{
    struct dropped *dropped = arg;

    dropped->figures += dropped->format->drops(c);
    return 0;
}

static void tell_dropped(const char *name, const struct exporter *format, const json_t *result)
{
    struct dropped dropped = {format, 0};

    if (format->drops == NULL || export_cells(result, count_dropped, &dropped) != 0 ||
        dropped.figures == 0)
        return;
    fprintf(stderr, "%s: %zu figure%s left out of %s: %s\n", name, dropped.figures,
            dropped.figures == 1 ? " is" : "s are", format->name, format->drops_why);
}

/* Formats keep silent about cells that they have no place for. */
static void tell_left_out(const char *name, const struct exporter *format, const json_t *result)
{
    size_t cells = json_array_size(json_object_get(result, "cells"));
    struct left_out left_out = {format, 0};

    if (format->lack == NULL || export_cells(result, count_left_out, &left_out) != 0 ||
        left_out.cells == 0)
        return;
    fprintf(stderr, "%s: %zu of %zu cell%s left out of %s; junit or summary tells more:\n", name,
            left_out.cells, cells, cells == 1 ? " is" : "s are", format->name);
    export_cells(result, name_left_out, &left_out);
}

static int export(const char *name, const struct export_options *o)
{
    json_t *result = result_read(o->file.path, o->err);
    int rc = result != NULL ? 0 : -EINVAL;

    if (result == NULL)
        return rc;
    if (json_is_true(json_object_get(result, "partial")))
        fprintf(stderr, "%s: the session was cut short; this is what it had measured\n", name);
    tell_left_out(name, o->format, result);
    tell_dropped(name, o->format, result);
    if (!to_stdout(o))
        rc = export_one(o->format, result, o->output, o->err);
    else if ((rc = export_stream(o->format, result, stdout, o->err)) == 0)
        rc = report_flush(stdout, o->err);
    json_decref(result);
    return rc;
}

int cmd_export(int argc, char **argv)
{
    struct err err = {""};
    struct export_options o = {
        .file = {.fallback = OUTPUT_LATEST_RUN, .remedy = "'make bench' makes it", .err = &err},
        .err = &err};
    int rc = options_parse(&argp, argc, argv, &o, &err);

    if (rc != 0)
        return rc;
    if (!o.list && check(&o) != 0)
        return options_refuse(argv[0], &err);
    rc = o.list ? list_formats(&err) : export(argv[0], &o);
    if (rc < 0)
        fprintf(stderr, "%s: %s\n", argv[0], err.text);
    return rc < 0 ? EXIT_FAILED : EXIT_GOOD;
}
