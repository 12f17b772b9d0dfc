/* tva compare: what changed between results. */
#include "base/units.h"
#include "chart/chart_comparison.h"
#include "cli/options_help.h"
#include "cmd.h"
#include "compare/compare.h"
#include "compare/compare_history.h"
#include "compare/compare_report.h"
#include "plan/options.h"
#include "report/report.h"
#include "result/result.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPARED_MAX 26 /* A to Z */
#define RESULTS_MAX  1000

enum {
    KEY_EFFECT = OPTIONS_KEY_FREE,
    KEY_RELATIVE,
    KEY_ALL,
    KEY_MARKDOWN,
    KEY_METRIC,
    KEY_CHARTS,
    KEY_HISTORY
};

struct options {
    struct compare_options compare;
    struct compare_report report;
    const char *charts;           /* folder; NULL for none */
    const struct metric *history; /* NULL: compare A with the others */
    const char *paths[RESULTS_MAX];
    size_t count;
    struct err *err;
};

static const struct argp_option argp_options[] = {
    {"metric", KEY_METRIC, "NAME[,NAME]", 0, "compare these metrics (default: all)", 0},
    {"effect", KEY_EFFECT, "SHARE", 0, "the least change that counts (default: 2%)", 0},
    {"relative", KEY_RELATIVE, NULL, 0,
     "compare also how models stand to each other, as is done for results of two machines", 0},
    {"all", KEY_ALL, NULL, 0, "have every cell in the table, not only those that changed", 0},
    {"charts", KEY_CHARTS, "DIR", 0, "draw ratios and percentiles, or the history, to this folder",
     0},
    {"history", KEY_HISTORY, "NAME", 0,
     "follow this metric from result to result, by their dates, and say where it changed", 0},
    {"markdown", KEY_MARKDOWN, NULL, 0, "write Markdown", 0},
    {0},
};

static error_t choose_metrics(struct options *o, char *names)
{
    char *rest;

    for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        const struct metric *metric = metric_find(name, compare_can, o->err);

        if (metric == NULL)
            return EINVAL;
        if (o->compare.metrics_count == COMPARE_CHOSEN_MAX) {
            err_set(o->err, -E2BIG, "at most %d metrics can be named", COMPARE_CHOSEN_MAX);
            return E2BIG;
        }
        o->compare.metrics[o->compare.metrics_count++] = metric;
    }
    return 0;
}

static error_t choose_effect(struct options *o, const char *text)
{
    if (units_parse_share(text, &o->compare.effect) == 0)
        return 0;
    err_set(o->err, -EINVAL, "--effect \"%s\" is not a share from 0 to 1, as in 2%% or 0.02", text);
    return EINVAL;
}

static error_t choose_history(struct options *o, const char *name)
{
    o->history = metric_find(name, compare_can, o->err);
    return o->history != NULL ? 0 : EINVAL;
}

static error_t add_result(struct options *o, const char *path)
{
    if (o->count == RESULTS_MAX) {
        err_set(o->err, -E2BIG, "at most %d results can be read", RESULTS_MAX);
        return E2BIG;
    }
    o->paths[o->count++] = path;
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_METRIC:
        return choose_metrics(o, arg);
    case KEY_EFFECT:
        return choose_effect(o, arg);
    case KEY_RELATIVE:
        o->compare.relative = true;
        return 0;
    case KEY_ALL:
        o->report.all = true;
        return 0;
    case KEY_MARKDOWN:
        o->report.markdown = true;
        return 0;
    case KEY_CHARTS:
        o->charts = arg;
        return 0;
    case KEY_HISTORY:
        return choose_history(o, arg);
    case ARGP_KEY_ARG:
        return add_result(o, arg);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void write_metrics(FILE *out)
{
    fputs("Metrics:\n", out);
    for (size_t i = 0; i < metrics_count; i++)
        if (compare_can(&metrics[i]))
            options_help_entry(out, 13, metrics[i].name, metrics[i].title);
}

static char *describe(int key, const char *text, void *input)
{
    (void)input;
    return options_help(key, text, write_metrics);
}

static const struct argp argp = {
    .options = argp_options,
    .parser = parse,
    .args_doc = "A.json B.json [C.json...]\n--history NAME RUN.json...",
    .doc = "Say what changed from result A to each of the others: ratios with 95% intervals. Not a "
           "gate: the exit status is 0 whatever has changed.\v",
    .help_filter = describe,
};

static void release(json_t **results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_decref(results[i]);
}

/* Read them all, before anything is written. 0 or -EINVAL. */
static int read_all(const struct options *o, json_t **results, struct err *err)
{
    for (size_t i = 0; i < o->count; i++) {
        results[i] = result_read(o->paths[i], err);
        if (results[i] == NULL) {
            release(results, i);
            return -EINVAL;
        }
    }
    return 0;
}

/* 0; -EINVAL or -ENOMEM where there is nothing to show; -EIO when charts failed. */
static int compare_all(struct options *o, json_t **results, struct err *err)
{
    struct compare comparisons[COMPARED_MAX] = {{.a = NULL}};
    int status = 0;

    o->report.a_path = o->paths[0];
    for (size_t i = 1; i < o->count && status == 0; i++) {
        o->compare.label = (char)('A' + i);
        status = compare_create(results[0], results[i], &o->compare, &comparisons[i], err);
    }
    for (size_t i = 1; i < o->count && status == 0; i++) {
        o->report.b_path = o->paths[i];
        if (i > 1)
            fputc('\n', stdout);
        compare_report_write(&comparisons[i], &o->report, stdout);
    }
    for (size_t i = 1; i < o->count && status == 0 && o->charts != NULL; i++)
        status = compare_charts_draw(&comparisons[i], o->charts, err) < 0 ? -EIO : 0;
    for (size_t i = 1; i < o->count; i++)
        compare_destroy(&comparisons[i]);
    return status;
}

static int follow(const struct options *o, json_t **results, struct err *err)
{
    struct compare_history history;
    int status =
        compare_history_create(results, o->count, o->history, o->compare.effect, &history, err);

    if (status == 0)
        compare_history_write(&history, stdout);
    if (status == 0 && o->charts != NULL)
        status = compare_charts_draw_history(&history, o->charts, err) < 0 ? -EIO : 0;
    compare_history_destroy(&history);
    return status;
}

static int carry_out(struct options *o, struct err *err)
{
    json_t **results;
    int status;

    if (o->history == NULL && o->count > COMPARED_MAX)
        return err_set(err, -E2BIG, "at most %d results can be compared", COMPARED_MAX);
    if (o->history == NULL && o->count < 2)
        return err_set(err, -EINVAL, "name two results or more, the reference first");
    results = calloc(o->count + 1, sizeof *results);
    if (results == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    status = read_all(o, results, err);
    if (status == 0) {
        status = o->history != NULL ? follow(o, results, err) : compare_all(o, results, err);
        release(results, o->count);
    }
    free(results);
    return status == 0 ? report_flush(stdout, err) : status;
}

int cmd_compare(int argc, char **argv)
{
    struct err err = {""};
    struct options o = {.compare.effect = 0.02, .err = &err};
    int status = options_parse(&argp, argc, argv, &o, &err);

    if (status != 0)
        return status;
    status = carry_out(&o, &err);
    if (status == 0)
        return EXIT_GOOD;
    fflush(stdout);
    options_refuse(argv[0], &err);
    return status == -EIO ? EXIT_FAILED : EXIT_USAGE;
}
