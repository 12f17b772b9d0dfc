/* tva compare: what changed between results. */
#include "chart/chart_compare.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "compare/compare.h"
#include "report/report.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPARED_MAX 26 /* A to Z */
#define RESULTS_MAX  1000

struct options {
    struct compare_options compare;
    struct compare_report report;
    bool markdown;
    const char *charts;           /* folder; NULL for none */
    const struct metric *history; /* NULL: compare A with the others */
    const char *paths[RESULTS_MAX];
    size_t paths_count;
};

static int take_metric(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    const struct metric *metric = metric_find(text, compare_can, err);

    (void)e;
    *(const struct metric **)to = metric;
    return metric != NULL ? 0 : -EINVAL;
}

static void write_metrics(FILE *out)
{
    struct table *list = table_list();

    fputs("Metrics:\n", out);
    for (size_t i = 0; i < metrics_count; i++)
        if (compare_can(&metrics[i]))
            table_entry(list, metrics[i].name, metrics[i].title);
    options_write_list(list, out);
}

#define AT(member) OPTIONS_AT(struct options, member)

static const struct options_entry entries[] = {
    {.value = "RUN.json", .take = options_text, OPTIONS_LIST(struct options, paths)},
    {"metric", "NAME[,NAME]", "Compare these metrics; default all", take_metric,
     OPTIONS_LIST(struct options, compare.metrics), .split = true},
    {"effect", "SHARE", "The least change that counts, 0% to 100%; default 2%", options_share,
     AT(compare.effect)},
    {"relative", NULL,
     "Compare also how models stand to each other, which is always done for results of "
     "two machines",
     options_flag, AT(compare.relative)},
    {"all", NULL, "Show each cell in the table; default those that changed", options_flag,
     AT(report.all)},
    {"charts", "DIR",
     "Draw ratios and percentiles, or the history, to this folder; default no charts", options_text,
     AT(charts)},
    {"history", "NAME",
     "Follow this metric from result to result, by their dates, and show where it changed",
     take_metric, AT(history)},
    {"markdown", NULL, "Write Markdown", options_flag, AT(markdown)},
    {0},
};

static const struct options_example examples[] = {
    {"tva compare before.json after.json", "what changed, and what is not known"},
    {"tva compare before.json after.json --charts pictures", "draw it, too"},
    {"tva compare --history makespan stored/*.json", "one metric, from result to result"},
    {0},
};

static const struct options_help help = {
    .operands = "A.json B.json [C.json...]\n--history NAME RUN.json...",
    .text = "Show what changed from result A to each of the others: ratios with 95 % intervals. "
            "'compare' only reports; it exits with 0 whatever changed, and with 2 when there is "
            "nothing to compare. Use 'tva check' or 'tva pair' to fail a build.\v",
    .write_lists = write_metrics,
    .examples = examples,
};

static void release(json_t **results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_decref(results[i]);
}

/* Read them all, before anything is written. 0 or -EINVAL. */
static int read_all(const struct options *o, json_t **results, struct err *err)
{
    for (size_t i = 0; i < o->paths_count; i++) {
        results[i] = result_read(o->paths[i], err);
        if (results[i] == NULL) {
            release(results, i);
            return -EINVAL;
        }
    }
    return 0;
}

/* The first of the results, from the second on, that is the same session as this one; itself where
 * none is. */
static size_t first_like(json_t **results, size_t i)
{
    size_t k = 1;

    while (k < i && !json_equal(results[k], results[i]))
        k++;
    return k;
}

/* 0; -EINVAL or -ENOMEM where there is nothing to show; -EIO when charts failed. */
static int compare_all(struct options *o, json_t **results, struct err *err)
{
    struct compare comparisons[COMPARED_MAX] = {{.a = NULL}};
    int status = 0;

    o->report.a_path = o->paths[0];
    o->report.form = form_markdown(o->markdown);
    for (size_t i = 1; i < o->paths_count && status == 0; i++) {
        o->compare.label = (char)('A' + i);
        if (first_like(results, i) == i)
            status = compare_create(results[0], results[i], &o->compare, &comparisons[i], err);
    }
    for (size_t i = 1; i < o->paths_count && status == 0; i++) {
        o->report.b_path = o->paths[i];
        if (i > 1)
            fputc('\n', stdout);
        if (comparisons[i].a != NULL)
            status = compare_report_write(&comparisons[i], &o->report, stdout);
        else
            printf("%c is the same session as %c, and left out.\n", (char)('A' + i),
                   (char)('A' + first_like(results, i)));
    }
    for (size_t i = 1; i < o->paths_count && status == 0 && o->charts != NULL; i++)
        if (comparisons[i].a != NULL)
            status = chart_compare_draw(&comparisons[i], o->charts, err) < 0 ? -EIO : 0;
    if (status == 0 && o->charts != NULL)
        status = chart_compare_draw_sweeps(results, o->paths, o->paths_count, o->charts, err) < 0
                     ? -EIO
                     : 0;
    for (size_t i = 1; i < o->paths_count; i++)
        compare_destroy(&comparisons[i]);
    if (status == -ENOMEM)
        err_set(err, status, "out of memory");
    return status;
}

static int follow(const struct options *o, json_t **results, struct err *err)
{
    struct compare_history history;
    int status = compare_history_create(results, o->paths_count, o->history, o->compare.effect,
                                        &history, err);

    if (status == 0)
        compare_history_write(&history, stdout);
    if (status == 0 && o->charts != NULL)
        status = chart_compare_draw_history(&history, o->charts, err) < 0 ? -EIO : 0;
    compare_history_destroy(&history);
    return status;
}

static int carry_out(struct options *o, struct err *err)
{
    json_t *results[RESULTS_MAX];
    int status;

    if (o->history == NULL && o->paths_count > COMPARED_MAX)
        return err_set(err, -E2BIG, "at most %d results can be compared", COMPARED_MAX);
    if (o->history == NULL && o->paths_count < 2)
        return err_set(err, -EINVAL, "name two results or more, the reference first");
    status = read_all(o, results, err);
    if (status == 0) {
        status = o->history != NULL ? follow(o, results, err) : compare_all(o, results, err);
        release(results, o->paths_count);
    }
    return status == 0 ? report_flush(stdout, err) : status;
}

int cmd_compare(int argc, char **argv, struct err *err)
{
    struct options o = {.compare.effect = COMPARE_EFFECT};
    const struct options_part parts[] = {{entries, &o}, {0}};
    int status = options_parse(&help, parts, argc, argv, err);

    if (status != 0)
        return status;
    status = carry_out(&o, err);
    return status == 0 ? EXIT_GOOD : status == -EIO || status == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
}
