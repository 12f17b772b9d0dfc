/* tva plot: draw the charts of a result. */
#include "chart/chart.h"
#include "chart/chart_gnuplot.h"
#include "chart/chart_wrap.h"
#include "cmd.h"
#include "options.h"
#include "options_known.h"
#include "result/result.h"
#include "share.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHARTS_MAX    32
#define SUMMARY_WIDTH 64
#define SUMMARY_LINES 4

static const char *const formats[] = {"svg", "png"};
#define FORMATS_COUNT (sizeof formats / sizeof *formats)

struct options {
    const char *run, *dir; /* dir is NULL for the folder of the run */
    const struct chart *charts[CHARTS_MAX];
    size_t charts_count; /* 0 for all */
    bool formats[FORMATS_COUNT];
};

static int choose_chart(struct options *o, const char *name, struct err *err)
{
    const struct chart *chart = chart_find(name, err);

    if (!chart)
        return -EINVAL;
    if (o->charts_count == CHARTS_MAX)
        return err_set(err, -E2BIG, "at most %d charts can be named", CHARTS_MAX);
    o->charts[o->charts_count++] = chart;
    return 0;
}

static int choose_format(struct options *o, const char *name, struct err *err)
{
    for (size_t i = 0; i < FORMATS_COUNT; i++) {
        if (strcmp(name, formats[i]) == 0) {
            o->formats[i] = true;
            return 0;
        }
    }
    return err_set(err, -EINVAL, "unknown format '%s'; there are svg and png", name);
}

/* Choose each of "one,two"; a name that is not known ends the program with the usage status. */
static void choose(struct argp_state *state, char *names,
                   int (*one)(struct options *, const char *, struct err *))
{
    struct err err;
    char *rest;

    for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
        if (one(state->input, name, &err) < 0)
            argp_failure(state, EXIT_USAGE, 0, "%s", err.text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case 'o':
        o->dir = arg;
        return 0;
    case 'n':
        choose(state, arg, choose_chart);
        return 0;
    case 'f':
        choose(state, arg, choose_format);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "one run at a time; '%s' is too many", arg);
        o->run = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Its name, and what it shows, in as many lines as that takes beside it: argp would go on with what
 * is too long below the name. */
static void describe_chart(const struct chart *chart, FILE *out)
{
    char text[256], *rest = text, *line;
    const char *name = chart->name;

    snprintf(text, sizeof text, "%s", chart->summary);
    chart_wrap(text, sizeof text, SUMMARY_WIDTH, SUMMARY_LINES);
    while ((line = strsep(&rest, "\n")) != NULL) {
        fprintf(out, "  %-11s %s\n", name, line);
        name = "";
    }
}

/* The list of charts under --help, from their table. */
static char *describe(int key, const char *text, void *input)
{
    char *help = NULL;
    size_t size;
    FILE *out;

    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC || (out = open_memstream(&help, &size)) == NULL)
        return (char *)text;
    fputs("Charts:\n", out);
    for (size_t i = 0; i < charts_count; i++)
        describe_chart(charts[i], out);
    fclose(out);
    return help;
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
    .doc = "Draw the charts of a result (default: results/latest/run.json).\v",
    .help_filter = describe,
};

static int make_dir(const char *path, struct err *err)
{
    struct stat st;

    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    return err_set(err, -errno, "cannot make the folder %s: %s", path, strerror(errno));
}

/* Where everything is, decided once. */
struct places {
    char dir[PATH_MAX], data[PATH_MAX], share[PATH_MAX];
};

static int find_places(const struct options *o, struct places *p, struct err *err)
{
    const char *slash = strrchr(o->run, '/');
    int result, n;

    if (o->dir)
        n = snprintf(p->dir, sizeof p->dir, "%s", o->dir);
    else if (slash)
        n = snprintf(p->dir, sizeof p->dir, "%.*s", (int)(slash - o->run) + (slash == o->run),
                     o->run);
    else
        n = snprintf(p->dir, sizeof p->dir, ".");
    if (n >= PATH_MAX || snprintf(p->data, sizeof p->data, "%.*s/data", n, p->dir) >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "the path of the folder is too long");
    if (!share_find("plots", p->share, sizeof p->share))
        return err_set(err, -ENOENT,
                       "the folder plots/ that comes with tva is not found; set TVA_SHARE to the "
                       "folder it is in");
    result = make_dir(p->dir, err);
    return result < 0 ? result : make_dir(p->data, err);
}

static int write_data(const struct chart *chart, const json_t *result, const struct places *p,
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

static int draw(const struct chart *chart, const struct options *o, const struct places *p,
                struct err *err)
{
    char script[PATH_MAX + 64], data[PATH_MAX + 64], output[PATH_MAX + 64];
    struct chart_drawing drawing = {
        .script = script, .share = p->share, .data = data, .output = output};
    int status = 0;

    if (!share_find(chart->script, script, sizeof script))
        return err_set(err, -ENOENT, "%s, which comes with tva, is not found", chart->script);
    snprintf(data, sizeof data, "%s/%s", p->data, chart->name);
    for (size_t i = 0; i < FORMATS_COUNT && status == 0; i++) {
        if (!o->formats[i])
            continue;
        drawing.format = formats[i];
        snprintf(output, sizeof output, "%s/%s.%s", p->dir, chart->name, formats[i]);
        status = chart_gnuplot(&drawing, err);
        if (status == 0)
            puts(output);
    }
    return status;
}

/* Draw what was chosen. A chart that the result has no data for is skipped: with a note if it was
 * named, as most results lack the data of some charts. */
static int draw_all(const json_t *result, const struct options *o, const struct places *p,
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
            status = draw(chart, o, p, err);
        if (status < 0)
            return status;
        drawn++;
    }
    if (drawn == 0 && !o->charts_count)
        fprintf(stderr, "tva plot: %s has no data for any chart\n", o->run);
    return 0;
}

int cmd_plot(int argc, char **argv)
{
    struct options options = {.run = "results/latest/run.json"};
    struct places places;
    struct err err = {""};
    json_t *result;
    int status;

    if (options_known(&argp, argv[0], argc, argv, &err) < 0)
        return options_refuse(argv[0], &err);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    if (!options.formats[0] && !options.formats[1])
        options.formats[0] = options.formats[1] = true;
    result = result_read(options.run, &err);
    if (!result)
        goto fail;
    status = find_places(&options, &places, &err);
    if (status == 0)
        status = draw_all(result, &options, &places, &err);
    json_decref(result);
    if (status == 0)
        return EXIT_GOOD;
fail:
    fprintf(stderr, "tva plot: %s\n", err.text);
    return EXIT_FAILED;
}
