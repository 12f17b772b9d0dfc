/* tva export: a result in the form that another tool reads. */
#include "base/table.h"
#include "base/wrap.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "export/export.h"
#include "report/report.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct export_options {
    struct options_file file;
    const char *output; /* NULL: not given */
    const struct exporter *format;
    bool list;
};

static int take_format(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    const struct exporter *format = export_find(text, err);

    (void)e;
    *(const struct exporter **)to = format;
    return format != NULL ? 0 : -EINVAL;
}

#define AT(member) OPTIONS_AT(struct export_options, member)

static const struct options_entry entries[] = {
    {.value = "RUN.json", .take = options_take_file, AT(file)},
    {"format", "NAME", "Write this form; required; --list shows the names", take_format,
     .letter = 'f', AT(format)},
    {"output", "FILE",
     "Write to this file, or to this folder for formats with one file a cell; default -, "
     "standard output",
     options_text, .letter = 'o', AT(output)},
    {"list", NULL, "Show the formats, and export nothing", options_flag, AT(list)},
    {0},
};

static const struct options_example examples[] = {
    {"tva export run.json --format csv", "one row a cell, on standard output"},
    {"tva export run.json --format hgrm -o percentiles",
     "a file a cell, for HdrHistogram's plotter"},
    {"tva export --list", "the forms there are"},
    {0},
};

static const struct options_help help = {
    .operands = "[RUN.json]",
    .text = "Write a result (default " OUTPUT_LATEST_RUN ") in the form that another tool reads.",
    .examples = examples,
};

static int list_formats(struct err *err)
{
    struct table *t = table_list();

    for (size_t i = 0; i < exporters_count; i++)
        table_entry(t, exporters[i]->name, exporters[i]->summary);
    return table_show(t, FORM_TEXT, 0, stdout) < 0 ? err_set(err, -ENOMEM, "out of memory")
                                                   : report_flush(stdout, err);
}

static bool to_stdout(const struct export_options *o)
{
    return o->output == NULL || strcmp(o->output, "-") == 0;
}

/* Can this be written? 0, or -EINVAL with *err set. */
static int check(const struct export_options *o, struct err *err)
{
    if (o->format == NULL)
        return err_set(err, -EINVAL, "say which format with --format; --list has their names");
    if (o->format->write == NULL && to_stdout(o))
        return err_set(err, -EINVAL, "%s is one file a cell; name a folder for them with -o",
                       o->format->name);
    return 0;
}

/* What a format has no place for. */
struct losses {
    const struct exporter *format;
    size_t cells, values;
};

static int count_losses(const struct export_cell *c, void *arg)
{
    struct losses *lost = arg;

    lost->cells += lost->format->lack != NULL && lost->format->lack(c) != NULL;
    lost->values += lost->format->drops != NULL ? lost->format->drops(c) : 0;
    return 0;
}

static int name_left_out(const struct export_cell *c, void *arg)
{
    const struct losses *lost = arg;
    const char *lack = lost->format->lack(c);

    if (lack == NULL)
        return 0;
    fputs("  ", stderr);
    for (const char *at = c->name; *at != '\0'; at++)
        fputc(iscntrl((unsigned char)*at) ? ' ' : *at, stderr);
    fprintf(stderr, ": %s\n", lack);
    return 0;
}

static void tell_losses(const char *name, const struct exporter *format, const json_t *result)
{
    size_t cells = json_array_size(json_object_get(result, "cells"));
    struct losses lost = {.format = format};

    if (export_cells(result, count_losses, &lost) != 0)
        return;
    if (lost.cells > 0) {
        fprintf(stderr, "%s: %zu of %zu cell%s left out of %s; junit or summary tells more:\n",
                name, lost.cells, cells, cells == 1 ? " is" : "s are", format->name);
        export_cells(result, name_left_out, &lost);
    }
    if (lost.values > 0)
        fprintf(stderr, "%s: %zu value%s left out of %s: %s\n", name, lost.values,
                lost.values == 1 ? " is" : "s are", format->name, format->drops_why);
}

static int export(const char *name, const struct export_options *o, struct err *err)
{
    json_t *result = result_read(o->file.path, err);
    int rc = result != NULL ? 0 : -EINVAL;

    if (result == NULL)
        return rc;
    if (json_is_true(json_object_get(result, "partial")))
        fprintf(stderr, "%s: the session was cut short; this is what it had measured\n", name);
    tell_losses(name, o->format, result);
    if (!to_stdout(o))
        rc = export_one(o->format, result, o->output, err);
    else if ((rc = export_stream(o->format, result, stdout, err)) == 0)
        rc = report_flush(stdout, err);
    json_decref(result);
    return rc;
}

int cmd_export(int argc, char **argv, struct err *err)
{
    struct export_options o = {
        .file = {.fallback = OUTPUT_LATEST_RUN, .remedy = "'tva run --profile quick' makes it"}};
    const struct options_part parts[] = {{entries, &o}, {0}};
    int rc = options_parse(&help, parts, argc, argv, err);

    if (rc == 0 && !o.list)
        rc = options_settle_file(&o.file, err);
    if (rc != 0)
        return rc;
    if (!o.list && check(&o, err) < 0)
        return EXIT_USAGE;
    rc = o.list ? list_formats(err) : export(argv[0], &o, err);
    return rc < 0 ? EXIT_FAILED : EXIT_GOOD;
}
