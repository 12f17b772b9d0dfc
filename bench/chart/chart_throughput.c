/* Throughput: jobs a second against the number of jobs at once, one panel for each job. */
#include "chart/chart.h"

#include "chart/chart_cells.h"
#include "chart/chart_curves.h"
#include "chart/chart_load.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANELS_MAX 4

/* A line needs this many counts to show a trend. */
#define COUNTS_LEAST 3

static struct metric_value throughput(const json_t *cell)
{
    return chart_value(metric_named("throughput"), cell);
}

static bool has_throughput(const json_t *cell)
{
    return chart_cell_valid(cell) && throughput(cell).median > 0;
}

static size_t count_invalid(const struct chart_group *groups, size_t count)
{
    size_t invalid = 0;

    for (size_t g = 0; g < count; g++)
        for (size_t c = 0; c < groups[g].count; c++)
            invalid += !chart_cell_valid(groups[g].cells[c]);
    return invalid;
}

/* Groups of one spec stand together: how many follow from `from` on. */
static size_t same_spec(const struct chart_group *groups, size_t count, size_t from)
{
    size_t n = 1;

    while (from + n < count && strcmp(groups[from + n].spec, groups[from].spec) == 0)
        n++;
    return n;
}

/* Drop specs with too few counts and what is beyond the last panel; returns how many groups are
 * left. */
static size_t keep_trends(struct chart_group *groups, size_t count)
{
    size_t kept = 0, panels = 0;

    for (size_t from = 0, n; from < count; from += n) {
        n = same_spec(groups, count, from);
        if (n < COUNTS_LEAST || panels == PANELS_MAX)
            continue;
        for (size_t i = 0; i < n; i++)
            groups[kept++] = groups[from + i];
        panels++;
    }
    return kept;
}

/* The cell of a group with that label; NULL when it has none. */
static const json_t *find_cell(const struct chart_group *group, const char *label)
{
    char own[CHART_LABEL_MAX];

    for (size_t c = 0; c < group->count; c++)
        if (strcmp(chart_cell_label(group->cells[c], own, sizeof own), label) == 0)
            return group->cells[c];
    return NULL;
}

static void put_measured(struct chart_curves *curves, const struct chart_group *groups, size_t n,
                         const char *label)
{
    const json_t *last = NULL;
    char text[METRIC_TEXT] = "";

    for (size_t g = 0; g < n; g++) {
        const json_t *cell = find_cell(&groups[g], label);
        struct metric_value v;

        if (!cell)
            continue;
        if (!last)
            chart_curves_line(curves, CHART_MEASURED, cell);
        last = cell;
        v = throughput(cell);
        chart_curves_point(curves, groups[g].jobs, v.median, v.low, v.high);
        metric_cell_text(metric_named("throughput"), cell, text, sizeof text);
    }
    if (last)
        chart_curves_end_line(curves, text);
}

static void put_ideal(struct chart_curves *curves, const struct chart_group *groups, size_t n,
                      const char *label)
{
    bool begun = false;

    for (size_t g = 0; g < n; g++) {
        const json_t *cell = find_cell(&groups[g], label);
        double ideal = cell ? result_number(cell, "summary.ideal_makespan_s") : 0;

        if (!(ideal > 0))
            continue;
        if (!begun)
            chart_curves_line(curves, CHART_IDEAL, cell);
        begun = true;
        chart_curves_point(curves, groups[g].jobs, groups[g].jobs / ideal, 0, 0);
    }
    if (begun)
        chart_curves_end_line(curves, "");
}

/* A line for each label that any of the groups has, in order of appearance. */
static void put_lines(struct chart_curves *curves, const struct chart_group *groups, size_t n,
                      void (*put)(struct chart_curves *, const struct chart_group *, size_t,
                                  const char *))
{
    char label[CHART_LABEL_MAX];

    for (size_t g = 0; g < n; g++) {
        for (size_t c = 0; c < groups[g].count; c++) {
            bool seen = false;

            chart_cell_label(groups[g].cells[c], label, sizeof label);
            for (size_t before = 0; before < g; before++)
                seen = seen || find_cell(&groups[before], label);
            if (!seen)
                put(curves, groups, n, label);
        }
    }
}

