/* Sweeps: the same sweep in several results, a line for each of them, a panel for each metric: what
 * a wire, a machine or a version changes along the axis. */
#include "chart/chart_compare.h"

#include "base/text.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one result has along the axis. */
struct side {
    const char *path;
    char name[CHART_LABEL_MAX]; /* its file's */
    struct chart_groups groups;
    const struct chart_series *line; /* of the model that all results have */
};

struct sides {
    struct chart_axis axis;
    size_t count;
    struct side of[CHART_SWEEPS_MAX];
};

/* "results/delay.json" is "delay". */
static void name_side(struct side *side)
{
    const char *slash = strrchr(side->path, '/'), *from = slash != NULL ? slash + 1 : side->path;
    const char *dot = strrchr(from, '.');

    snprintf(side->name, sizeof side->name, "%.*s",
             (int)(dot ? (size_t)(dot - from) : strlen(from)), from);
}

/* The result's line of that work and label; its longest one where `like` is NULL. */
static const struct chart_series *find_line(const struct side *side,
                                            const struct chart_series *like)
{
    const struct chart_series *found = NULL;

    for (size_t g = 0; g < side->groups.count; g++)
        for (size_t i = 0; i < side->groups.of[g].count; i++) {
            const struct chart_series *line = &side->groups.of[g].lines[i];

            if (like != NULL &&
                (strcmp(line->work, like->work) != 0 || strcmp(line->label, like->label) != 0))
                continue;
            if (found == NULL || line->count > found->count)
                found = line;
        }
    return found;
}

/* 0; -ENODATA when they do not all have one line in common; -ENOMEM. */
static int collect(struct sides *s, json_t *const *results)
{
    struct chart_choice choice = {.axis = s->axis.name, .has = "p50"};
    bool all = true;

    for (size_t i = 0; i < s->count; i++)
        if (chart_groups_init(&s->of[i].groups, results[i], &choice) < 0)
            return -ENOMEM;
    for (size_t i = 0; i < s->count; i++) {
        s->of[i].line = find_line(&s->of[i], i > 0 ? s->of[0].line : NULL);
        all = all && s->of[i].line != NULL && s->of[i].line->count > 1;
        name_side(&s->of[i]);
    }
    return all ? 0 : -ENODATA;
}

/* Has any side a value of it? */
static bool has(const struct sides *s, const struct metric *metric)
{
    for (size_t i = 0; i < s->count; i++)
        for (size_t p = 0; p < s->of[i].line->count; p++)
            if (chart_value(metric, s->of[i].line->points[p].cell).median > 0)
                return true;
    return false;
}

static bool put_panels(const struct sides *s, const json_t *first, struct chart_data *data)
{
    const struct metric *shown[] = {metric_named("p50"), chart_rarest(first),
                                    metric_named("throughput"), metric_named("retransmits")};
    char x_title[CHART_LABEL_MAX];
    const struct chart_curves_axes axes = {
        .x_name = s->axis.name, .x_title = x_title, .x_kind = s->axis.kind};
    struct chart_curves curves;

    snprintf(x_title, sizeof x_title, "%s, log scale", s->axis.name);
    chart_data_set_form(data, "curves");
    chart_curves_begin(&curves, data, &axes);
    for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
        if (!has(s, shown[k]) || (k == 1 && shown[1] == shown[0]))
            continue;
        chart_curves_panel(&curves, shown[k]->title, shown[k]->title);
        chart_data_text_at(data, "panel_y_kind", curves.panels, "%s", chart_kind(shown[k]));
        for (size_t i = 0; i < s->count; i++)
            chart_curves_series(&curves, s->of[i].line, shown[k],
                                (struct chart_curve){.name = s->of[i].name,
                                                     .pale = 0.7 * (double)i / (double)s->count,
                                                     .dash = i % 2 ? CHART_DASHED : CHART_SOLID});
    }
    return chart_curves_end(&curves);
}

/* At the first place that A was measured at. */
static void put_headings(const struct sides *s, const json_t *first, struct chart_data *data)
{
    const struct metric *m = metric_named("p50");
    const struct chart_series *line = s->of[0].line;
    char title[CHART_TEXT_MAX] = "", subtitle[CHART_TEXT_MAX], at[64], value[METRIC_TEXT];

    text_add(title, sizeof title, "At %s, latency p50 is ",
             chart_axis_text(&s->axis, line->points[0].x, at, sizeof at));
    for (size_t i = 0; i < s->count; i++)
        text_add(title, sizeof title, "%s%s in %s",
                 i == 0             ? ""
                 : i + 1 < s->count ? ", "
                                    : " and ",
                 metric_cell_text(m, s->of[i].line->points[0].cell, value, sizeof value),
                 s->of[i].name);
    snprintf(subtitle, sizeof subtitle,
             "%s under %s in %zu results; medians of runs with their intervals, axes log scale. "
             "Results were measured apart.",
             line->work, line->label, s->count);
    chart_headings(data, first, title, subtitle);
}

int chart_sweeps(json_t *const *results, const char *const *paths, size_t count,
                 struct chart_data *data, struct err *err)
{
    const json_t *axis = json_array_get(result_get(results[0], "sweep.axes"), 0);
    struct sides s = {.count = count < CHART_SWEEPS_MAX ? count : CHART_SWEEPS_MAX};
    int status;

    s.axis = chart_axis_of(results[0], result_string(axis, "name"));
    for (size_t i = 0; i < s.count; i++)
        s.of[i].path = paths[i];
    status = axis == NULL ? -ENODATA : collect(&s, results);
    if (status == 0 && !put_panels(&s, results[0], data))
        status = -ENODATA;
    if (status == 0)
        put_headings(&s, results[0], data);
    if (status == -ENODATA)
        err_set(err, status, "the results are not sweeps over one axis with a model in common");
    for (size_t i = 0; i < s.count; i++)
        chart_groups_deinit(&s.of[i].groups);
    return status;
}
