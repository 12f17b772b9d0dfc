/* tva plot: draw the charts of a result. */
#include "chart/chart.h"
#include "chart/chart_folder.h"
#include "cli/options_file.h"
#include "cli/options_help.h"
#include "cli/output.h"
#include "cmd.h"
#include "plan/options.h"
#include "result/result.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHARTS_MAX 32

struct options {
    struct options_file file;
    const char *dir; /* NULL for the folder of the result */
    const struct chart *charts[CHARTS_MAX];
    size_t charts_count; /* 0 for all */
    bool formats[CHART_FORMATS];
    struct err *err;
};

static error_t choose_chart(struct options *o, const char *name)
{
    const struct chart *chart = chart_find(name, o->err);

    if (!chart)
        return EINVAL;
    if (o->charts_count == CHARTS_MAX)
        return -err_set(o->err, -E2BIG, "at most %d charts can be named", CHARTS_MAX);
    o->charts[o->charts_count++] = chart;
    return 0;
}

static error_t choose_format(struct options *o, const char *name)
{
    for (size_t i = 0; i < CHART_FORMATS; i++) {
        if (strcmp(name, chart_formats[i]) == 0) {
            o->formats[i] = true;
            return 0;
        }
    }
    return -err_set(o->err, -EINVAL, "unknown format '%s'; there are svg and png", name);
}

/* Choose each of "one,two", until a name is not known. */
static error_t choose(struct options *o, char *names,
                      error_t (*one)(struct options *, const char *))
{
    error_t r = 0;
    char *rest;

    for (char *name = strtok_r(names, ",", &rest); name && r == 0;
         name = strtok_r(NULL, ",", &rest))
        r = one(o, name);
    return r;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case 'o':
        o->dir = arg;
        return 0;
    case 'n':
        return choose(o, arg, choose_chart);
    case 'f':
        return choose(o, arg, choose_format);
    default:
        return options_file(key, arg, &o->file);
    }
}

static void write_charts(FILE *out)
{
    fputs("Charts:\n", out);
    for (size_t i = 0; i < charts_count; i++)
        options_help_entry(out, 11, charts[i]->name, charts[i]->summary);
}

static char *describe(int key, const char *text, void *input)
{
    (void)input;
    return options_help(key, text, write_charts);
}

static const struct argp_option argp_options[] = {
    {"output", 'o', "DIR", 0, "where the pictures go (default: the folder of the run)", 0},
    {"only", 'n', "NAME[,NAME]", 0, "draw these charts (default: all)", 0},
    {"format", 'f', "svg,png", 0, "draw in these formats (default: both)", 0},
    {0},
};

static const struct argp argp = {
    .options = argp_options,
    .parser = parse,
    .args_doc = "[RUN.json]",
    .doc = "Draw the charts of a result (default: " OUTPUT_LATEST_RUN ").\v",
    .help_filter = describe,
};

/* The folder that was named, else that of the run. */
static int open_folder(const struct options *o, struct chart_folder *folder, struct err *err)
{
    const char *run = o->file.path, *slash = strrchr(run, '/');
    char dir[PATH_MAX];
    int n;

    if (o->dir)
        return chart_folder_open(folder, o->dir, err);
    if (!slash)
        return chart_folder_open(folder, ".", err);
    n = snprintf(dir, sizeof dir, "%.*s", (int)(slash - run) + (slash == run), run);
    if (n >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "the path of the folder is too long");
    return chart_folder_open(folder, dir, err);
}

static int write_data(const struct chart *chart, const json_t *result, const struct chart_folder *p,
                      struct err *err)
{
    struct chart_data *data = chart_data_create(p->data, chart->name, err);
    int status;

    if (!data)
        return -EIO;
    status = chart->extract(result, data, err);
    if (status == 0)
        status = chart_data_finish(data, err);
    chart_data_destroy(data);
    return status;
}

/* Draw what was chosen. A chart that the result has no data for is skipped: with a note if it was
 * named, as most results lack the data of some charts. */
static int draw_all(const json_t *result, const struct options *o, const struct chart_folder *p,
                    struct err *err)
{
    size_t count = o->charts_count ? o->charts_count : charts_count, drawn = 0;

    for (size_t i = 0; i < count; i++) {
        const struct chart *chart = o->charts_count ? o->charts[i] : charts[i];
        int status = write_data(chart, result, p, err);

        if (status == -ENODATA) {
            if (o->charts_count)
                fprintf(stderr, "tva plot: no %s chart: %s\n", chart->name, err->text);
            continue;
        }
        if (status == 0)
            status = chart_folder_draw(p, chart->name, chart->script, o->formats, stdout, err);
        if (status < 0)
            return status;
        drawn++;
    }
    if (drawn == 0 && !o->charts_count)
        fprintf(stderr, "tva plot: %s has no data for any chart\n", o->file.path);
    return 0;
}

int cmd_plot(int argc, char **argv)
{
    struct err err = {""};
    struct options options = {
        .file = {.fallback = OUTPUT_LATEST_RUN, .remedy = "'make bench' makes it", .err = &err},
        .err = &err};
    struct chart_folder folder;
    json_t *result;
    int status;

    status = options_parse(&argp, argc, argv, &options, &err);
    if (status != 0)
        return status;
    if (!options.formats[0] && !options.formats[1])
        options.formats[0] = options.formats[1] = true;
    result = result_read(options.file.path, &err);
    if (!result)
        goto fail;
    status = open_folder(&options, &folder, &err);
    if (status == 0)
        status = draw_all(result, &options, &folder, &err);
    json_decref(result);
    if (status == 0)
        return EXIT_GOOD;
fail:
    fprintf(stderr, "tva plot: %s\n", err.text);
    return EXIT_FAILED;
}