static int put_panels(struct chart_data *data, const struct chart_group *groups, size_t count)
{
    struct chart_curves *curves = chart_curves_create(data);
    char spec[CHART_TEXT_MAX];

    if (!curves)
        return -ENOMEM;
    for (size_t from = 0, n; from < count; from += n) {
        n = same_spec(groups, count, from);
        chart_curves_panel(curves, chart_spec_text(&groups[from], spec, sizeof spec), NULL);
        put_lines(curves, &groups[from], n, put_measured);
        put_lines(curves, &groups[from], n, put_ideal);
        chart_curves_end_panel(curves);
    }
    chart_curves_destroy(curves);
    return 0;
}

/* Of all batches the one with the highest throughput, beside the best of other models there or
 * before. */
static void put_title(const struct chart_group *groups, size_t count, char *buf, size_t size)
{
    const json_t *best = NULL, *second = NULL;
    const struct chart_group *where = groups;
    char work[CHART_LABEL_MAX * 2], rate[32], rest[160] = "";

    for (size_t g = 0; g < count; g++) {
        const json_t *cell = chart_best(&groups[g], metric_named("throughput"));

        if (cell && (!best || throughput(cell).median > throughput(best).median)) {
            best = cell;
            where = &groups[g];
        }
    }
    if (!best) {
        snprintf(buf, size, "Throughput by number of jobs at once");
        return;
    }
    for (size_t g = 0; g < count; g++)
        for (size_t c = 0; strcmp(groups[g].spec, where->spec) == 0 && c < groups[g].count; c++)
            if (chart_cell_valid(groups[g].cells[c]) &&
                strcmp(result_string(groups[g].cells[c], "model"), result_string(best, "model")) !=
                    0 &&
                (!second || throughput(groups[g].cells[c]).median > throughput(second).median))
                second = groups[g].cells[c];
    if (second)
        snprintf(rest, sizeof rest, "; next is %s with at most %s", result_string(second, "model"),
                 metric_cell_text(metric_named("throughput"), second, rate, sizeof rate));
    snprintf(buf, size, "%s reaches", result_string(best, "model"));
    snprintf(buf + strlen(buf), size - strlen(buf), " %s in %s%s",
             metric_cell_text(metric_named("throughput"), best, rate, sizeof rate),
             chart_group_title(where, work, sizeof work), rest);
}

static void put_headings(struct chart_data *data, const json_t *result,
                         const struct chart_group *groups, size_t count, size_t invalid)
{
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], runs[128], left_out[64] = "";

    if (invalid)
        snprintf(left_out, sizeof left_out, " Invalid cells are left out (%zu).", invalid);
    put_title(groups, count, title, sizeof title);
    snprintf(subtitle, sizeof subtitle,
             "Jobs finished a second against the jobs given at once, both log scale; %s; batch; "
             "higher is better. Dotted: the ideal.%s",
             chart_runs_text(groups, count, metric_named("throughput"), runs, sizeof runs),
             left_out);
    chart_headings(data, result, groups, count, title, subtitle);
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_group *groups;
    size_t count, invalid;
    int status = 0;

    if (chart_groups(result, &groups, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = chart_groups_filter(groups, count, chart_load_batch);
    count = keep_trends(groups, count);
    invalid = count_invalid(groups, count);
    count = chart_groups_filter(groups, count, has_throughput);
    count = keep_trends(groups, count); /* some may have lost counts with their invalid cells */
    if (count == 0)
        status = err_set(err, -ENODATA, "no job was measured in batches of %d sizes or more",
                         COUNTS_LEAST);
    else if (put_panels(data, groups, count) < 0)
        status = err_set(err, -ENOMEM, "out of memory");
    else
        put_headings(data, result, groups, count, invalid);
    free(groups);
    return status;
}

const struct chart chart_throughput = {
    .name = "throughput",
    .summary = "jobs a second against the number of jobs at once, beside the ideal",
    .script = "plots/throughput.gp",
    .extract = extract,
};
