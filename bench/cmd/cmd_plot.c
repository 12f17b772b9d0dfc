/* tva plot: draw the charts of a result. */
#include "chart/chart.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "result/result.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CHARTS_MAX 32

struct options {
    struct options_file file;
    const char *dir; /* NULL for the folder of the result */
    const struct chart *charts[CHARTS_MAX];
    size_t charts_count; /* 0 for all */
    bool formats[CHART_FORMATS];
};

static int take_chart(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    const struct chart *chart = chart_find(text, err);

    (void)e;
    *(const struct chart **)to = chart;
    return chart != NULL ? 0 : -EINVAL;
}

static int take_format(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    bool *formats = to;

    (void)e;
    for (size_t i = 0; i < CHART_FORMATS; i++)
        if (strcmp(text, chart_formats[i]) == 0) {
            formats[i] = true;
            return 0;
        }
    return err_set(err, -EINVAL, "unknown format '%s'; there are svg, png and linear.svg", text);
}

static void write_charts(FILE *out)
{
    struct table *list = table_list();

    fputs("Charts:\n", out);
    for (size_t i = 0; i < charts_count; i++)
        table_entry(list, charts[i]->name, charts[i]->summary);
    options_write_list(list, out);
}

#define AT(member) OPTIONS_AT(struct options, member)

static const struct options_entry entries[] = {
    {.value = "RUN.json", .take = options_take_file, AT(file)},
    {"output", "DIR", "Write the pictures to this folder; default: that of the result",
     options_text, .letter = 'o', AT(dir)},
    {"only", "NAME[,NAME]", "Draw these charts; default all that the result has data for",
     take_chart, .letter = 'n', OPTIONS_LIST(struct options, charts), .split = true},
    {"format", "svg,png",
     "Draw in these formats; default both; linear.svg has linear axes of values, from 0",
     take_format, .letter = 'f', AT(formats), .split = true},
    {0},
};

static const struct options_example examples[] = {
    {"tva plot run.json -o charts", "every chart that the result has data for"},
    {"tva plot run.json --only latency --format svg", "one of them, beside the result"},
    {0},
};

static const struct options_help help = {
    .operands = "[RUN.json]",
    .text = "Draw the charts of a result; default " OUTPUT_LATEST_RUN ".\v",
    .write_lists = write_charts,
    .examples = examples,
};

/* Open the named folder, else that of the result. */
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

static int draw(const struct chart *chart, const json_t *result, const struct options *o,
                const struct chart_folder *folder, struct err *err)
{
    struct chart_data *data = chart_data_create(folder->data, chart->name, err);
    int status = data ? chart_write(chart, result, data, err) : -EIO;

    if (status == 0)
        status = chart_draw(data, folder,
                            memchr(o->formats, true, sizeof o->formats) ? o->formats : NULL, stdout,
                            err);
    chart_data_destroy(data);
    return status;
}

/* Draw the chosen charts. Skip a chart that the result has no data for; say so only when it was
 * named, since most results lack the data of some charts. */
static int draw_all(const json_t *result, const struct options *o,
                    const struct chart_folder *folder, struct err *err)
{
    size_t count = o->charts_count ? o->charts_count : charts_count, drawn = 0;

    for (size_t i = 0; i < count; i++) {
        const struct chart *chart = o->charts_count ? o->charts[i] : charts[i];
        int status = draw(chart, result, o, folder, err);

        if (status == -ENODATA) {
            if (o->charts_count)
                fprintf(stderr, "tva plot: no %s chart: %s\n", chart->name, err->text);
            err->text[0] = '\0';
            continue;
        }
        if (status < 0)
            return status;
        drawn++;
    }
    if (drawn == 0 && !o->charts_count)
        fprintf(stderr, "tva plot: %s has no data for any chart\n", o->file.path);
    return 0;
}

int cmd_plot(int argc, char **argv, struct err *err)
{
    struct options options = {
        .file = {.fallback = OUTPUT_LATEST_RUN, .remedy = "'tva run --profile quick' makes it"}};
    const struct options_part parts[] = {{entries, &options}, {0}};
    struct chart_folder folder;
    json_t *result;
    int status = options_parse(&help, parts, argc, argv, err);

    if (status == 0)
        status = options_read_result(&options.file, &result, err);
    if (status != 0)
        return status;
    status = open_folder(&options, &folder, err);
    if (status == 0)
        status = draw_all(result, &options, &folder, err);
    json_decref(result);
    return status == 0 ? EXIT_GOOD : EXIT_FAILED;
}
